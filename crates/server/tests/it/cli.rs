//! The commands of the command line.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::hub::{Backend, Hub, PASSWORD, unique};

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_promotes_disables_enables_and_resets() {
    for backend in Backend::ALL {
        let Some(hub) = Hub::start(backend).await else { continue };
        let person = hub.sign_up("test@example.com").await;

        let made = hub.tool_prints(&["admin", "create", "second@example.com"]);
        let password = made.lines().find_map(|line| line.strip_prefix("password: ")).expect("a password");
        hub.log_in("second@example.com", password).await;

        hub.tool_prints(&["admin", "promote", "test@example.com"]);
        let admin = person.api.get("/api/users/me").await.expect(200);
        assert_eq!(admin["data"]["grants"], json!(["admin"]), "{admin}");

        hub.tool_prints(&["admin", "disable", "test@example.com"]);
        person.api.get("/api/users/me").await.expect(401);
        let body = json!({"email": "test@example.com", "password": PASSWORD});
        hub.api.post("/api/users/login", body).await.expect(403);
        hub.tool_prints(&["admin", "enable", "test@example.com"]);
        hub.log_in("test@example.com", PASSWORD).await;

        let mut command = hub.command(&["admin", "reset-password", "test@example.com", "--password-stdin"]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
        process.stdin.take().expect("piped").write_all(b"from standard input\n").expect("written");
        assert!(process.wait().expect("it ends").success());
        hub.log_in("test@example.com", "from standard input").await;

        for (arguments, wanted) in [
            (["admin", "promote", "nobody@example.com"], "nobody@example.com"),
            (["admin", "create", "second@example.com"], "already"),
            (["admin", "disable", "no email"], "no email"),
        ] {
            let refused = hub.tool(&arguments);
            let message = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(!refused.status.success() && message.contains(wanted), "{arguments:?}: {message}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_sees_that_a_store_isolates_and_leaves_nothing_behind() {
    for backend in Backend::ALL {
        let Some(hub) = Hub::start(backend).await else { continue };
        let report = hub.tool_prints(&["doctor"]);
        assert!(report.contains("isolates users") && report.contains("all is well"), "{report}");
        assert!(hub.tool_prints(&["reconcile", "--check"]).contains("0 differences"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_what_is_wrong() {
    let Some(hub) = Hub::start(Backend::SqliteMinio).await else { return };
    let output = hub.tool(&["doctor", "--set", "store.secret_key=not-the-secret"]);
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && report.contains("FAILED  store"), "{report}");
    let output = hub.tool(&["doctor", "--set", "store.endpoint=http://127.0.0.1:1"]);
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && report.contains("FAILED  store"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_which_key_it_is_and_whether_it_opens_every_secret() {
    let Some(hub) = Hub::start(Backend::PostgresMinio).await else { return };
    for email in ["first@example.com", "second@example.com"] {
        hub.sign_up(email).await;
    }
    let report = hub.tool_prints(&["doctor"]);
    let (_, rest) = report.split_once("(fingerprint ").expect("a fingerprint");
    let fingerprint = rest.split_once(") decrypts all 3 secrets").expect("all of them").0;
    assert!(fingerprint.len() == 16 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()), "{report}");

    // As a replica with another vault key would do.
    let sealed = "UPDATE users SET sealed_secret = decode(repeat('01', 60), 'hex') \
                  WHERE id = (SELECT max(id::text)::uuid FROM users)";
    hub.database.as_ref().expect("a database").execute(sealed).await;
    let output = hub.tool(&["doctor"]);
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && report.contains("FAILED  keys"), "{report}");
    assert!(
        report.contains("cannot decrypt 1 of 3 secrets, such as that of ") && report.contains("@example.com;"),
        "{report}"
    );

    let other = "5ec2e7c0ffee5ec2e7c0ffee5ec2e7c0ffee5ec2e7c0ffee5ec2e7c0ffee0123";
    let output = hub.tool(&["doctor", "--set", &format!("auth.vault_key={other}")]);
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(report.contains("is not the one that the records are encrypted with"), "{report}");
    assert!(report.contains("(fingerprint ") && !report.contains(fingerprint) && !report.contains(other), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reconcile_finds_and_repairs_manual_changes_of_the_store() {
    let Some(hub) = Hub::start(Backend::SqliteMinio).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("tampered");
    person.create_bucket(&bucket).await;
    let root = crate::s3::Key {
        access: storage_hub_port_contract::services::ROOT_USER.to_owned(),
        secret: storage_hub_port_contract::services::ROOT_PASSWORD.to_owned(),
        session_token: None,
    };
    let remove = || crate::s3::Request::new(reqwest::Method::DELETE, format!("/{bucket}?policy="));
    assert!(hub.s3.send(Some(&root), remove()).await.succeeded());
    let path = format!("/minio/admin/v3/set-user-status?accessKey={}&status=disabled", person.key.access);
    let disable = crate::s3::Request::new(reqwest::Method::PUT, path);
    assert!(hub.s3.send(Some(&root), disable).await.succeeded());

    let found = hub.tool(&["reconcile", "--check"]);
    let text = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(!found.status.success() && text.contains("2 differences"), "{text}");
    assert!(text.contains(&bucket) && text.contains(&person.key.access), "{text}");
    hub.tool_prints(&["reconcile"]);
    assert!(hub.tool_prints(&["reconcile", "--check"]).contains("0 differences"));
}

#[test]
fn every_command_has_a_help_text() {
    let binary = env!("CARGO_BIN_EXE_storage-hub");
    let help = |arguments: &[&str]| {
        let output = Command::new(binary).args(arguments).arg("--help").output().expect("it starts");
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let text = help(&[]);
    for command in ["serve", "migrate", "admin", "reconcile", "doctor", "config", "completions"] {
        assert!(text.contains(command), "{text}");
        assert!(help(&[command]).contains("Usage:"), "{command}");
    }
    for command in ["create", "promote", "disable", "enable", "reset-password"] {
        assert!(help(&["admin", command]).contains("Usage:"), "{command}");
    }
}

#[test]
fn migrate_tells_what_is_pending_and_then_that_nothing_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_storage-hub"));
        command.current_dir(folder.path()).args(arguments).output().expect("it starts")
    };
    assert!(!run(&["migrate", "--check"]).status.success());
    assert!(run(&["migrate"]).status.success());
    assert!(run(&["migrate", "--check"]).status.success());
}

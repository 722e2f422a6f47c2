//! No log line and no output of a command contains a secret, at any level.

use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};
use storage_hub_port_contract::services;

use crate::database::PASSWORD as DATABASE_PASSWORD;
use crate::hub::{ADMIN, ADMIN_PASSWORD, Backend, Hub, PASSWORD, unique};
use crate::proxy::{Mode, Proxy};
use crate::s3::{Key, Request};

const JWT_SECRET: &str = "a secret that tokens are signed with, of the log's test";
const VAULT_KEY: &str = "5ec2e7c0ffee5ec2e7c0ffee5ec2e7c0ffee5ec2e7c0ffee5ec2e7c0ffee0123";
const NEW_PASSWORD: &str = "the password after the first";
const WRONG_PASSWORD: &str = "a password that is nobody's";
const SENT_ASTRAY: &str = "a password in the wrong place";

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_that_a_run_used_is_in_its_logs() {
    for backend in Backend::ALL {
        let settings = [
            ("log.format", "json"),
            ("log.level", "info,storage_hub=trace"),
            ("auth.jwt_secret", JWT_SECRET),
            ("auth.vault_key", VAULT_KEY),
        ];
        let Some(mut hub) = Hub::start_with(backend, &settings).await else { continue };
        let mut secrets: Vec<String> = [
            JWT_SECRET,
            VAULT_KEY,
            ADMIN_PASSWORD,
            PASSWORD,
            NEW_PASSWORD,
            WRONG_PASSWORD,
            SENT_ASTRAY,
            DATABASE_PASSWORD,
            services::ROOT_PASSWORD,
        ]
        .map(str::to_owned)
        .to_vec();
        work(&hub, &mut secrets).await;
        suffer(&mut hub, &mut secrets).await;
        for command in [&["doctor"] as &[&str], &["config"], &["reconcile"], &["admin", "promote", ADMIN]] {
            let output = hub.tool(command);
            let told = [output.stdout, output.stderr].concat();
            tells_none(&String::from_utf8_lossy(&told), &secrets, &format!("{backend:?}: {command:?}"));
        }
        assert!(hub.stop());
        let logs = hub.logs();
        for line in logs.lines() {
            assert!(serde_json::from_str::<Value>(line).is_ok(), "no JSON: {line}");
        }
        assert!(logs.matches("request.id").count() > 10, "the log tells nothing: {logs}");
        assert!(backend.serves_s3() || logs.contains("\"WARN\""), "nothing went wrong: {logs}");
        tells_none(&logs, &secrets, &format!("{backend:?}: logs"));
    }
}

/// Tries every secret of the configuration in every source, with values that parsers like to quote.
#[test]
fn no_secret_of_the_configuration_is_printed() {
    let keys = ["database.url", "store.secret_key", "auth.jwt_secret", "auth.vault_key", "admin.password"];
    let looks =
        ["1234567890123456", "0x7e57ab1e7e57", "[5ecret5ecret]", "{a=5ecret}", "\"5ecret99\"", " 5ecret99 ", "5hort"];
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("storage-hub.toml");
    // Every command reads the configuration in the same way; this one also prints it.
    let config = |flags: &[String], variables: &[(String, String)]| {
        let mut process = Command::new(env!("CARGO_BIN_EXE_storage-hub"));
        process.current_dir(folder.path()).arg("config").args(flags).envs(variables.iter().cloned());
        let output = process.stdin(Stdio::null()).output().expect("it starts");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    for key in keys {
        for secret in looks {
            let tells_none = |output: &str, how: &str| {
                assert!(!output.contains(secret.trim()), "{key} by {how}: {output}");
                let word = secret.trim_matches(['"', '[', ']', ' ']);
                assert!(!output.contains(word), "{key} by {how}: {output}");
            };
            tells_none(&config(&[format!("--set={key}={secret}")], &[]), "a flag");
            tells_none(&config(&[format!("--set={key}x={secret}")], &[]), "a flag for an unknown key");
            tells_none(&config(&["--set".to_owned(), key.to_owned(), secret.to_owned()], &[]), "a broken flag");
            let name = format!("STORAGE_HUB_{}", key.to_uppercase().replace('.', "__"));
            tells_none(&config(&[], &[(name.clone(), secret.to_owned())]), "the environment");
            tells_none(&config(&[], &[(format!("{name}S"), secret.to_owned())]), "an unknown variable");
            tells_none(&config(&[], &[(name.replace("__", "_"), secret.to_owned())]), "a near variable");
            let quoted = secret.replace('"', "\\\"");
            for text in [
                format!("{key} = \"{quoted}\"\n"),
                format!("{key} = {secret}\n"),
                format!("{key}x = \"{quoted}\"\n"),
                format!("{key} = [\"{quoted}\"]\n"),
                format!("{key} = \"{quoted}\n"),
            ] {
                std::fs::write(&file, &text).expect("written");
                tells_none(&config(&[], &[]), &text);
            }
            std::fs::remove_file(&file).expect("removed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_what_was_configured_to_the_letter() {
    let Some(mut hub) = Hub::start_bare().await else { return };
    for (number, password) in
        ["1234567890123456", "\"quoted99\"", " outer blanks ", "[a, b, c]"].into_iter().enumerate()
    {
        hub.kill();
        hub.environment = vec![("STORAGE_HUB_ADMIN__PASSWORD", password.to_owned())];
        hub.set("auth.bcrypt_cost", "4");
        std::fs::remove_dir_all(hub.data()).expect("removed");
        hub.run();
        hub.log_in("admin@storage-hub.localhost", password).await;

        let file = hub.folder.path().join(format!("{number}.toml"));
        std::fs::write(&file, toml_string("admin.password", password)).expect("written");
        hub.kill();
        hub.environment.clear();
        std::fs::remove_dir_all(hub.data()).expect("removed");
        std::fs::rename(&file, hub.folder.path().join("storage-hub.toml")).expect("renamed");
        hub.run();
        hub.log_in("admin@storage-hub.localhost", password).await;
        std::fs::remove_file(hub.folder.path().join("storage-hub.toml")).expect("removed");
    }
}

fn toml_string(key: &str, value: &str) -> String {
    format!("{key} = '{value}'\n")
}

/// Requests of users, correct and incorrect.
async fn work(hub: &Hub, secrets: &mut Vec<String>) {
    let person = hub.sign_up("person@example.com").await;
    secrets.extend(person.api.token.clone());
    secrets.push(person.key.secret.clone());
    let bucket = unique("logged");
    person.create_bucket(&bucket).await;
    let log_in = |password: &str| json!({"email": "person@example.com", "password": password});
    hub.api.post("/api/users/login", log_in(WRONG_PASSWORD)).await.expect(401);
    hub.api.post("/api/users/signup", json!({"email": SENT_ASTRAY, "password": PASSWORD})).await.expect(400);
    hub.api.post("/api/users/login", json!({"password": [SENT_ASTRAY]})).await.expect(400);
    hub.api.post("/api/buckets", json!({"name": SENT_ASTRAY})).await.expect(401);
    hub.api.get(&format!("/api/buckets?password={}", SENT_ASTRAY.replace(' ', "%20"))).await.expect(401);
    let forged = format!("{}x", person.api.token.as_deref().expect("logged in"));
    hub.api.with_token(&forged).get("/api/users/me").await.expect(401);

    let put = Request::new(Method::PUT, format!("/{bucket}/key")).body("x");
    assert!(hub.s3.send(Some(&person.key), put).await.succeeded());
    let presigned = Request::new(Method::GET, format!("/{bucket}/key"));
    assert!(hub.s3.send_presigned(Some(&person.key), presigned).await.succeeded());
    let wrong = Key { secret: WRONG_PASSWORD.to_owned(), ..person.key.clone() };
    assert_eq!(hub.s3.send(Some(&wrong), Request::new(Method::GET, "/")).await.status, 403);
    let session = Key { session_token: Some(SENT_ASTRAY.to_owned()), ..person.key.clone() };
    assert!(!hub.s3.send(Some(&session), Request::new(Method::GET, "/")).await.succeeded());

    person.api.delete(&format!("/api/buckets/{bucket}")).await.expect(409);
    let rotated = person.api.post("/api/users/me/credentials/rotate", json!({})).await.expect(200);
    let key = Key::from_answer(&rotated);
    secrets.push(key.secret.clone());
    assert!(hub.s3.send(Some(&key), Request::new(Method::DELETE, format!("/{bucket}/key"))).await.succeeded());
    let change = json!({"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD});
    let changed = person.api.post("/api/users/me/password", change).await.expect(200);
    let token = changed["data"]["token"].as_str().expect("a token");
    secrets.push(token.to_owned());
    person.api.with_token(token).delete(&format!("/api/buckets/{bucket}")).await.expect(200);
}

/// Failures of database and store, whose complete error chains are logged.
async fn suffer(hub: &mut Hub, secrets: &mut Vec<String>) {
    let person = hub.log_in("person@example.com", NEW_PASSWORD).await;
    secrets.extend(person.api.token.clone());
    secrets.push(person.key.secret.clone());
    if let Some(database) = &hub.database {
        database.set_reachable(false).await;
        person.api.get("/api/buckets").await.expect(503);
        person.api.post("/api/buckets", json!({"name": unique("logged")})).await.expect(503);
        database.set_reachable(true).await;
    }
    if !hub.backend.serves_s3() {
        let proxy = Proxy::start(&services::minio().expect("it was there")).await;
        hub.kill();
        hub.set("store.endpoint", &proxy.url());
        hub.run();
        proxy.set(Mode::Refuse);
        let api = hub.api.with_token(person.api.token.as_deref().expect("logged in"));
        api.post("/api/users/me/credentials/rotate", json!({})).await.expect(503);
        let late = json!({"email": "late@example.com", "password": PASSWORD});
        hub.api.post("/api/users/signup", late.clone()).await.expect(503);
        proxy.set(Mode::Pass);
        hub.until("the store followed", || async {
            hub.api.post("/api/users/signup", late.clone()).await.status == 201
        })
        .await;
    } else if hub.backend == Backend::SqliteEmbedded {
        // It cannot start with a file in place of the folder of its objects.
        let objects = hub.data().join("objects");
        let aside = hub.data().join("aside");
        hub.kill();
        std::fs::rename(&objects, &aside).expect("moved");
        std::fs::write(&objects, "").expect("written");
        assert!(!hub.tool(&["serve"]).status.success());
        std::fs::remove_file(&objects).expect("removed");
        std::fs::rename(&aside, &objects).expect("moved back");
        hub.run();
    }
}

/// Checks that no secret occurs in the text: as it is, in Base64, or as encoded in a URL.
#[track_caller]
fn tells_none(text: &str, secrets: &[String], context: &str) {
    for secret in secrets {
        let encoded = STANDARD.encode(secret);
        let forms = [secret.clone(), encoded.trim_end_matches('=').to_owned(), secret.replace(' ', "%20")];
        for form in forms {
            let found = text.lines().find(|line| line.contains(&form));
            assert!(found.is_none(), "{context}: {secret:?} in {found:?}");
        }
    }
}

//! Start and stop of the server, and refused starts.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use reqwest::Method;
use tokio::io::AsyncWriteExt as _;

use crate::http::Api;
use crate::hub::{Backend, Hub, PASSWORD, is_private, unique};
use crate::s3::Request;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_the_admin_once_and_shows_its_password_once() {
    let Some(mut hub) = Hub::start_bare().await else { return };
    let shown = hub.banner.iter().find(|line| line.contains("Admin")).expect("an admin");
    let (front, password) = shown.split_once(" with password ").expect("a password");
    let email = front.rsplit(' ').next().expect("an email").to_owned();
    let password = password.to_owned();
    let admin = hub.log_in(&email, &password).await;
    assert_eq!(admin.api.get("/api/users/me").await.expect(200)["data"]["grants"], serde_json::json!(["admin"]));
    assert!(hub.stop());
    assert!(!hub.logs().contains(&password), "a password is in the logs");
    hub.run();
    assert!(!hub.banner.iter().any(|line| line.contains("Admin")), "{:?}", hub.banner);
    hub.log_in(&email, &password).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_a_stop_and_after_a_kill() {
    for backend in Backend::ALL {
        let Some(mut hub) = Hub::start(backend).await else { continue };
        let person = hub.sign_up("test@example.com").await;
        let bucket = unique("kept");
        person.create_bucket(&bucket).await;
        let put = hub.s3.send(Some(&person.key), Request::new(Method::PUT, format!("/{bucket}/key")).body("x")).await;
        assert!(put.succeeded());
        assert!(hub.stop(), "{}", hub.logs());
        hub.run();
        hub.kill();
        hub.run();
        assert!(!hub.banner.iter().any(|line| line.contains("Admin")), "{:?}", hub.banner);
        let person = hub.log_in("test@example.com", PASSWORD).await;
        let got = hub.s3.send(Some(&person.key), Request::new(Method::GET, format!("/{bucket}/key"))).await;
        assert_eq!(got.body, "x");
        assert!(hub.tool_prints(&["reconcile", "--check"]).contains("0 differences"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_another_vault_key_is_refused_and_nothing_is_lost() {
    let Some(mut hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    hub.sign_up("test@example.com").await;
    assert!(hub.stop());
    let file = hub.data().join("vault.key");
    assert!(is_private(&file));
    let key = fs::read(&file).expect("a key");

    fs::remove_file(&file).expect("removed");
    let refused = hub.tool(&["serve"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("vault.key"), "{message}");
    assert!(!file.exists(), "no other key is made");

    let other = "0123456789abcdef".repeat(4);
    let refused = hub.tool(&["serve", "--set", &format!("auth.vault_key={other}")]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("not the one"), "{message}");

    fs::write(&file, key).expect("restored");
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("private");
    hub.run();
    hub.log_in("test@example.com", PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_process_at_once() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let Some(mut hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
        let person = hub.sign_up("test@example.com").await;
        person.create_bucket("slow").await;
        let url = hub.s3.presigned_url(&person.key, Request::new(Method::PUT, "/slow/key"));
        let (_, target) = url.split_once("://").expect("a URL");
        let (host, path) = target.split_once('/').expect("a path");
        let mut upload = tokio::net::TcpStream::connect(host).await.expect("a connection");
        let head = format!("PUT /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 10000000\r\n\r\n");
        // More than what is held in memory for the index.
        let first = [head.as_bytes(), &[b'x'; 2_000_000]].concat();
        upload.write_all(&first).await.expect("sent");
        // The upload has reached the store when there is a file for it.
        let incoming = hub.data().join("objects/incoming");
        hub.until("the upload began", || async {
            fs::read_dir(&incoming).is_ok_and(|mut files| files.next().is_some())
        })
        .await;
        hub.signal(signal);
        hub.until("it stops", || async { hub.logs().contains("stopping: running requests are finished") }).await;
        assert!(hub.logs().contains("for at most 21 s; send the signal again"), "{}", hub.logs());
        assert!(!hub.has_ended(), "the upload was cut off by the first signal");
        hub.signal(signal);
        assert_eq!(hub.wait(), Some(code));
        hub.until("it says so", || async { hub.logs().contains("stopped at once") }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_are_told_localhost_instead_of_an_unspecified_address() {
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &[("s3.listen", "0.0.0.0:0")]).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let credentials = person.api.get("/api/users/me/credentials").await.expect(200);
    let endpoint = credentials["data"]["endpoint"].as_str().expect("a URL");
    assert!(endpoint.starts_with("http://localhost:") && endpoint == hub.s3.url, "{endpoint}");
    assert!(hub.logs().contains("s3.public_url is not set"), "{}", hub.logs());
    let report = hub.tool_prints(&["doctor"]);
    assert!(report.contains("warning configuration: s3.listen is 0.0.0.0:0 and s3.public_url is not set"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_reads_the_output_is_needed_to_serve() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let mut replica = hub.command(&["serve", "--set", "data_dir=other", "--set", "log.level=trace"]);
    let mut process = replica.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(process.stderr.take());
    let lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    let url = lines.map_while(Result::ok).find_map(|line| {
        line.strip_prefix("  API  ").and_then(|rest| rest.split_whitespace().next()).map(str::to_owned)
    });
    let api = Api { url: url.expect("an address"), client: crate::http::client(), token: None };
    let body = serde_json::json!({"email": "test@example.com", "password": PASSWORD});
    api.post("/api/users/signup", body).await.expect(201);
    process.kill().expect("killed");
    process.wait().expect("it ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_folder_is_refused() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let refused = hub.tool(&["serve"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("another process"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_named() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let taken = hub.api.url.trim_start_matches("http://").to_owned();
    let refused = hub.tool(&["serve", "--set", &format!("api.listen={taken}")]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains(&taken), "{message}");
}

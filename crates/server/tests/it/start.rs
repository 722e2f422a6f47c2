//! Starting, stopping, and what a start refuses.

use std::fs;

use reqwest::Method;

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

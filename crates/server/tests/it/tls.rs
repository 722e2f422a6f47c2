//! HTTPS on both endpoints, and certificates that change while the server runs.

use std::fs;
use std::path::Path;

use reqwest::{Certificate, Client};

use crate::http::client;
use crate::hub::{Backend, Hub};

/// A certificate for loopback, and its key.
struct Pair {
    certificate: String,
    key: String,
}

impl Pair {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
        Self { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
    }

    /// Replaces the server's files, each atomically.
    fn install(&self, folder: &Path) {
        for (name, text) in [("cert.pem", &self.certificate), ("key.pem", &self.key)] {
            replace(&folder.join(name), text);
        }
    }

    /// A client that trusts only this certificate.
    fn client(&self) -> Client {
        drop(client());
        let certificate = Certificate::from_pem(self.certificate.as_bytes()).expect("PEM");
        Client::builder().tls_certs_only([certificate]).build().expect("a client")
    }
}

fn replace(path: &Path, text: &str) {
    let aside = path.with_extension("new");
    fs::write(&aside, text).expect("written");
    fs::rename(aside, path).expect("renamed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_taken_without_a_restart_and_a_bad_one_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, new) = (Pair::new(), Pair::new());
    old.install(folder.path());
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name).display().to_string());
    let settings = [
        ("api.tls_cert_file", certificate.as_str()),
        ("api.tls_key_file", &key),
        ("s3.tls_cert_file", &certificate),
        ("s3.tls_key_file", &key),
    ];
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &settings).await else { return };
    let s3 = hub.banner.iter().find_map(|line| line.strip_prefix("  S3   ")).expect("an address").to_owned();
    assert!(hub.api.url.starts_with("https://") && s3.starts_with("https://"), "{} {s3}", hub.api.url);
    let health = format!("{}/health", hub.api.url);
    let plain = client().get(health.replace("https:", "http:")).send().await;
    assert!(!plain.is_ok_and(|answer| answer.status().is_success()), "HTTP is answered");

    let (early, late) = (old.client(), new.client());
    let asks =
        async |client: &Client, url: &str| client.get(url).send().await.map(|answer| answer.status().as_u16()).ok();
    assert_eq!(asks(&early, &health).await, Some(200));
    assert_eq!(asks(&early, &s3).await, Some(403));
    assert_eq!(asks(&late, &health).await, None);

    new.install(folder.path());
    let (health, s3) = (&health, &s3);
    hub.until("the new certificate is served", || async {
        asks(&new.client(), health).await == Some(200) && asks(&new.client(), s3).await == Some(403)
    })
    .await;
    // Open connections continue with the old certificate, which new ones no longer get.
    assert_eq!(asks(&early, health).await, Some(200));
    assert_eq!(asks(&early, s3).await, Some(403));
    assert_eq!(asks(&old.client(), health).await, None);

    replace(Path::new(&certificate), "no certificate at all");
    hub.until("the bad one is noticed", || async { hub.logs().contains("the previous one stays in use") }).await;
    assert_eq!(asks(&new.client(), health).await, Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_key_of_another_certificate_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(mut hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    assert!(hub.stop());
    Pair { certificate: Pair::new().certificate, ..Pair::new() }.install(folder.path());
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folder.path().join(name).display().to_string());
    let (certificate, key) = (format!("api.tls_cert_file={certificate}"), format!("api.tls_key_file={key}"));
    let refused = hub.tool(&["serve", "--set", &certificate, "--set", &key]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("api.tls_cert_file"), "{message}");
}

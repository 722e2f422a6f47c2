//! What is answered at the endpoint besides S3, and the headers that protect browsers.

use std::sync::Arc;

use storage_hub_adapter_s3::S3Options;

use crate::hub::Hub;

#[tokio::test]
async fn a_browser_is_shown_a_page_with_a_link_to_the_hub() {
    let options = S3Options { hub_url: Some("https://hub.example.com/?a=1&b".to_owned()), ..S3Options::default() };
    let hub = Hub::start_with(options).await;
    let html = [("accept", "text/html,application/xhtml+xml")];
    let page = hub.anonymous().send_plain("GET", "/", &html, b"").await.assert_ok();
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.text().contains("href=\"https://hub.example.com/?a=1&amp;b\""), "{}", page.text());
    // Everything else is S3.
    hub.anonymous().get("/").await.assert_error(403, "AccessDenied");
    hub.client("owner").send("GET", "/", &html, b"").await.assert_ok().all("Name");
    hub.anonymous().send_plain("GET", "/photos", &html, b"").await.assert_error(403, "AccessDenied");
}

#[tokio::test]
async fn the_health_checks_of_minio_are_answered() {
    let options = S3Options { ready: Some(Arc::new(|| Box::pin(async { false }))), ..S3Options::default() };
    let (healthy, unready) = (Hub::start().await, Hub::start_with(options).await);
    for path in ["live", "ready", "cluster"] {
        let path = format!("/minio/health/{path}");
        assert_eq!(healthy.anonymous().get(&path).await.status, 200, "{path}");
        let expected = if path.ends_with("live") { 200 } else { 503 };
        assert_eq!(unready.anonymous().get(&path).await.status, expected, "{path}");
    }
    let options = S3Options { writable: Some(Arc::new(|| Box::pin(async { false }))), ..S3Options::default() };
    let full = Hub::start_with(options).await;
    for (path, expected) in [("live", 200), ("ready", 200), ("cluster/read", 200), ("cluster", 503)] {
        assert_eq!(full.anonymous().get(&format!("/minio/health/{path}")).await.status, expected, "{path}");
    }
    healthy.anonymous().get("/minio/admin/v3/info").await.assert_error(403, "AccessDenied");
}

#[tokio::test]
async fn a_stored_page_runs_no_scripts() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.send("PUT", "/photos/page", &[("content-type", "text/html")], b"<script>").await.assert_ok();
    owner.send("PUT", "/photos/file", &[("content-type", "application/pdf")], b"%PDF").await.assert_ok();
    for method in ["GET", "HEAD"] {
        let page = owner.send(method, "/photos/page", &[], b"").await.assert_ok();
        assert_eq!(page.header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        let pdf = owner.send(method, "/photos/file", &[], b"").await.assert_ok();
        assert_eq!((pdf.header("content-security-policy"), pdf.header("x-content-type-options")), ("", "nosniff"));
        let shown = owner.send(method, "/photos/file?response-content-type=text%2Fhtml", &[], b"").await.assert_ok();
        assert_eq!(shown.header("content-security-policy"), "sandbox; default-src 'none'");
    }
}

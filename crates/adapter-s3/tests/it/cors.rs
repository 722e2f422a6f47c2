//! What web pages of other origins may do.

use storage_hub_adapter_s3::S3Options;

use crate::client::Reply;
use crate::hub::Hub;

const RULES: &str = "<CORSConfiguration>\
    <CORSRule><AllowedOrigin>https://*.example.com</AllowedOrigin><AllowedMethod>GET</AllowedMethod>\
    <AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>\
    <MaxAgeSeconds>60</MaxAgeSeconds></CORSRule></CORSConfiguration>";

async fn preflight(hub: &Hub, target: &str, origin: &str, method: &str, headers: &str) -> Reply {
    let mut sent = vec![("origin", origin), ("access-control-request-method", method)];
    if !headers.is_empty() {
        sent.push(("access-control-request-headers", headers));
    }
    hub.anonymous().send_plain("OPTIONS", target, &sent, b"").await
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_rules_of_the_bucket() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let origin = "https://app.example.com";
    preflight(&hub, "/photos/key", origin, "PUT", "").await.assert_error(403, "AccessForbidden");
    owner.put("/photos?cors=", RULES.as_bytes()).await.assert_ok();
    assert_eq!(owner.get("/photos?cors=").await.assert_ok().all("AllowedOrigin"), ["https://*.example.com"]);
    let allowed = preflight(&hub, "/photos/key", origin, "PUT", "X-Amz-Meta-A").await.assert_ok();
    assert_eq!(allowed.header("access-control-allow-origin"), origin);
    assert_eq!(allowed.header("access-control-allow-methods"), "GET, PUT");
    assert_eq!(allowed.header("access-control-allow-headers"), "x-amz-meta-a");
    assert_eq!(allowed.header("access-control-max-age"), "60");
    for (target, origin, method, headers) in [
        ("/photos/key", "https://example.org", "PUT", ""),
        ("/photos/key", origin, "DELETE", ""),
        ("/photos/key", origin, "PUT", "authorization"),
        ("/other/key", origin, "PUT", ""),
        ("/missing/key", origin, "PUT", ""),
        ("/", origin, "GET", ""),
    ] {
        preflight(&hub, target, origin, method, headers).await.assert_error(403, "AccessForbidden");
    }
    hub.anonymous().send_plain("OPTIONS", "/photos/key", &[], b"").await.assert_error(400, "InvalidRequest");
    assert_eq!(owner.delete("/photos?cors=").await.status, 204);
    preflight(&hub, "/photos/key", origin, "PUT", "").await.assert_error(403, "AccessForbidden");
}

#[tokio::test]
async fn an_answer_names_the_origin_that_may_read_it() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos?cors=", RULES.as_bytes()).await.assert_ok();
    owner.put("/photos/key", b"body").await.assert_ok();
    let origin = ("origin", "https://app.example.com");
    let got = owner.send("GET", "/photos/key", &[origin], b"").await.assert_ok();
    assert_eq!(got.header("access-control-allow-origin"), origin.1);
    assert_eq!(got.header("access-control-expose-headers"), "ETag");
    assert!(got.header("vary").contains("Origin"));
    // A page must be able to read why it was refused.
    let missing = owner.send("GET", "/photos/missing", &[origin], b"").await;
    assert_eq!((missing.status.as_u16(), missing.header("access-control-allow-origin")), (404, origin.1));
    let other = owner.send("GET", "/photos/key", &[("origin", "https://example.org")], b"").await.assert_ok();
    assert_eq!(other.header("access-control-allow-origin"), "");
    assert!(other.header("vary").contains("Origin"));
    assert_eq!(owner.get("/photos/key").await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn the_console_may_use_every_bucket() {
    let console = "https://hub.example.com";
    let options = S3Options { console_origins: vec![console.to_owned()], ..S3Options::default() };
    let hub = Hub::start_with(options).await;
    let allowed = preflight(&hub, "/photos/key", console, "PUT", "content-type, x-amz-meta-a").await.assert_ok();
    assert_eq!(allowed.header("access-control-allow-origin"), console);
    assert_eq!(allowed.header("access-control-allow-headers"), "content-type, x-amz-meta-a");
    let got = hub.client("owner").send("GET", "/photos", &[("origin", console)], b"").await.assert_ok();
    assert_eq!(got.header("access-control-allow-origin"), console);
    preflight(&hub, "/photos/key", "https://hub.example.com.evil.example", "PUT", "").await;
}

#[tokio::test]
async fn rules_are_for_those_who_manage_the_bucket() {
    let hub = Hub::start().await;
    for user in ["writer", "reader", "stranger"] {
        hub.client(user).put("/photos?cors=", RULES.as_bytes()).await.assert_error(403, "AccessDenied");
        hub.client(user).get("/photos?cors=").await.assert_error(403, "AccessDenied");
        hub.client(user).delete("/photos?cors=").await.assert_error(403, "AccessDenied");
    }
    let owner = hub.client("owner");
    let broken = RULES.replace("GET", "PATCH");
    assert_eq!(owner.put("/photos?cors=", broken.as_bytes()).await.status, 400);
    owner.put("/photos?cors=", b"<CORSConfiguration/>").await.assert_error(400, "MalformedXML");
}

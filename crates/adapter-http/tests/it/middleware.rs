//! What is around every response: ids, headers, methods, other origins, S3 clients.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

use crate::harness::{Hub, Parts};

#[actix_web::test]
async fn every_response_has_a_request_id_and_a_sane_one_is_kept() {
    let hub = Hub::new().await;
    let health = || TestRequest::get().uri("/health");
    let ids = [hub.send(health()).await, hub.send(health()).await];
    let [one, two] = ids.each_ref().map(|reply| reply.header("x-request-id").unwrap());
    assert_eq!((one.len(), two.len()), (32, 32));
    assert_ne!(one, two);

    let reply = hub.send(TestRequest::get().uri("/nothing").insert_header(("X-Request-Id", "proxy-1.a_B"))).await;
    assert_eq!(reply.header("x-request-id"), Some("proxy-1.a_B"));
    for id in ["", "a b", "a\"b", "ä", &"a".repeat(65)] {
        let reply = hub.send(health().insert_header(("X-Request-Id", id.as_bytes()))).await;
        assert_eq!(reply.header("x-request-id").unwrap().len(), 32, "{id}");
    }
}

#[actix_web::test]
async fn every_response_has_hardening_headers() {
    let hub = Hub::new().await;
    for path in ["/health", "/nothing", "/api/buckets"] {
        let reply = hub.send(TestRequest::get().uri(path)).await;
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("x-frame-options"), Some("DENY"));
        assert_eq!(reply.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let policy = "default-src 'none'; frame-ancestors 'none'";
        assert_eq!(reply.header("content-security-policy"), Some(policy));
    }
}

#[actix_web::test]
async fn an_unknown_path_is_404_and_an_unsupported_method_405_with_allow() {
    let hub = Hub::new().await;
    for path in ["/nothing", "/api", "/api/buckets//", "/api/buckets//policy", "/api/users", "/openapi.yaml", "/%ff"] {
        let reply = hub.send(TestRequest::get().uri(path)).await;
        reply.assert_error(404, "Not found", "No endpoint has this path; GET / lists them all");
    }
    let table = [
        ("/", "GET, HEAD, OPTIONS"),
        ("/health", "GET, HEAD, OPTIONS"),
        ("/ready", "GET, HEAD, OPTIONS"),
        ("/openapi.json", "GET, HEAD, OPTIONS"),
        ("/api/users/signup", "POST, OPTIONS"),
        ("/api/users/login", "POST, OPTIONS"),
        ("/api/users/me", "GET, HEAD, OPTIONS"),
        ("/api/users/me/credentials", "GET, HEAD, OPTIONS"),
        ("/api/users/me/credentials/rotate", "POST, OPTIONS"),
        ("/api/users/me/password", "POST, OPTIONS"),
        ("/api/buckets", "GET, HEAD, POST, DELETE, OPTIONS"),
        ("/api/buckets/my-bucket", "GET, HEAD, DELETE, OPTIONS"),
        ("/api/buckets/my-bucket/policy", "GET, HEAD, OPTIONS"),
    ];
    for (path, allowed) in table {
        for method in [Method::PUT, Method::PATCH, Method::TRACE] {
            let reply = hub.send(TestRequest::with_uri(path).method(method)).await;
            reply.assert_error(405, "Method not allowed", &format!("Allowed methods: {allowed}"));
            assert_eq!(reply.header("allow"), Some(allowed));
        }
        let options = hub.send(TestRequest::with_uri(path).method(Method::OPTIONS)).await;
        assert_eq!((options.status.as_u16(), options.header("allow"), options.body.len()), (204, Some(allowed), 0));
        let head = hub.send(TestRequest::with_uri(path).method(Method::HEAD)).await;
        assert_eq!(head.status == 405, !allowed.contains("HEAD"), "{path}");
    }
}

fn preflight(origin: &str) -> TestRequest {
    TestRequest::with_uri("/api/buckets")
        .method(Method::OPTIONS)
        .insert_header(("Origin", origin.to_owned()))
        .insert_header(("Access-Control-Request-Method", "DELETE"))
        .insert_header(("Access-Control-Request-Headers", "authorization,content-type"))
}

#[actix_web::test]
async fn other_origins_are_allowed_only_if_they_are_configured() {
    let hub = Hub::new().await;
    let reply = hub.send(TestRequest::get().uri("/health").insert_header(("Origin", "https://app.example.com"))).await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
    let reply = hub.send(preflight("https://app.example.com")).await;
    assert_eq!((reply.status.as_u16(), reply.header("access-control-allow-origin")), (204, None));
    assert_eq!(reply.header("allow"), Some("GET, HEAD, POST, DELETE, OPTIONS"));

    let mut parts = Parts::new();
    parts.options.allowed_origins = vec!["https://app.example.com".to_owned()];
    let hub = parts.serve().await;
    let reply = hub.send(preflight("https://app.example.com")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example.com"));
    let methods = reply.header("access-control-allow-methods").unwrap();
    assert!(["GET", "HEAD", "POST", "DELETE"].iter().all(|method| methods.contains(method)), "{methods}");
    assert_eq!(reply.header("access-control-allow-credentials"), None);
    let reply = hub.send(preflight("https://evil.example.com")).await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
    let request = TestRequest::get().uri("/health").insert_header(("Origin", "https://app.example.com"));
    let reply = hub.send(request).await;
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example.com"));

    let mut parts = Parts::new();
    parts.options.allowed_origins = vec!["*".to_owned()];
    let reply = parts.serve().await.send(preflight("https://any.example.com")).await;
    assert!(reply.header("access-control-allow-origin").is_some());
}

#[actix_web::test]
async fn refusals_of_cors_have_the_body_of_every_error() {
    let mut parts = Parts::new();
    parts.options.allowed_origins = vec!["https://app.example.com".to_owned()];
    let hub = parts.serve().await;
    let method = |name: &'static str| ("Access-Control-Request-Method", name);
    let headers = ("Access-Control-Request-Headers", "x-made-up");
    let allowed = "https://app.example.com";
    for request in [
        preflight("https://evil.example.com"),
        preflight(allowed).insert_header(method("BREW")),
        preflight(allowed).insert_header(headers),
    ] {
        let reply = hub.send(request).await;
        assert_eq!(reply.status, 400);
        let body = reply.json();
        assert_eq!((&body["success"], &body["error"]), (&json!(false), &json!("Cross-origin request refused")));
        assert!(body["message"].as_str().unwrap().contains("allowed"), "{body}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.header("access-control-allow-origin"), None);
        assert!(reply.header("x-request-id").is_some() && reply.header("cache-control").is_some());
    }
    assert_eq!(hub.send(preflight(allowed)).await.status, 200);
}

#[actix_web::test]
async fn a_trailing_slash_makes_no_difference() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    hub.create_bucket(&token, "my-bucket").await;
    for path in
        ["/api/buckets/", "/api/buckets/my-bucket/", "/api/buckets/my-bucket/policy/", "/api/users/me/", "/health/"]
    {
        assert_eq!(hub.get(path, &token).await.status, 200, "{path}");
    }
    assert_eq!(hub.get("/api/buckets/your-bucket/", &token).await.error().1, "Bucket not found");
    assert_eq!(hub.delete("/api/buckets/my-bucket/", &token).await.status, 200);
}

#[actix_web::test]
async fn an_s3_client_at_this_port_is_told_where_the_s3_endpoint_is() {
    let hub = Hub::new().await;
    let signed = ("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request");
    let requests = [
        TestRequest::get().uri("/").insert_header(signed),
        TestRequest::put().uri("/my-bucket/key").insert_header(signed),
        TestRequest::get().uri("/api/buckets").insert_header(signed),
        TestRequest::get().uri("/").insert_header(("Authorization", "AWS key:signature")),
        TestRequest::get().uri("/my-bucket").insert_header(("x-amz-content-sha256", "UNSIGNED-PAYLOAD")),
        TestRequest::get().uri("/my-bucket/key?X-Amz-Algorithm=a&X-Amz-Signature=b"),
        TestRequest::get().uri("/my-bucket/key?AWSAccessKeyId=a&Signature=b"),
    ];
    for request in requests {
        let reply = hub.send(request).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-type")), (400, Some("text/xml")));
        let body = String::from_utf8(reply.body.clone()).unwrap();
        assert!(body.contains("<Code>InvalidRequest</Code>") && body.contains("http://s3.test:9000"), "{body}");
        assert!(reply.header("x-request-id").is_some());
    }
    let token = hub.user("a@example.com").await;
    let traced = TestRequest::get().uri("/api/users/me").insert_header(crate::harness::bearer(&token));
    assert_eq!(hub.send(traced.insert_header(("x-amz-cf-id", "a proxy's"))).await.status, 200);
    assert_eq!(hub.send(TestRequest::get().uri("/my-bucket")).await.error().0, 404);
}

#[actix_web::test]
async fn a_browser_is_led_from_the_index_to_the_documentation() {
    let hub = Hub::new().await;
    let index = |accept: &'static str| TestRequest::get().uri("/").insert_header(("Accept", accept));
    let reply = hub.send(index("text/html,application/xhtml+xml,*/*;q=0.8")).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (302, Some("/docs/")));
    for accept in ["*/*", "application/json", "text/plain"] {
        let reply = hub.send(index(accept)).await;
        assert_eq!((reply.status.as_u16(), &reply.json()["docs"]), (200, &json!("/docs/")), "{accept}");
    }
    let mut parts = Parts::new();
    parts.options.docs = false;
    let reply = parts.serve().await.send(index("text/html")).await;
    assert_eq!((reply.status.as_u16(), reply.json().get("docs")), (200, None));
}

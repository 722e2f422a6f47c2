//! What is around every answer: ids, headers, other origins, the log.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

use crate::harness::{Hub, Parts};

#[actix_web::test]
async fn every_answer_has_an_id_and_a_sane_one_is_kept() {
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
async fn every_answer_is_hardened() {
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
async fn an_unknown_path_is_404_and_an_unknown_method_405_with_those_there_are() {
    let hub = Hub::new().await;
    for path in ["/nothing", "/api", "/api/buckets/", "/api/buckets//policy", "/api/users", "/openapi.yaml", "/%ff"] {
        let reply = hub.send(TestRequest::get().uri(path)).await;
        reply.assert_error(404, "Not found", "Nothing is at this path; GET / lists what is");
    }
    let table = [
        ("/", "GET, HEAD"),
        ("/health", "GET, HEAD"),
        ("/ready", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
        ("/api/users/signup", "POST"),
        ("/api/users/login", "POST"),
        ("/api/users/me", "GET, HEAD"),
        ("/api/users/me/credentials", "GET, HEAD"),
        ("/api/users/me/credentials/rotate", "POST"),
        ("/api/users/me/password", "POST"),
        ("/api/buckets", "GET, HEAD, POST, DELETE"),
        ("/api/buckets/my-bucket", "GET, HEAD, DELETE"),
        ("/api/buckets/my-bucket/policy", "GET, HEAD"),
    ];
    for (path, allowed) in table {
        for method in [Method::PUT, Method::PATCH, Method::OPTIONS, Method::TRACE] {
            let reply = hub.send(TestRequest::with_uri(path).method(method)).await;
            reply.assert_error(405, "Method not allowed", &format!("This path has {allowed}"));
            assert_eq!(reply.header("allow"), Some(allowed));
        }
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
async fn no_other_origin_is_allowed_unless_it_is_named() {
    let hub = Hub::new().await;
    let reply = hub.send(TestRequest::get().uri("/health").insert_header(("Origin", "https://app.example.com"))).await;
    assert_eq!(reply.header("access-control-allow-origin"), None);
    assert_eq!(hub.send(preflight("https://app.example.com")).await.status, 405);

    let mut parts = Parts::new();
    parts.options.allowed_origins = vec!["https://app.example.com".to_owned()];
    let hub = parts.serve().await;
    let reply = hub.send(preflight("https://app.example.com")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert!(reply.header("access-control-allow-methods").unwrap().contains("DELETE"));
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
async fn what_is_refused_across_origins_is_answered_as_every_refusal_is() {
    let mut parts = Parts::new();
    parts.options.allowed_origins = vec!["https://app.example.com".to_owned()];
    let hub = parts.serve().await;
    let method = |name: &'static str| ("Access-Control-Request-Method", name);
    let headers = ("Access-Control-Request-Headers", "x-made-up");
    let allowed = "https://app.example.com";
    for request in [
        preflight("https://evil.example.com"),
        preflight(allowed).insert_header(method("PATCH")),
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

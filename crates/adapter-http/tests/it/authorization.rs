//! The authorization matrix: every endpoint × every kind of caller, as a golden file.

use std::fmt::Write as _;

use actix_web::test::TestRequest;
use serde_json::json;

use crate::harness::{Hub, PASSWORD, Reply, bearer};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/authorization.txt");
const CALLERS: [&str; 5] = ["owner", "stranger", "admin", "disabled", "anonymous"];

type Request = fn() -> TestRequest;

const ENDPOINTS: [(&str, Request); 17] = [
    ("index", || TestRequest::get().uri("/")),
    ("health", || TestRequest::get().uri("/health")),
    ("ready", || TestRequest::get().uri("/ready")),
    ("get_settings", || TestRequest::get().uri("/api/settings")),
    ("sign_up", || {
        TestRequest::post().uri("/api/users/signup").set_json(json!({"email": "new@example.com", "password": PASSWORD}))
    }),
    ("log_in", || {
        TestRequest::post()
            .uri("/api/users/login")
            .set_json(json!({"email": "owner@example.com", "password": PASSWORD}))
    }),
    ("get_me", || TestRequest::get().uri("/api/users/me")),
    ("get_credentials", || TestRequest::get().uri("/api/users/me/credentials")),
    ("rotate_credentials", || TestRequest::post().uri("/api/users/me/credentials/rotate")),
    ("change_password", || {
        let body = json!({"currentPassword": PASSWORD, "newPassword": "another password"});
        TestRequest::post().uri("/api/users/me/password").set_json(body)
    }),
    ("list_buckets", || TestRequest::get().uri("/api/buckets")),
    ("create_bucket", || TestRequest::post().uri("/api/buckets").set_json(json!({"name": "new-bucket"}))),
    ("delete_bucket", || TestRequest::delete().uri("/api/buckets").set_json(json!({"name": "my-bucket"}))),
    ("delete_bucket_by_path", || TestRequest::delete().uri("/api/buckets/my-bucket")),
    ("delete_versions", || {
        let body = json!({"objects": [{"key": "key", "versionId": "null"}]});
        TestRequest::post().uri("/api/buckets/my-bucket/versions/delete").set_json(body)
    }),
    ("get_bucket", || TestRequest::get().uri("/api/buckets/my-bucket")),
    ("get_bucket_policy", || TestRequest::get().uri("/api/buckets/my-bucket/policy")),
];

async fn send(caller: &str, request: TestRequest) -> Reply {
    let hub = Hub::new().await;
    let owner = hub.user("owner@example.com").await;
    assert_eq!(hub.create_bucket(&owner, "my-bucket").await.status, 201);
    let token = match caller {
        "owner" => owner,
        "stranger" => hub.user("stranger@example.com").await,
        "admin" => hub.admin("admin@example.com").await,
        "disabled" => {
            let token = hub.user("disabled@example.com").await;
            hub.disable("disabled@example.com").await;
            token
        }
        _ => return hub.send(request).await,
    };
    hub.send(request.insert_header(bearer(&token))).await
}

#[actix_web::test]
async fn the_authorization_matrix_is_that_of_the_golden_file() {
    let mut found = format!("{:<22}", "");
    for caller in CALLERS {
        let _ = write!(found, "{caller:<28}");
    }
    for (endpoint, request) in ENDPOINTS {
        let _ = write!(found, "\n{endpoint:<22}");
        for caller in CALLERS {
            let reply = send(caller, request()).await;
            let error = reply.json()["error"].as_str().unwrap_or_default().to_owned();
            let cell = format!("{} {error}", reply.status.as_u16());
            let _ = write!(found, "{cell:<28}");
        }
    }
    let found: String = found.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(GOLDEN).unwrap(), "UPDATE_GOLDEN=1 writes the file");
}

#[actix_web::test]
async fn the_authorization_matrix_has_every_operation() {
    let document = serde_json::to_value(storage_hub_adapter_http::openapi()).unwrap();
    let items = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let mut documented: Vec<_> = items.map(|operation| operation["operationId"].as_str().unwrap().to_owned()).collect();
    let mut listed: Vec<_> = ENDPOINTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    documented.sort_unstable();
    listed.sort_unstable();
    assert_eq!(documented, listed);
}

//! The requests of the reference document's curl examples, in their order, with the answers that it prints.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::harness::{Hub, Reply, bearer};

const CREDENTIALS: &str = r#"{"email": "test@example.com", "password": "password123"}"#;
const BUCKET: &str = r#"{"name": "my-test-bucket"}"#;

fn curl(request: TestRequest, path: &str, body: &'static str) -> TestRequest {
    request.uri(path).insert_header(("Content-Type", "application/json")).set_payload(body)
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn assert_uuid(value: &Value) {
    value.as_str().unwrap().parse::<storage_hub_core::domain::UserId>().unwrap();
}

#[actix_web::test]
async fn the_curl_examples_work_in_sequence() {
    let hub = Hub::new().await;

    // 1. Sign up a new user
    let reply = hub.send(curl(TestRequest::post(), "/api/users/signup", CREDENTIALS)).await;
    assert_eq!(reply.status, 201);
    let signed_up = reply.json();
    assert_eq!(keys(&signed_up), ["data", "message", "success"]);
    assert_eq!(signed_up["success"], true);
    assert_eq!(signed_up["message"], "User created successfully");
    let user = &signed_up["data"];
    assert_eq!(keys(user), ["createdAt", "email", "id", "minioAccessKey"]);
    assert_uuid(&user["id"]);
    assert_eq!(user["email"], "test@example.com");
    assert_eq!(user["createdAt"], "2024-01-01T00:00:00.000Z");
    assert!(user["minioAccessKey"].as_str().unwrap().starts_with("user_"));

    // 2. Login
    let reply = hub.send(curl(TestRequest::post(), "/api/users/login", CREDENTIALS)).await;
    assert_eq!(reply.status, 200);
    let logged_in = reply.json();
    let token = logged_in["data"]["token"].as_str().unwrap();
    let expected =
        json!({"success": true, "message": "Login successful", "data": {"user": user.clone(), "token": token}});
    assert_eq!(logged_in, expected);

    // 3. Create a bucket (with auth token)
    let request = curl(TestRequest::post(), "/api/buckets", BUCKET).insert_header(bearer(token));
    let reply = hub.send(request).await;
    assert_eq!(reply.status, 201);
    let bucket = reply.json()["data"].clone();
    let message = "Bucket 'my-test-bucket' created successfully";
    assert_eq!(reply.json(), json!({"success": true, "message": message, "data": bucket.clone()}));
    assert_eq!(keys(&bucket), ["createdAt", "id", "name", "userId"]);
    assert_uuid(&bucket["id"]);
    assert_eq!(bucket["name"], "my-test-bucket");
    assert_eq!(bucket["userId"], user["id"]);

    // 4. List user's buckets
    let reply = hub.get("/api/buckets", token).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json(), json!({"success": true, "data": [bucket.clone()]}));

    // 6. Get a bucket's policy
    let reply = hub.get("/api/buckets/my-test-bucket/policy", token).await;
    assert_eq!(reply.status, 200);
    let policy = reply.json()["policy"].clone();
    assert_eq!(reply.json(), json!({"success": true, "bucket": "my-test-bucket", "policy": policy.clone()}));
    let principal = format!("arn:aws:iam:::user/{}", user["minioAccessKey"].as_str().unwrap());
    assert_eq!(policy["Version"], "2012-10-17");
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"][0], principal);

    // 5. Delete a bucket
    let request = curl(TestRequest::delete(), "/api/buckets", BUCKET).insert_header(bearer(token));
    let reply = hub.send(request).await;
    assert_eq!(reply.status, 200);
    let message = "Bucket 'my-test-bucket' deleted successfully";
    assert_eq!(reply.json(), json!({"success": true, "message": message}));
    assert_eq!(hub.get("/api/buckets", token).await.json(), json!({"success": true, "data": []}));
}

#[actix_web::test]
async fn health_and_index_are_for_everyone() {
    let hub = Hub::new().await;
    let reply = hub.send(TestRequest::get().uri("/health")).await;
    assert_eq!(reply.status, 200);
    let timestamp = "2024-01-01T00:00:00.000Z";
    let message = "Server is running";
    assert_eq!(reply.json(), json!({"success": true, "status": "OK", "message": message, "timestamp": timestamp}));

    let reply = hub.send(TestRequest::get().uri("/")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["success"], true);
    assert_eq!(reply.json()["endpoints"]["get_bucket_policy"], "GET /api/buckets/{name}/policy");
    assert_eq!(keys(&reply.json()["endpoints"]).len(), 17);
}

#[actix_web::test]
async fn the_four_named_errors_are_literal() {
    let hub = Hub::new().await;
    let (owner, other) = (hub.user("owner@example.com").await, hub.user("other@example.com").await);
    hub.create_bucket(&owner, "my-bucket").await;
    let text = |reply: Reply| String::from_utf8(reply.body).unwrap();

    let reply = hub.sign_up("owner@example.com").await;
    assert_eq!(reply.status, 409);
    let expected = r#"{"success":false,"error":"User already exists","message":"Email is already registered"}"#;
    assert_eq!(text(reply), expected);

    let reply = hub.create_bucket(&other, "my-bucket").await;
    assert_eq!(reply.status, 409);
    let expected =
        r#"{"success":false,"error":"Bucket name already taken","message":"Choose a different bucket name"}"#;
    assert_eq!(text(reply), expected);

    let reply = hub.log_in("owner@example.com", "another password").await;
    assert_eq!(reply.status, 401);
    let expected = r#"{"success":false,"error":"Invalid credentials","message":"Check email and password"}"#;
    assert_eq!(text(reply), expected);

    let reply = hub.send(TestRequest::get().uri("/api/buckets")).await;
    assert_eq!(reply.status, 401);
    let expected = r#"{"success":false,"error":"Access token required","message":"Include Authorization header"}"#;
    assert_eq!(text(reply), expected);
}

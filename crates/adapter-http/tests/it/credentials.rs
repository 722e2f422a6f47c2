use serde_json::json;

use crate::harness::{Hub, PASSWORD};

#[actix_web::test]
async fn credentials_work_at_the_store() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    hub.create_bucket(&token, "my-bucket").await;
    let me = hub.get("/api/users/me", &token).await.json();

    let reply = hub.get("/api/users/me/credentials", &token).await;
    assert_eq!(reply.status, 200);
    let data = reply.json()["data"].clone();
    let (access, secret) = (data["accessKey"].as_str().unwrap(), data["secretKey"].as_str().unwrap());
    let expected = json!({"success": true, "data": {
        "accessKey": me["data"]["minioAccessKey"], "secretKey": secret,
        "endpoint": "http://s3.test:9000", "region": "us-east-1",
    }});
    assert_eq!(reply.json(), expected);
    assert!(hub.store.allows(access, secret, "s3:PutObject", "arn:aws:s3:::my-bucket/key"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[actix_web::test]
async fn a_rotation_ends_the_old_secret_immediately() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    hub.create_bucket(&token, "my-bucket").await;
    let old = hub.get("/api/users/me/credentials", &token).await.json()["data"].clone();

    let reply = hub.post("/api/users/me/credentials/rotate", &token, json!(null)).await;
    assert_eq!(reply.status, 200);
    let new = reply.json()["data"].clone();
    let message = "Credentials rotated successfully";
    assert_eq!(reply.json(), json!({"success": true, "message": message, "data": new.clone()}));
    assert_eq!(hub.get("/api/users/me/credentials", &token).await.json()["data"], new);

    let allows = |data: &serde_json::Value| {
        let (access, secret) = (data["accessKey"].as_str().unwrap(), data["secretKey"].as_str().unwrap());
        hub.store.allows(access, secret, "s3:PutObject", "arn:aws:s3:::my-bucket/key")
    };
    assert_eq!(old["accessKey"], new["accessKey"]);
    assert_eq!((allows(&old), allows(&new)), (false, true));
    assert_eq!(hub.store.sessions_revoked(new["accessKey"].as_str().unwrap()), 1);
}

#[actix_web::test]
async fn get_me_shows_the_account_as_the_login_does_and_its_grants() {
    let hub = Hub::new().await;
    let token = hub.user("A@Example.com").await;
    let reply = hub.get("/api/users/me", &token).await;
    let logged_in = hub.log_in("a@example.COM", PASSWORD).await.json();
    assert_eq!(reply.status, 200);
    let mut account = logged_in["data"]["user"].clone();
    account["grants"] = json!([]);
    assert_eq!(reply.json(), json!({"success": true, "data": account}));
    assert_eq!(reply.json()["data"]["email"], "a@example.com");
}

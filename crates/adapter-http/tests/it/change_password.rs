use serde_json::{Value, json};
use storage_hub_core::domain::PasswordError;

use crate::harness::{Hub, PASSWORD};

const PATH: &str = "/api/users/me/password";

fn change(current: &str, new: &str) -> Value {
    json!({"currentPassword": current, "newPassword": new})
}

#[actix_web::test]
async fn a_password_change_ends_every_earlier_token_and_returns_a_new_one() {
    let hub = Hub::new().await;
    let (first, second) = (hub.user("a@example.com").await, hub.token("a@example.com", PASSWORD).await);

    let reply = hub.post(PATH, &first, change(PASSWORD, "another password")).await;
    assert_eq!(reply.status, 200);
    let token = reply.json()["data"]["token"].as_str().unwrap().to_owned();
    let message = "Password changed successfully";
    assert_eq!(reply.json(), json!({"success": true, "message": message, "data": {"token": token}}));

    for ended in [&first, &second] {
        let reply = hub.get("/api/users/me", ended).await;
        reply.assert_error(401, "Session ended", "Log in again to get a new token");
    }
    assert_eq!(hub.get("/api/users/me", &token).await.status, 200);
    assert_eq!(hub.log_in("a@example.com", PASSWORD).await.status, 401);
    assert_eq!(hub.log_in("a@example.com", "another password").await.status, 200);
}

#[actix_web::test]
async fn a_wrong_current_password_changes_nothing() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    for current in ["another password", "short"] {
        let reply = hub.post(PATH, &token, change(current, "a new password")).await;
        reply.assert_error(401, "Invalid credentials", "currentPassword is not the account's password");
    }
    assert_eq!(hub.get("/api/users/me", &token).await.status, 200);
}

#[actix_web::test]
async fn a_new_password_follows_the_rules() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    let reply = hub.post(PATH, &token, change(PASSWORD, "short")).await;
    reply.assert_error(400, "Validation failed", &format!("newPassword: {}", PasswordError::TooShort));
    let reply = hub.post(PATH, &token, json!({"newPassword": "a new password"})).await;
    reply.assert_error(400, "Validation failed", "`currentPassword` is missing; send it as a string");
}

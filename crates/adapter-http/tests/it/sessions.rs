//! Authentication, and how its errors are answered.

use actix_web::test::TestRequest;
use storage_hub_core::domain::Email;
use storage_hub_core::use_cases::administration;

use crate::harness::{Hub, PASSWORD};

#[actix_web::test]
async fn without_a_bearer_token_a_request_is_unauthorized() {
    let hub = Hub::new().await;
    let me = || TestRequest::get().uri("/api/users/me");
    let reply = hub.send(me()).await;
    reply.assert_error(401, "Access token required", "Include Authorization header");
    assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    let requests = [
        me().insert_header(("Authorization", "eyJhbGciOiJIUzI1NiJ9")),
        me().insert_header(("Authorization", "Token eyJhbGciOiJIUzI1NiJ9")),
        me().insert_header(("Authorization", "Basic YTpi")),
        me().insert_header(("Authorization", "Bearer")),
        me().insert_header(("Authorization", "Bearer  ")),
        me().insert_header(("Authorization", vec![b'B', 0xff])),
    ];
    for request in requests {
        let reply = hub.send(request).await;
        let message = "Authorization must have the form `Bearer TOKEN`; log in to get a token";
        reply.assert_error(401, "Access token required", message);
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
}

#[actix_web::test]
async fn invalid_tokens_are_refused_with_their_own_errors() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    let again = "Log in again to get a new token";
    let challenge = Some("Bearer error=\"invalid_token\"");

    let reply = hub.get("/api/users/me", "no.such.token").await;
    reply.assert_error(401, "Invalid token", "Log in to get a token");
    assert_eq!(reply.header("www-authenticate"), challenge);

    hub.disable("a@example.com").await;
    let reply = hub.get("/api/users/me", &token).await;
    reply.assert_error(401, "Account disabled", "Ask an administrator to enable the account");
    assert_eq!(reply.header("www-authenticate"), challenge);

    administration::enable(&hub.ports, &Email::parse("a@example.com").unwrap()).await.unwrap();
    let reply = hub.get("/api/users/me", &token).await;
    reply.assert_error(401, "Session ended", again);
    assert_eq!(reply.header("www-authenticate"), challenge);

    let token = hub.token("a@example.com", PASSWORD).await;
    hub.wait(61);
    let reply = hub.get("/api/users/me", &token).await;
    reply.assert_error(401, "Token expired", again);
    assert_eq!(reply.header("www-authenticate"), challenge);
}

#[actix_web::test]
async fn only_the_right_password_reveals_that_an_account_is_disabled() {
    let hub = Hub::new().await;
    hub.user("a@example.com").await;
    hub.disable("a@example.com").await;
    let reply = hub.log_in("a@example.com", PASSWORD).await;
    reply.assert_error(403, "Account disabled", "Ask an administrator to enable the account");
    let reply = hub.log_in("a@example.com", "another password").await;
    reply.assert_error(401, "Invalid credentials", "Check email and password");
}

#[actix_web::test]
async fn the_scheme_is_case_insensitive_and_two_tokens_are_refused() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    let me = || TestRequest::get().uri("/api/users/me");
    let request = me().insert_header(("Authorization", format!("bEARER {token}")));
    assert_eq!(hub.send(request).await.status, 200);
    let request = me().append_header(("Authorization", format!("Bearer {token}")));
    let request = request.append_header(("Authorization", "Bearer other"));
    hub.send(request).await.assert_error(401, "Invalid token", "Log in to get a token");
}

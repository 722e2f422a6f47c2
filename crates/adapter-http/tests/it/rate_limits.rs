//! Rate limits, and that nobody is limited for what others did.

use std::net::SocketAddr;

use actix_web::test::TestRequest;
use serde_json::json;
use storage_hub_adapter_http::RateLimits;

use crate::harness::{Hub, PASSWORD, Parts, Reply};

async fn hub(limits: RateLimits) -> Hub {
    let mut parts = Parts::new();
    parts.options.rate_limits = limits;
    parts.options.proxies.trusted = vec!["10.0.0.0/8".parse().unwrap()];
    parts.serve().await
}

/// A request from this address, through a trusted proxy.
async fn from(hub: &Hub, address: &str, path: &str, email: &str, password: &str) -> Reply {
    let proxy: SocketAddr = "10.0.0.1:9999".parse().unwrap();
    let request = TestRequest::post().uri(path).peer_addr(proxy).insert_header(("X-Forwarded-For", address));
    hub.send(request.set_json(json!({"email": email, "password": password}))).await
}

fn assert_limited(reply: &Reply) {
    let (status, error, message) = reply.error();
    assert_eq!((status, error.as_str()), (429, "Too many requests"));
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(message, format!("Rate limit exceeded; retry in {wait} s"));
}

#[actix_web::test]
async fn guessing_a_password_is_limited_and_does_not_lock_the_account() {
    let hub = hub(RateLimits { attempts_per_minute: 3, ..RateLimits::OFF }).await;
    hub.user("a@example.com").await;
    hub.user("b@example.com").await;
    let log_in = async |address, email, password| from(&hub, address, "/api/users/login", email, password).await;
    for _ in 0..3 {
        assert_eq!(log_in("203.0.113.7", "a@example.com", "wrong password").await.status, 401);
    }
    // The limit holds for every spelling of the email, and for the right password.
    assert_limited(&log_in("203.0.113.7", "A@Example.com", "wrong password").await);
    assert_limited(&log_in("203.0.113.7", "a@example.com", PASSWORD).await);
    assert_eq!(log_in("203.0.113.8", "a@example.com", PASSWORD).await.status, 200);
    assert_eq!(log_in("203.0.113.7", "b@example.com", PASSWORD).await.status, 200);
}

#[actix_web::test]
async fn logins_and_sign_ups_are_limited_per_address() {
    let hub = hub(RateLimits { sign_ups_per_minute: 2, logins_per_minute: 2, ..RateLimits::OFF }).await;
    for path in ["/api/users/signup", "/api/users/login"] {
        for number in 0..2 {
            let reply = from(&hub, "2001:db8::1", path, &format!("user{number}@example.com"), PASSWORD).await;
            assert!(reply.status.is_success(), "{}", reply.status);
        }
        // Of IPv6, the network of 64 bits counts.
        assert_limited(&from(&hub, "2001:db8::2", path, "user3@example.com", PASSWORD).await);
        let reply = from(&hub, "2001:db8:0:1::1", path, "user1@example.com", PASSWORD).await;
        assert_ne!(reply.status, 429);
    }
}

#[actix_web::test]
async fn only_a_trusted_proxy_can_name_the_client() {
    let hub = hub(RateLimits { logins_per_minute: 1, ..RateLimits::OFF }).await;
    let mut statuses = Vec::new();
    for number in 1..=3 {
        let peer: SocketAddr = "203.0.113.7:9999".parse().unwrap();
        let claimed = ("X-Forwarded-For", format!("198.51.100.{number}"));
        let request = TestRequest::post().uri("/api/users/login").peer_addr(peer).insert_header(claimed);
        let body = json!({"email": "a@example.com", "password": PASSWORD});
        statuses.push(hub.send(request.set_json(body)).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 429, 429]);
}

#[actix_web::test]
async fn an_account_is_limited_only_by_its_own_requests() {
    let hub = hub(RateLimits { requests_per_second: 1, ..RateLimits::OFF }).await;
    let [a, b] = [hub.user("a@example.com").await, hub.user("b@example.com").await];
    let mut limited = None;
    // One a second comes back, so that a slow machine may need more of them.
    for _ in 0..1000 {
        let reply = hub.get("/api/users/me", &a).await;
        if reply.status == 429 {
            limited = Some(reply);
            break;
        }
    }
    assert_limited(&limited.unwrap());
    assert_eq!(hub.get("/api/users/me", &b).await.status, 200);
    assert_eq!(hub.send(TestRequest::get().uri("/health")).await.status, 200);
}

#[actix_web::test]
async fn a_stolen_token_does_not_help_to_guess_the_password() {
    let hub = hub(RateLimits { attempts_per_minute: 2, ..RateLimits::OFF }).await;
    let token = hub.user("a@example.com").await;
    let body = json!({"currentPassword": "wrong password", "newPassword": "password456"});
    for _ in 0..2 {
        assert_eq!(hub.post("/api/users/me/password", &token, body.clone()).await.status, 401);
    }
    assert_limited(&hub.post("/api/users/me/password", &token, body).await);
}

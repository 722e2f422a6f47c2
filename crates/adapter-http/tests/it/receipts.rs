//! Until a creation has been answered, the same caller's repetition succeeds; after that it is refused.

use actix_web::body::MessageBody as _;
use actix_web::dev::Service as _;
use actix_web::test::{TestRequest, init_service, read_body};
use serde_json::json;
use storage_hub_adapter_http::{AppState, RateLimits, app};
use storage_hub_core::domain::{BucketName, Email};
use tokio::runtime::Handle;

use crate::harness::{Hub, PASSWORD, Parts, bearer};

async fn is_user_answered(hub: &Hub, email: &str) -> bool {
    let record = hub.ports.directory.find_record_by_email(&Email::parse(email).unwrap()).await.unwrap();
    record.unwrap().answered
}

#[actix_web::test]
async fn an_immediate_repetition_of_an_answered_creation_is_refused() {
    let mut parts = Parts::new();
    parts.options.rate_limits = RateLimits::OFF;
    let hub = parts.serve().await;
    for round in 0..100 {
        let email = format!("user{round}@example.com");
        assert_eq!(hub.sign_up(&email).await.status, 201);
        assert_eq!(hub.sign_up(&email).await.status, 409);
    }
    let token = hub.user("a@example.com").await;
    for round in 0..100 {
        let name = format!("bucket-{round}");
        assert_eq!(hub.create_bucket(&token, &name).await.status, 201);
        assert_eq!(hub.create_bucket(&token, &name).await.status, 409);
    }
}

#[actix_web::test]
async fn a_released_name_can_be_created_again() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    for _ in 0..20 {
        assert_eq!(hub.create_bucket(&token, "my-bucket").await.status, 201);
        assert_eq!(hub.create_bucket(&token, "my-bucket").await.status, 409);
        assert_eq!(hub.delete("/api/buckets/my-bucket", &token).await.status, 200);
    }
}

#[actix_web::test]
async fn a_connection_that_ends_before_the_response_leaves_the_creation_unanswered() {
    let parts = Parts::new();
    let (ports, store) = (parts.ports.clone(), parts.store.clone());
    let service = init_service(app(AppState::new(ports.clone(), parts.options.clone(), Handle::current()))).await;
    let sign_up = || {
        let body = json!({"email": "a@example.com", "password": PASSWORD});
        TestRequest::post().uri("/api/users/signup").set_json(body).to_request()
    };

    let answer = service.call(sign_up()).await.unwrap();
    assert_eq!(answer.status(), 201);
    drop(answer);
    let other_password = json!({"email": "a@example.com", "password": "another password"});
    let request = TestRequest::post().uri("/api/users/signup").set_json(other_password).to_request();
    assert_eq!(service.call(request).await.unwrap().status(), 409);

    let repeated = service.call(sign_up()).await.unwrap();
    assert_eq!(repeated.status(), 201);
    assert!(!read_body(repeated).await.is_empty());
    assert_eq!(service.call(sign_up()).await.unwrap().status(), 409);
    assert_eq!(store.calls(storage_hub_core::testing::StoreCall::PutPrincipal), 1);

    let log_in = json!({"email": "a@example.com", "password": PASSWORD});
    let request = TestRequest::post().uri("/api/users/login").set_json(log_in).to_request();
    let token = read_body(service.call(request).await.unwrap()).await;
    let token = serde_json::from_slice::<serde_json::Value>(&token).unwrap()["data"]["token"].clone();
    let create = || {
        let request = TestRequest::post().uri("/api/buckets").insert_header(bearer(token.as_str().unwrap()));
        request.set_json(json!({"name": "my-bucket"})).to_request()
    };
    let first = service.call(create()).await.unwrap();
    // The connection takes the body but for its end.
    let mut body = Box::pin(first.into_body().boxed());
    let chunk = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await;
    assert!(chunk.unwrap().is_ok());
    drop(body);
    let bucket = ports.directory.find_bucket(&BucketName::parse("my-bucket").unwrap()).await.unwrap().unwrap();
    assert!(!bucket.bucket.answered);
    let repeated = read_body(service.call(create()).await.unwrap()).await;
    let repeated = serde_json::from_slice::<serde_json::Value>(&repeated).unwrap();
    assert_eq!(repeated["data"]["id"], bucket.bucket.id.to_string());
    assert_eq!(service.call(create()).await.unwrap().status(), 409);
}

#[actix_web::test]
async fn the_answer_is_recorded_before_the_next_request_about_the_account() {
    let hub = Hub::new().await;
    hub.sign_up("a@example.com").await;
    hub.sign_up("a@example.com").await;
    assert!(is_user_answered(&hub, "a@example.com").await);
}

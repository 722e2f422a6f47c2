//! Dependencies fail, and recover.

use std::sync::Arc;

use async_trait::async_trait;
use storage_hub_core::ports::{RecordError, Transaction, UnitOfWork};
use storage_hub_core::testing::StoreCall;

use crate::harness::{Hub, Parts, at};

const UNAVAILABLE: &str = "The service is temporarily unavailable; retry in a moment";

#[actix_web::test]
async fn with_the_store_unavailable_writes_are_answered_503_and_work_again_afterwards() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    hub.store.set_available(false);
    let reply = hub.create_bucket(&token, "my-bucket").await;
    reply.assert_error(503, "Service unavailable", UNAVAILABLE);
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(hub.get("/api/buckets", &token).await.status, 200);
    hub.store.set_available(true);
    assert_eq!(hub.create_bucket(&token, "my-bucket").await.status, 201);
}

#[actix_web::test]
async fn a_creation_that_was_not_answered_can_be_repeated() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    hub.store.lose_next_answers_of(StoreCall::CreateBucket, 1);
    assert_eq!(hub.create_bucket(&token, "my-bucket").await.status, 503);
    hub.wait(1);
    assert_eq!(hub.create_bucket(&token, "my-bucket").await.status, 201);
    assert_eq!(hub.create_bucket(&token, "my-bucket").await.status, 409);
}

#[actix_web::test]
async fn a_bucket_with_objects_is_not_deleted() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    hub.create_bucket(&token, "my-bucket").await;
    let bucket = at("my-bucket");
    hub.ports.store.put_object(&bucket, "key", b"value".to_vec()).await.unwrap();
    let reply = hub.delete("/api/buckets/my-bucket", &token).await;
    let message = "Delete the bucket's objects and versions first";
    reply.assert_error(409, "Bucket not empty", message);
    assert_eq!(hub.get("/api/buckets/my-bucket", &token).await.status, 200);
}

#[actix_web::test]
async fn a_bucket_of_the_store_that_the_hub_did_not_create_is_taken() {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    hub.ports.store.create_bucket(&at("foreign")).await.unwrap();
    let reply = hub.create_bucket(&token, "foreign").await;
    reply.assert_error(409, "Bucket name already taken", "Choose a different bucket name");
    let missing = "The bucket does not exist, or you may not see it";
    hub.get("/api/buckets/foreign", &token).await.assert_error(404, "Bucket not found", missing);
}

struct BrokenRecords;

#[async_trait]
impl UnitOfWork for BrokenRecords {
    async fn begin(&self) -> Result<Box<dyn Transaction>, RecordError> {
        Err(RecordError::Unexpected("relation hub_internals does not exist".into()))
    }
}

#[actix_web::test]
async fn internal_errors_are_never_in_a_response() {
    let mut parts = Parts::new();
    parts.ports.unit_of_work = Arc::new(BrokenRecords);
    let reply = parts.serve().await.sign_up("a@example.com").await;
    let message = "The service failed; its log has the reason under the X-Request-Id of this response";
    reply.assert_error(500, "Internal server error", message);
}

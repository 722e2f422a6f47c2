use actix_web::test::TestRequest;
use serde_json::json;

use crate::harness::Hub;

#[actix_web::test]
async fn anybody_can_read_the_kind_and_the_features_of_the_store() {
    let hub = Hub::new().await;
    let reply = hub.send(TestRequest::get().uri("/api/settings")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["success"], true);
    // The harness enforces by policies, so that buckets are not created by S3.
    assert_eq!(reply.json()["store"], json!({"kind": "embedded", "features": []}));
}

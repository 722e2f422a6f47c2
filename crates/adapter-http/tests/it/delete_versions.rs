//! Versions are deleted by POST, with a result for each.

use serde_json::{Value, json};
use storage_hub_core::ports::ObjectStore as _;

use crate::harness::{Hub, at};

const PATH: &str = "/api/buckets/my-bucket/versions/delete";

async fn hub_with_a_bucket() -> (Hub, String) {
    let hub = Hub::new().await;
    let owner = hub.user("owner@example.com").await;
    assert_eq!(hub.create_bucket(&owner, "my-bucket").await.status, 201);
    (hub, owner)
}

#[actix_web::test]
async fn each_version_has_its_result_in_the_order_of_the_request() {
    let (hub, owner) = hub_with_a_bucket().await;
    let bucket = at("my-bucket");
    hub.store.put_object(&bucket, "a/b", b"body".to_vec()).await.unwrap();
    let objects = json!([{"key": "missing", "versionId": "null"}, {"key": "a/b", "versionId": "null"}]);
    let reply = hub.post(PATH, &owner, json!({"objects": objects})).await;
    let expected = json!([
        {"key": "missing", "versionId": "null", "deleted": true},
        {"key": "a/b", "versionId": "null", "deleted": true},
    ]);
    assert_eq!((reply.status.as_u16(), reply.json()), (200, json!({"success": true, "data": expected})));
    assert!(hub.store.get_object(&bucket, "a/b").await.is_err());
}

#[actix_web::test]
async fn a_thousand_of_the_longest_keys_are_taken_and_no_more() {
    let (hub, owner) = hub_with_a_bucket().await;
    let key = "segment-of-a-key/".repeat(60);
    let object = json!({"key": key, "versionId": "v".repeat(100)});
    let reply = hub.post(PATH, &owner, json!({"objects": vec![object.clone(); 1000]})).await;
    assert_eq!((reply.status.as_u16(), reply.json()["data"].as_array().map(Vec::len)), (200, Some(1000)));
    let reply = hub.post(PATH, &owner, json!({"objects": vec![json!({}); 1001]})).await;
    assert_eq!(message(&reply.json()), "objects must have at most 1000 items, got 1001");
    let reply = hub.post(PATH, &owner, json!({"objects": vec![object; 2000]})).await;
    assert_eq!(reply.status, 413);
}

#[actix_web::test]
async fn what_names_no_version_is_refused_with_its_place() {
    let (hub, owner) = hub_with_a_bucket().await;
    let good = json!({"key": "key", "versionId": "null"});
    let table = [
        (json!({}), "objects is missing; send an array of objects"),
        (json!({"objects": "key"}), "objects must be an array of objects, got a string"),
        (json!({"objects": []}), "objects must have 1 to 1000 items, got 0"),
        (json!({"objects": [good, null]}), "objects[1] must be an object, got null"),
        (json!({"objects": [good, {"key": "key"}]}), "objects[1].versionId is missing; send it as a string"),
        (
            json!({"objects": [{"key": "key", "versionId": ""}]}),
            "objects[0].versionId: version id must be 1 to 1024 visible ASCII characters long",
        ),
        (json!({"objects": [{"key": 1, "versionId": "null"}]}), "objects[0].key must be a string, got a number"),
        (
            json!({"objects": [{"key": "", "versionId": "null"}]}),
            "objects[0].key: object key must be 1 to 1024 bytes long, got 0",
        ),
        (
            json!({"objects": [good, {"key": "../other/x", "versionId": "null"}]}),
            "objects[1].key: object key must not have `.` or `..` between two `/`",
        ),
    ];
    for (body, expected) in table {
        let reply = hub.post(PATH, &owner, body).await;
        assert_eq!((reply.status.as_u16(), message(&reply.json()).as_str()), (400, expected));
    }
}

fn message(body: &Value) -> String {
    body["message"].as_str().unwrap_or_default().to_owned()
}

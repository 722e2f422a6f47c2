use serde_json::{Value, json};

use crate::harness::{Hub, Reply};

fn names(reply: &Reply) -> Vec<String> {
    let json = reply.json();
    json["data"].as_array().unwrap().iter().map(|bucket| bucket["name"].as_str().unwrap().to_owned()).collect()
}

async fn with_buckets(names: &[&str]) -> (Hub, String) {
    let hub = Hub::new().await;
    let token = hub.user("a@example.com").await;
    for name in names {
        assert_eq!(hub.create_bucket(&token, name).await.status, 201);
    }
    (hub, token)
}

#[actix_web::test]
async fn without_a_limit_all_buckets_are_listed_without_a_cursor() {
    let (hub, token) = with_buckets(&["ccc", "aaa", "bbb"]).await;
    let reply = hub.get("/api/buckets", &token).await;
    assert_eq!(names(&reply), ["aaa", "bbb", "ccc"]);
    assert_eq!(reply.json().get("nextCursor"), None);
    let reply = hub.get("/api/buckets?cursor=v1.aaa", &token).await;
    assert_eq!((names(&reply), reply.json().get("nextCursor")), (vec!["bbb".into(), "ccc".into()], None));
}

#[actix_web::test]
async fn pages_are_stable_under_writes_and_the_last_has_a_null_cursor() {
    let (hub, token) = with_buckets(&["aaa", "bbb", "ccc", "ddd"]).await;
    let first = hub.get("/api/buckets?limit=2", &token).await;
    assert_eq!(names(&first), ["aaa", "bbb"]);
    let cursor = first.json()["nextCursor"].as_str().unwrap().to_owned();

    hub.delete("/api/buckets/bbb", &token).await;
    hub.create_bucket(&token, "aab").await;
    let second = hub.get(&format!("/api/buckets?limit=2&cursor={cursor}"), &token).await;
    assert_eq!(names(&second), ["ccc", "ddd"]);
    assert_eq!(second.json()["nextCursor"], Value::Null);
    assert!(second.json().as_object().unwrap().contains_key("nextCursor"));
}

#[actix_web::test]
async fn nobody_lists_the_buckets_of_others() {
    let (hub, _) = with_buckets(&["aaa"]).await;
    let other = hub.user("other@example.com").await;
    assert_eq!(hub.get("/api/buckets", &other).await.json(), json!({"success": true, "data": []}));
}

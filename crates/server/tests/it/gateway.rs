//! The gateway: an S3 service behind the hub's own endpoint.

use reqwest::Method;
use serde_json::{Value, json};
use storage_hub_port_contract::services::{self, ROOT_PASSWORD, ROOT_USER};

use crate::hub::{Backend, Hub, unique};
use crate::proxy::{Mode, Proxy};
use crate::s3::{Key, Request, S3};

fn root() -> Key {
    Key { access: ROOT_USER.to_owned(), secret: ROOT_PASSWORD.to_owned(), session_token: None }
}

fn features(settings: &Value) -> Vec<&str> {
    settings["store"]["features"].as_array().expect("a list").iter().filter_map(Value::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_tell_what_was_probed_and_doctor_renews_it() {
    let Some(hub) = Hub::start(Backend::PostgresGateway).await else { return };
    let settings = hub.api.get("/api/settings").await.expect(200);
    assert_eq!(settings["store"]["kind"], "gateway");
    let known = features(&settings);
    for feature in ["bucketsByS3", "conditionalWrites", "versioning", "tags"] {
        assert!(known.contains(&feature), "{feature}: {known:?}");
    }
    assert!(!known.contains(&"anyKey"), "{known:?}");
    let database = hub.database.as_ref().expect("a database");
    database.execute("UPDATE store_probe SET probed_at = '2020-01-01'").await;
    let report = hub.tool_prints(&["doctor"]);
    assert!(report.contains("features: the store has: conditional writes"), "{report}");
    let fresh = "SELECT count(*) FROM store_probe WHERE probed_at > '2020-01-01' AND lease_token IS NULL";
    assert_eq!(database.count(fresh).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_another_kind_or_of_another_hub_is_refused() {
    let Some(mut hub) = Hub::start(Backend::SqliteGateway).await else { return };
    assert!(hub.stop());
    let message = hub.refused_to_serve(&["--set", "store.kind=minio"]);
    assert!(message.contains("belong to a store of kind `gateway`, but store.kind is `minio`"), "{message}");
    std::fs::remove_dir_all(hub.data()).expect("lost");
    let message = hub.refused_to_serve(&[]);
    assert!(
        message.contains("the records are missing or empty, but the store belongs to an installation"),
        "{message}"
    );
    assert!(!hub.data().exists(), "nothing is made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_behind_the_gateway_exists_through_its_row_alone() {
    let (Some(hub), Some(minio)) = (Hub::start(Backend::SqliteGateway).await, services::minio()) else { return };
    let behind = S3::new(minio);
    let foreign = unique("foreign");
    assert!(behind.send(Some(&root()), Request::new(Method::PUT, format!("/{foreign}"))).await.succeeded());
    let own = format!("{}installation", hub.setting("store.bucket_prefix"));
    let admin = hub.admin().await;
    for bucket in [&foreign, &own] {
        let list = Request::new(Method::GET, format!("/{bucket}?list-type=2"));
        let reply = hub.s3.send(Some(&admin.key), list).await;
        assert_eq!((reply.status, reply.element("Code")), (404, Some("NoSuchBucket")), "{bucket}: {reply:?}");
    }
    let listed = hub.s3.send(Some(&admin.key), Request::new(Method::GET, "/")).await;
    assert!(listed.succeeded() && !listed.body.contains(&foreign) && !listed.body.contains(&own), "{listed:?}");
    // The name is free for a user, because the bucket behind has another one.
    let person = hub.sign_up("test@example.com").await;
    person.create_bucket(&foreign).await;
    let put = Request::new(Method::PUT, format!("/{foreign}/key")).body("x");
    assert!(hub.s3.send(Some(&person.key), put).await.succeeded());
    let untouched = behind.send(Some(&root()), Request::new(Method::GET, format!("/{foreign}?list-type=2"))).await;
    assert!(untouched.succeeded() && !untouched.body.contains("<Key>"), "{untouched:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_service_away_clients_get_503_and_go_on_when_it_is_back() {
    for mode in [Mode::Refuse, Mode::Hang] {
        let Some(minio) = services::minio() else { return };
        let proxy = Proxy::start(&minio).await;
        let settings = [("store.endpoint", proxy.url()), ("store.timeout_seconds", "2".to_owned())];
        let settings = settings.each_ref().map(|(key, value)| (*key, value.as_str()));
        let Some(hub) = Hub::start_with(Backend::SqliteGateway, &settings).await else { return };
        let person = hub.sign_up("test@example.com").await;
        let bucket = unique("kept");
        person.create_bucket(&bucket).await;
        let at = |method: Method| Request::new(method, format!("/{bucket}/key"));
        assert!(hub.s3.send(Some(&person.key), at(Method::PUT).body("kept")).await.succeeded());

        proxy.set(mode);
        for request in [at(Method::GET), at(Method::PUT).body("lost"), at(Method::DELETE)] {
            let method = request.method.clone();
            let reply = hub.s3.send(Some(&person.key), request).await;
            assert_eq!(reply.status, 503, "{mode:?}: {method}: {reply:?}");
            assert!(!reply.body.contains("127.0.0.1"), "no internals: {reply:?}");
        }
        person.api.post("/api/buckets", json!({"name": unique("late")})).await.expect(503);
        // What needs the records alone still works.
        person.api.get("/api/buckets").await.expect(200);
        assert!(hub.s3.send(Some(&person.key), Request::new(Method::GET, "/")).await.succeeded());

        proxy.set(Mode::Pass);
        hub.until("the object is read again", || async {
            hub.s3.send(Some(&person.key), at(Method::GET)).await.body == "kept"
        })
        .await;
        assert!(hub.s3.send(Some(&person.key), at(Method::PUT).body("new")).await.succeeded());
        assert_eq!(hub.s3.send(Some(&person.key), at(Method::GET)).await.body, "new");
    }
}

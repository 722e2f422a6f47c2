//! Metrics and readiness.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use storage_hub_port_contract::services;

use crate::hub::{Backend, Hub, unique};
use crate::proxy::{Mode, Proxy};
use crate::s3::{Key, Request};

async fn metrics(hub: &Hub) -> String {
    let url = hub.banner.iter().find_map(|line| line.strip_prefix("  Metrics  ")).expect("an address");
    let answer = hub.api.client.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.text().await.expect("text")
}

fn value(text: &str, metric: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {metric} in {text}")).parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted_where_the_operator_looks_and_nowhere_else() {
    for backend in [Backend::SqliteEmbedded, Backend::PostgresMinio] {
        let Some(hub) = Hub::start_with(backend, &[("metrics.listen", "127.0.0.1:0")]).await else { continue };
        let person = hub.sign_up("test@example.com").await;
        let name = unique("counted");
        person.create_bucket(&name).await;
        person.api.get(&format!("/api/buckets/{name}")).await.expect(200);
        hub.api.get("/made/up").await.expect(404);
        let text = metrics(&hub).await;
        let of = |method: &str, route: &str, status: u16| {
            let labels = format!("method=\"{method}\",route=\"{route}\",status=\"{status}\"");
            value(&text, &format!("storage_hub_http_request_seconds_count{{{labels}}}"))
        };
        assert_eq!(of("POST", "/api/users/signup", 201), 1.0);
        assert_eq!(of("GET", "/api/buckets/{name}", 200), 1.0);
        assert_eq!(of("GET", "none", 404), 1.0);
        let made = "storage_hub_store_call_seconds_count{call=\"create_bucket\",outcome=\"ok\"}";
        assert_eq!(value(&text, made), 1.0);
        if backend == Backend::PostgresMinio {
            let put = "storage_hub_store_call_seconds_count{call=\"put_policy\",outcome=\"ok\"}";
            assert!(value(&text, put) >= 2.0, "{text}");
        }
        assert!(value(&text, "storage_hub_password_hash_seconds_count{outcome=\"ok\"}") >= 2.0);
        assert_eq!(value(&text, "storage_hub_password_hashes_waiting"), 0.0);
        assert_eq!(value(&text, "storage_hub_outbox_tasks"), 0.0);
        let decided = |wanted: &str, outcome: &str| {
            let labels = format!("surface=\"api\",wanted=\"{wanted}\",outcome=\"{outcome}\"");
            value(&text, &format!("storage_hub_decisions_total{{{labels}}}"))
        };
        assert_eq!((decided("read", "allowed"), decided("read", "denied")), (1.0, 0.0));
        let pool = if backend == Backend::PostgresMinio { "records" } else { "records_readers" };
        assert!(value(&text, &format!("storage_hub_pool_connections_max{{pool=\"{pool}\"}}")) >= 4.0);
        assert!(value(&text, &format!("storage_hub_pool_connections{{pool=\"{pool}\",state=\"idle\"}}")) >= 1.0);
        assert_eq!(value(&text, &format!("storage_hub_pool_waiting{{pool=\"{pool}\"}}")), 0.0);
        assert!(!text.contains(&name) && !text.contains("test@example.com"), "who does what is not for metrics");
        hub.api.get("/metrics").await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_the_embedded_store_are_counted_with_what_was_decided_about_them() {
    let backend = Backend::SqliteEmbedded;
    let Some(hub) = Hub::start_with(backend, &[("metrics.listen", "127.0.0.1:0")]).await else { return };
    let (person, stranger) = (hub.sign_up("test@example.com").await, hub.sign_up("else@example.com").await);
    person.create_bucket("counted").await;
    let send = async |key: &Key, method: Method, path: &str| hub.s3.send(Some(key), Request::new(method, path)).await;
    assert_eq!(send(&person.key, Method::PUT, "/counted/a").await.status, 200);
    assert_eq!(send(&person.key, Method::GET, "/counted/a").await.status, 200);
    assert_eq!(send(&person.key, Method::GET, "/counted/b").await.status, 404);
    assert_eq!(send(&stranger.key, Method::GET, "/counted/a").await.status, 403);
    assert_eq!(send(&person.key, Method::DELETE, "/counted").await.status, 409);
    assert_eq!(send(&person.key, Method::GET, "/counted?publicAccessBlock").await.status, 501);
    let wrong = Key { secret: "not the secret of anybody".to_owned(), ..person.key.clone() };
    assert_eq!(send(&wrong, Method::GET, "/counted/a").await.status, 403);
    assert_eq!(send(&person.key, Method::GET, "/No_Bucket/a").await.status, 400);
    let text = metrics(&hub).await;
    let answered = |operation: &str, status: &str| {
        let labels = format!("operation=\"{operation}\",status=\"{status}\"");
        value(&text, &format!("storage_hub_s3_request_seconds_count{{{labels}}}"))
    };
    assert_eq!(answered("PutObject", "2xx"), 1.0);
    assert_eq!((answered("GetObject", "2xx"), answered("GetObject", "4xx")), (1.0, 3.0));
    assert_eq!((answered("DeleteBucket", "4xx"), answered("other", "5xx")), (1.0, 1.0));
    assert_eq!(answered("none", "4xx"), 1.0);
    let decided = |wanted: &str, outcome: &str| {
        let labels = format!("surface=\"s3\",wanted=\"{wanted}\",outcome=\"{outcome}\"");
        value(&text, &format!("storage_hub_decisions_total{{{labels}}}"))
    };
    // A write is authorized again before it is committed.
    assert_eq!((decided("write", "allowed"), decided("write", "denied")), (2.0, 0.0));
    assert_eq!((decided("read", "allowed"), decided("read", "denied")), (2.0, 1.0));
    assert_eq!((decided("owner", "allowed"), decided("owner", "denied")), (1.0, 0.0));
    assert_eq!(value(&text, "storage_hub_pool_connections_max{pool=\"index_readers\"}"), 4.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_shows_in_readiness_and_in_the_outbox() {
    let Some(minio) = services::minio() else { return };
    let proxy = Proxy::start(&minio).await;
    let more = [("store.endpoint", proxy.url()), ("metrics.listen", "127.0.0.1:0".to_owned())];
    let more: Vec<_> = more.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let Some(mut hub) = Hub::start_with(Backend::SqliteMinio, &more).await else { return };
    let person = hub.sign_up("test@example.com").await;
    hub.api.get("/ready").await.expect(200);
    proxy.set(Mode::Refuse);
    hub.until("it is not ready", || async {
        let answer = hub.api.get("/ready").await;
        answer.status == 503 && answer.body["message"] == "The store does not respond"
    })
    .await;
    hub.api.get("/health").await.expect(200);
    person.api.post("/api/users/me/credentials/rotate", json!({})).await.expect(503);
    // Another process reports the whole waiting time.
    hub.kill();
    tokio::time::sleep(Duration::from_secs(2)).await;
    hub.run();
    let hub = &hub;
    hub.until("the task is seen waiting", || async {
        let text = metrics(hub).await;
        value(&text, "storage_hub_outbox_tasks") >= 1.0 && value(&text, "storage_hub_outbox_oldest_seconds") > 2.0
    })
    .await;
    proxy.set(Mode::Pass);
    hub.until("it is ready", || async { hub.api.get("/ready").await.status == 200 }).await;
    hub.until("the outbox is empty", || async {
        let text = metrics(hub).await;
        value(&text, "storage_hub_outbox_tasks") == 0.0 && value(&text, "storage_hub_outbox_oldest_seconds") == 0.0
    })
    .await;
}

//! What an operator sees: metrics, readiness.

use serde_json::json;
use storage_hub_port_contract::services;

use crate::hub::{Backend, Hub, unique};
use crate::proxy::{Mode, Proxy};

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
        person.make_bucket(&name).await;
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
        let made = "storage_hub_store_call_seconds_count{call=\"make_bucket\",outcome=\"ok\"}";
        assert_eq!(value(&text, made), 1.0);
        if backend == Backend::PostgresMinio {
            let put = "storage_hub_store_call_seconds_count{call=\"put_policy\",outcome=\"ok\"}";
            assert!(value(&text, put) >= 2.0, "{text}");
        }
        assert!(value(&text, "storage_hub_password_hash_seconds_count{outcome=\"ok\"}") >= 2.0);
        assert_eq!(value(&text, "storage_hub_password_hashes_waiting"), 0.0);
        assert_eq!(value(&text, "storage_hub_outbox_tasks"), 0.0);
        assert!(!text.contains(&name) && !text.contains("test@example.com"), "who does what is not for metrics");
        hub.api.get("/metrics").await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_shows_in_readiness_and_in_the_outbox() {
    let Some(minio) = services::minio() else { return };
    let proxy = Proxy::start(&minio).await;
    let more = [("store.endpoint", proxy.url()), ("metrics.listen", "127.0.0.1:0".to_owned())];
    let more: Vec<_> = more.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let Some(hub) = Hub::start_with(Backend::SqliteMinio, &more).await else { return };
    let hub = &hub;
    let person = hub.sign_up("test@example.com").await;
    hub.api.get("/ready").await.expect(200);
    proxy.set(Mode::Refuse);
    hub.until("it is not ready", || async {
        let answer = hub.api.get("/ready").await;
        answer.status == 503 && answer.body["message"] == "The store does not answer"
    })
    .await;
    hub.api.get("/health").await.expect(200);
    person.api.post("/api/users/me/credentials/rotate", json!({})).await.expect(503);
    hub.until("the task is seen waiting", || async {
        let text = metrics(hub).await;
        value(&text, "storage_hub_outbox_tasks") >= 1.0 && value(&text, "storage_hub_outbox_oldest_seconds") > 0.0
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

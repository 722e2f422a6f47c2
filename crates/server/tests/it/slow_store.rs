//! A store or database that is slow or disconnects in the middle of a response: responses within a time limit, no
//! pile-up, and recovery without a restart.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use storage_hub_port_contract::services;
use tokio::task::JoinSet;
use url::Url;

use crate::database::Database;
use crate::http::Answer;
use crate::hub::{Backend, Hub, unique};
use crate::proxy::{Mode, Proxy};
use crate::s3::Request;

/// Far above any response on a busy machine: it distinguishes a hang from slowness, and measures nothing.
const BOUND: Duration = Duration::from_secs(60);
const WAITING: usize = 64;

/// Whether a response asks to retry later, and came in time.
fn assert_refused((answer, took): (Answer, Duration), mode: Mode) {
    assert!([429, 503].contains(&answer.status.as_u16()), "{mode:?}: {} {}", answer.status, answer.body);
    assert!(took < BOUND, "{mode:?}: {took:?}");
}

async fn timed(answer: impl Future<Output = Answer>) -> (Answer, Duration) {
    let started = Instant::now();
    let answer = answer.await;
    (answer, started.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_store_that_is_slow_or_cut_off_answers_are_bounded_and_others_are_served() {
    let Some(minio) = services::minio() else { return };
    let proxy = Proxy::start(&minio).await;
    let Some(hub) = Hub::start_with(Backend::SqliteMinio, &[("store.endpoint", &proxy.url())]).await else { return };
    let (person, other) = (hub.sign_up("test@example.com").await, hub.sign_up("other@example.com").await);
    for mode in [Mode::Slow, Mode::CutMidAnswer] {
        proxy.set(mode);
        let mut waiting = JoinSet::new();
        for _ in 0..WAITING {
            let (api, name) = (person.api.clone(), unique("slow"));
            waiting.spawn(async move { timed(api.post("/api/buckets", json!({"name": name}))).await });
        }
        // Requests that do not need the store are answered meanwhile.
        for _ in 0..10 {
            let (listed, took) = timed(other.api.get("/api/buckets")).await;
            listed.expect(200);
            assert!(took < BOUND, "{mode:?}: {took:?}");
        }
        while let Some(answer) = waiting.join_next().await {
            assert_refused(answer.expect("an answer"), mode);
        }
        proxy.set(Mode::Pass);
        let name = unique("after");
        hub.until("buckets can be made again", || async {
            other.api.post("/api/buckets", json!({"name": name})).await.status == 201
        })
        .await;
    }
    hub.until("nothing is left over", || async { hub.tool(&["reconcile", "--check"]).status.success() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_database_that_is_slow_or_cut_off_answers_are_bounded_and_others_are_served() {
    let Some(database) = Database::new().await else { return };
    let url = Url::parse(&database.url()).expect("a URL");
    let server = format!("{}:{}", url.host_str().expect("a host"), url.port().unwrap_or(5432));
    let proxy = Proxy::start(&server).await;
    let through = database.url().replace(&server, &proxy.authority());
    let Some(hub) = Hub::start_with(Backend::SqliteMinio, &[("database.url", &through)]).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let kept = unique("kept");
    person.create_bucket(&kept).await;
    for mode in [Mode::Slow, Mode::CutMidAnswer] {
        proxy.set(mode);
        let mut waiting = JoinSet::new();
        for number in 0..WAITING {
            let (api, name) = (person.api.clone(), unique("slow"));
            waiting.spawn(async move {
                match number % 2 {
                    0 => (true, timed(api.get("/api/buckets")).await),
                    _ => (false, timed(api.post("/api/buckets", json!({"name": name}))).await),
                }
            });
        }
        // Requests that do not need the database are answered meanwhile, by the hub and by the store.
        for _ in 0..10 {
            let (health, took) = timed(hub.api.get("/health")).await;
            health.expect(200);
            assert!(took < BOUND, "{mode:?}: {took:?}");
        }
        let listed = hub.s3.send(Some(&person.key), Request::new(Method::GET, format!("/{kept}"))).await;
        assert_eq!(listed.status, 200);
        while let Some(answer) = waiting.join_next().await {
            let (is_read, answer) = answer.expect("an answer");
            // Reads share connections, so the part that passes may contain complete responses.
            if !(is_read && matches!(mode, Mode::CutMidAnswer) && answer.0.status == 200) {
                assert_refused(answer, mode);
            }
        }
        proxy.set(Mode::Pass);
        hub.until("buckets are listed again", || async { person.api.get("/api/buckets").await.status == 200 }).await;
        let name = unique("after");
        hub.until("buckets can be made again", || async {
            person.api.post("/api/buckets", json!({"name": name})).await.status == 201
        })
        .await;
    }
    hub.until("nothing is left over", || async { hub.tool(&["reconcile", "--check"]).status.success() }).await;
    drop(hub);
    drop(database);
}

//! An unreachable store or database: responses within a time limit, and recovery without a restart.

use std::time::{Duration, Instant};

use serde_json::json;
use storage_hub_port_contract::services;

use crate::hub::{Backend, Hub, PASSWORD, unique};
use crate::proxy::{Mode, Proxy};

/// Maximum duration of a response on a busy machine. It tells a hang from slowness; nothing is measured.
const BOUND: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn with_the_store_away_the_hub_answers_503_and_goes_on_when_it_is_back() {
    for mode in [Mode::Refuse, Mode::Hang] {
        let Some(minio) = services::minio() else { return };
        let proxy = Proxy::start(&minio).await;
        let Some(hub) = Hub::start_with(Backend::SqliteMinio, &[("store.endpoint", &proxy.url())]).await else {
            return;
        };
        let person = hub.sign_up("test@example.com").await;
        let kept = unique("kept");
        person.create_bucket(&kept).await;

        proxy.set(mode);
        let bucket = unique("late");
        let started = Instant::now();
        let refused = person.api.post("/api/buckets", json!({"name": bucket})).await.expect(503);
        assert_eq!(refused["success"], false);
        assert!(!refused.to_string().contains("127.0.0.1"), "no internals: {refused}");
        let late = json!({"email": "late@example.com", "password": PASSWORD});
        hub.api.post("/api/users/signup", late.clone()).await.expect(503);
        person.api.delete(&format!("/api/buckets/{kept}")).await.expect(503);
        assert!(started.elapsed() < BOUND);
        // Requests that do not need the store still work.
        person.api.get("/api/buckets").await.expect(200);
        hub.api.get("/health").await.expect(200);

        proxy.set(Mode::Pass);
        hub.until("the deletion is finished", || async {
            person.api.get(&format!("/api/buckets/{kept}")).await.status == 404
        })
        .await;
        hub.until("the sign-up can be repeated", || async {
            hub.api.post("/api/users/signup", late.clone()).await.status == 201
        })
        .await;
        person.api.post("/api/buckets", json!({"name": bucket})).await.expect(201);
        hub.until("nothing is left over", || async { hub.tool(&["reconcile", "--check"]).status.success() }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_away_the_hub_answers_503_and_goes_on_when_it_is_back() {
    let Some(hub) = Hub::start(Backend::PostgresMinio).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let database = hub.database.as_ref().expect("PostgreSQL");
    database.set_reachable(false).await;
    let started = Instant::now();
    for path in ["/api/buckets", "/api/users/me"] {
        let refused = person.api.get(path).await.expect(503);
        assert_eq!(refused["success"], false);
    }
    person.api.post("/api/buckets", json!({"name": unique("late")})).await.expect(503);
    let body = json!({"email": "test@example.com", "password": PASSWORD});
    hub.api.post("/api/users/login", body).await.expect(503);
    assert!(started.elapsed() < BOUND);
    hub.api.get("/health").await.expect(200);

    database.set_reachable(true).await;
    hub.until("the hub is back", || async { person.api.get("/api/buckets").await.status == 200 }).await;
    person.create_bucket(&unique("after")).await;
}

use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use storage_hub_core::context::Ports;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Maximum number of tasks that are counted; more are shown as this number.
const MAX_TASKS: u16 = 10_000;
/// Time for which a result is reused, so that frequent scrapes do not load the database.
const CACHE_TIME: Duration = Duration::from_secs(3);
/// Time limit of the query.
const QUERY_TIMEOUT: Duration = Duration::from_secs(2);

/// The tasks of all processes that are not applied to the store yet, read when the metrics are requested.
#[derive(Default)]
pub(crate) struct OutboxWatch {
    depth: Gauge,
    age: Gauge<f64, AtomicU64>,
    last: Mutex<Option<Instant>>,
}

impl OutboxWatch {
    pub(super) fn register(&self, registry: &mut Registry) {
        let depth = format!("Pending tasks of the outbox, at most {MAX_TASKS} (-1: unknown)");
        registry.register("outbox_tasks", depth, self.depth.clone());
        let age = "Age of the oldest pending task in seconds (-1: unknown)";
        registry.register("outbox_oldest_seconds", age, self.age.clone());
    }

    /// Reads the numbers with one query, unless they were read a moment ago.
    pub(super) async fn refresh(&self, ports: &Ports) {
        let mut last = self.last.lock().await;
        if last.is_some_and(|last| last.elapsed() < CACHE_TIME) {
            return;
        }
        if let Ok(Ok(backlog)) = timeout(QUERY_TIMEOUT, ports.directory.find_backlog(MAX_TASKS)).await {
            let waited = |since| ports.clock.now().millis().saturating_sub(since).max(0);
            let millis = backlog.oldest.map_or(0, |oldest| waited(oldest.millis()));
            self.depth.set(i64::try_from(backlog.tasks).unwrap_or(i64::MAX));
            self.age.set(Duration::from_millis(millis.unsigned_abs()).as_secs_f64());
        } else {
            self.depth.set(-1);
            self.age.set(-1.0);
        }
        *last = Some(Instant::now());
    }
}

use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use storage_hub_core::context::Ports;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// The most tasks that are counted: more are shown as so many.
const MOST: u16 = 10_000;
/// How long what was seen is good: so that asking often does not load the database.
const FRESH: Duration = Duration::from_secs(3);
/// How long the database has for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much waits to be carried out in the store, by whichever process, looked at when somebody asks.
#[derive(Default)]
pub(crate) struct OutboxWatch {
    depth: Gauge,
    age: Gauge<f64, AtomicU64>,
    last: Mutex<Option<Instant>>,
}

impl OutboxWatch {
    pub(super) fn register(&self, registry: &mut Registry) {
        let depth = format!("Tasks of the outbox that are not carried out, {MOST} at the most; -1: not known");
        registry.register("outbox_tasks", depth, self.depth.clone());
        let age = "How long the longest waiting of them has waited, in seconds; -1: not known";
        registry.register("outbox_oldest_seconds", age, self.age.clone());
    }

    /// Looks, by one statement that reads, unless somebody did a moment ago.
    pub(super) async fn look(&self, ports: &Ports) {
        let mut last = self.last.lock().await;
        if last.is_some_and(|last| last.elapsed() < FRESH) {
            return;
        }
        if let Ok(Ok(backlog)) = timeout(PATIENCE, ports.directory.find_backlog(MOST)).await {
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

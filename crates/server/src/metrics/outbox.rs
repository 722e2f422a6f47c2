use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use storage_hub_core::ports::{Ports, RecordError, TaskKey};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// The most tasks that are looked at: more are shown as so many.
const MOST: u16 = 1000;
/// How long what was seen is good: so that asking often does not load the database.
const FRESH: Duration = Duration::from_secs(1);
/// How long the database has for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much waits to be carried out in the store, looked at when somebody asks.
#[derive(Default)]
pub(crate) struct OutboxWatch {
    depth: Gauge,
    age: Gauge<f64, AtomicU64>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    last: Option<Instant>,
    waiting: HashMap<TaskKey, Instant>,
}

impl OutboxWatch {
    pub(super) fn register(&self, registry: &mut Registry) {
        let depth = format!("Tasks of the outbox that are not carried out, {MOST} at the most; -1: not known");
        registry.register("outbox_tasks", depth, self.depth.clone());
        let age = "How long the oldest of them has been seen waiting by this process, in seconds";
        registry.register("outbox_oldest_seconds", age, self.age.clone());
    }

    /// Looks, unless somebody did a moment ago.
    pub(super) async fn look(&self, ports: &Ports) {
        let mut seen = self.seen.lock().await;
        if seen.last.is_some_and(|last| last.elapsed() < FRESH) {
            return;
        }
        match timeout(PATIENCE, pending(ports)).await {
            Ok(Ok(keys)) => {
                self.depth.set(i64::try_from(keys.len()).unwrap_or(i64::MAX));
                let now = Instant::now();
                let known = std::mem::take(&mut seen.waiting);
                let since = |key: TaskKey| (known.get(&key).copied().unwrap_or(now), key);
                seen.waiting = keys.into_iter().map(since).map(|(since, key)| (key, since)).collect();
                let oldest = seen.waiting.values().min().map_or(Duration::ZERO, |since| now - *since);
                self.age.set(oldest.as_secs_f64());
            }
            Ok(Err(_)) | Err(_) => {
                self.depth.set(-1);
            }
        }
        seen.last = Some(Instant::now());
    }
}

async fn pending(ports: &Ports) -> Result<Vec<TaskKey>, RecordError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let tasks = transaction.outbox().list_pending(MOST).await?;
    // A transaction that is dropped costs its connection.
    transaction.commit().await?;
    Ok(tasks.into_iter().map(|task| task.key).collect())
}

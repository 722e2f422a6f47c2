use std::time::{Duration, Instant};

use futures::future::join;
use storage_hub_core::context::Ports;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long what was found out is told to others who ask: so that asking often does not load what the hub stands on.
const FRESH: Duration = Duration::from_secs(1);
/// How long the database and the store have for a sign of life.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether what the hub stands on is there, asked for at most once a second.
#[derive(Default)]
pub(crate) struct Readiness {
    last: Mutex<Option<(Instant, Parts)>>,
}

/// Which parts gave a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The database.
    pub(crate) database: bool,
    /// The object store.
    pub(crate) store: bool,
}

impl Readiness {
    /// What was found out less than a second ago, or is now. Those who ask meanwhile wait for the same.
    pub(crate) async fn parts(&self, ports: &Ports) -> Parts {
        let mut last = self.last.lock().await;
        if let Some((at, parts)) = *last
            && at.elapsed() < FRESH
        {
            return parts;
        }
        let database = timeout(PATIENCE, ports.directory.ping());
        let store = timeout(PATIENCE, ports.store.ping());
        let (database, store) = join(database, store).await;
        let parts = Parts { database: matches!(database, Ok(Ok(()))), store: matches!(store, Ok(Ok(()))) };
        *last = Some((Instant::now(), parts));
        parts
    }
}

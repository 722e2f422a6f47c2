use std::time::{Duration, Instant};

use futures::future::join;
use storage_hub_core::context::Ports;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long a result is reused, so that frequent probes do not load the dependencies.
const FRESH: Duration = Duration::from_secs(1);
/// How long the database and the store may take to respond.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Whether the dependencies respond, checked at most once a second.
#[derive(Default)]
pub(crate) struct Readiness {
    last: Mutex<Option<(Instant, Parts)>>,
}

/// Which dependencies responded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) database: bool,
    pub(crate) store: bool,
}

impl Readiness {
    /// The result of the last second, or a new one. Concurrent callers wait for the same check.
    pub(crate) async fn parts(&self, ports: &Ports) -> Parts {
        let mut last = self.last.lock().await;
        if let Some((at, parts)) = *last
            && at.elapsed() < FRESH
        {
            return parts;
        }
        let database = timeout(TIMEOUT, ports.directory.ping());
        let store = timeout(TIMEOUT, ports.store.ping());
        let (database, store) = join(database, store).await;
        let parts = Parts { database: matches!(database, Ok(Ok(()))), store: matches!(store, Ok(Ok(()))) };
        *last = Some((Instant::now(), parts));
        parts
    }
}

//! A bounded number of connections to the index.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, ConnectionError, ConnectionResult, SqliteConnection};
use storage_hub_core::ports::{PoolState, Source};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::IndexError;

/// How long a call waits for a connection; with the busy timeout below, no answer waits for more than five seconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// A commit is on the disk before it is answered (`synchronous = FULL`): what an S3 client was told is stored is stored
/// through a power cut.
const PRAGMAS: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                       PRAGMA foreign_keys = ON;";

/// A new connection, to a file that is made when it is not there. Blocks.
pub(super) fn connect(url: &str) -> ConnectionResult<SqliteConnection> {
    connect_with(url, "")
}

fn connect_with(url: &str, more: &str) -> ConnectionResult<SqliteConnection> {
    let mut connection = SqliteConnection::establish(url)?;
    connection.batch_execute(&format!("{PRAGMAS}{more}")).map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// Connections that are opened when they are first needed, and kept.
pub(super) struct Connections {
    url: Arc<str>,
    more: &'static str,
    most: usize,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<SqliteConnection>>>,
    waiting: AtomicUsize,
}

impl Connections {
    /// At most so many; `more` are statements that each begins with.
    pub(super) fn new(url: &str, more: &'static str, most: usize) -> Self {
        Self {
            url: url.into(),
            more,
            most,
            permits: Arc::new(Semaphore::new(most)),
            idle: Arc::default(),
            waiting: AtomicUsize::new(0),
        }
    }

    /// How they stand.
    pub(super) fn state(&self) -> PoolState {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).len();
        let used = self.most.saturating_sub(self.permits.available_permits());
        PoolState { most: self.most, idle, used, waiting: self.waiting.load(Ordering::Relaxed) }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, IndexError> {
        // Those who wait are first: a place that is given back is theirs, and not free.
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = Waiting::begin(&self.waiting);
        let waiting = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned());
        waiting.await.map_err(unavailable)?.map_err(unavailable)
    }

    /// Runs a task on a thread that may block, with a connection that nobody else has meanwhile.
    ///
    /// A call that is dropped before it is done stops nothing and waits for nothing: the thread brings the connection
    /// back itself. (`diesel-async` waits in `drop` instead, which panics on a runtime of one thread.)
    pub(super) async fn run<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut SqliteConnection) -> Result<R, IndexError> + Send + 'static,
    ) -> Result<R, IndexError> {
        let permit = self.permit().await?;
        let (idle, url, more) = (Arc::clone(&self.idle), Arc::clone(&self.url), self.more);
        let running = spawn_blocking(move || {
            let found = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match found {
                Some(connection) => connection,
                None => connect_with(&url, more).map_err(unavailable)?,
            };
            // A task that panics takes the connection with it.
            let result = task(&mut connection);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            drop(permit);
            result
        });
        running.await.map_err(|error| IndexError::Failed(error.into()))?
    }
}

/// Counted as long as it lives.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn unavailable(source: impl Into<Source>) -> IndexError {
    IndexError::Unavailable(source.into())
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use futures::FutureExt as _;

    use super::*;

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }

    fn count(connection: &mut SqliteConnection) -> Result<i64, IndexError> {
        Ok(diesel::sql_query("SELECT count(*) AS n FROM t").get_result::<Row>(connection)?.n)
    }

    // The runtime of this test has one thread.
    #[tokio::test]
    async fn a_call_that_is_dropped_runs_to_its_end_and_the_next_has_its_connection() {
        let folder = tempfile::tempdir().unwrap();
        let connections = Connections::new(folder.path().join("db").to_str().unwrap(), "", 1);
        connections.run(|connection| Ok(connection.batch_execute("CREATE TABLE t (a)")?)).await.unwrap();
        let (go, gone) = std::sync::mpsc::channel::<()>();
        let call = connections.run(move |connection| {
            gone.recv().unwrap();
            Ok(connection.batch_execute("INSERT INTO t VALUES (1)")?)
        });
        let mut call = Box::pin(call);
        assert!((&mut call).now_or_never().is_none());
        drop(call);
        go.send(()).unwrap();
        assert_eq!(connections.run(count).await.unwrap(), 1);
        assert_eq!(connections.idle.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_task_that_panics_takes_no_place_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let connections = Connections::new(folder.path().join("db").to_str().unwrap(), "", 1);
        let failed = connections.run(|_| -> Result<(), _> { panic!("on purpose") }).await;
        assert!(matches!(failed, Err(IndexError::Failed(_))));
        connections.run(|connection| Ok(connection.batch_execute("CREATE TABLE t (a)")?)).await.unwrap();
        assert_eq!(connections.run(count).await.unwrap(), 0);
    }
}

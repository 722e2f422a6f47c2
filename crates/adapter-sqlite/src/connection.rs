use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::result::{ConnectionResult, QueryResult};
use diesel::{Connection as _, ConnectionError, SqliteConnection};
use storage_hub_core::ports::{PoolState, RecordError, Source};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::error::record_error;

/// How long a call waits for a connection, or a writer for the one before it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(4);

/// What every connection begins with. `synchronous = FULL`: a commit that was answered is on the disk.
const PRAGMAS: &str = "PRAGMA busy_timeout = 3000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON;";

/// A new connection to a file that is there. Blocks.
///
/// Of several that make a new file write ahead at once, SQLite tells some at once that it is locked, whatever their
/// `busy_timeout`: they try again.
pub(crate) fn connect(uri: &str) -> ConnectionResult<SqliteConnection> {
    let started = Instant::now();
    loop {
        let mut connection = SqliteConnection::establish(uri)?;
        match connection.batch_execute(PRAGMAS) {
            Ok(()) => return Ok(connection),
            Err(error) if error.to_string().contains("locked") && started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(ConnectionError::CouldntSetupConfiguration(error)),
        }
    }
}

type Idle = Arc<Mutex<Vec<SqliteConnection>>>;

/// A bounded number of connections.
pub(crate) struct Connections {
    uri: Arc<str>,
    most: usize,
    permits: Arc<Semaphore>,
    idle: Idle,
    waiting: AtomicUsize,
}

impl Connections {
    pub(crate) fn new(uri: &str, most: usize) -> Self {
        Self {
            uri: uri.into(),
            most,
            permits: Arc::new(Semaphore::new(most)),
            idle: Idle::default(),
            waiting: AtomicUsize::new(0),
        }
    }

    /// How they stand.
    pub(crate) fn state(&self) -> PoolState {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).len();
        let used = self.most.saturating_sub(self.permits.available_permits());
        PoolState { most: self.most, idle, used, waiting: self.waiting.load(Ordering::Relaxed) }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, RecordError> {
        // Those who wait are first: a place that is given back is theirs, and not free.
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = Waiting::begin(&self.waiting);
        let waiting = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned());
        waiting.await.map_err(unavailable)?.map_err(unavailable)
    }

    /// A connection that is nobody else's.
    pub(crate) async fn get(&self) -> Result<Connection, RecordError> {
        let permit = self.permit().await?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let inner = if let Some(inner) = idle {
            inner
        } else {
            let uri = Arc::clone(&self.uri);
            spawn_blocking(move || connect(&uri)).await.map_err(unavailable)?.map_err(unavailable)?
        };
        Ok(Connection { open: Some(Open { inner, permit }), idle: Arc::clone(&self.idle) })
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

fn unavailable(source: impl Into<Source>) -> RecordError {
    RecordError::Unavailable(source.into())
}

/// A connection that others get only by [`give_back`](Self::give_back); dropped, it is closed, which ends its
/// transaction.
///
/// Statements take it with them to a thread that may block, and bring it back. A call that is dropped meanwhile stops
/// nothing: they run to their end, and then nobody has the connection and it is closed. (`diesel-async` waits for them in
/// `drop` instead, which panics on a runtime of one thread, as the web server's workers are.)
pub(crate) struct Connection {
    open: Option<Open>,
    idle: Idle,
}

/// Its place among the bounded number is free when it is closed or given back, whichever thread does it.
struct Open {
    inner: SqliteConnection,
    permit: OwnedSemaphorePermit,
}

impl Connection {
    /// Runs statements, in one go.
    pub(crate) async fn run<T: Send + 'static>(
        &mut self,
        statements: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, RecordError> {
        let Some(mut open) = self.open.take() else {
            return Err(RecordError::Unexpected("an earlier call on this connection was not waited for".into()));
        };
        let running = spawn_blocking(move || {
            let result = statements(&mut open.inner);
            (open, result)
        });
        let (open, result) = running.await.map_err(|error| RecordError::Unexpected(error.into()))?;
        self.open = Some(open);
        result.map_err(record_error)
    }

    /// Lets others have it.
    pub(crate) fn give_back(self) {
        if let Some(Open { inner, permit }) = self.open {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(inner);
            drop(permit);
        }
    }
}

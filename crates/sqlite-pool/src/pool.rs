use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::{ConnectOptions, connect};

/// A bounded number of connections, which are opened when they are first needed, and kept.
pub struct Pool {
    options: Arc<ConnectOptions>,
    size: usize,
    wait_timeout: Duration,
    permits: Arc<Semaphore>,
    idle: Idle,
    waiting: AtomicUsize,
}

type Idle = Arc<Mutex<Vec<SqliteConnection>>>;

/// The connections of a pool at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolCounts {
    /// Maximum number of connections.
    pub size: usize,
    /// Open connections that nobody uses.
    pub idle: usize,
    /// Connections that are borrowed.
    pub used: usize,
    /// Callers that wait for one.
    pub waiting: usize,
}

/// Why a closure was not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// No connection became free in time, or none could be opened. The closure was not run.
    #[error("no database connection is available")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The closure panicked, or an earlier call on the same connection was dropped before it was done.
    #[error("a call on a database connection was cut short")]
    CutShort(#[source] Box<dyn Error + Send + Sync>),
}

impl Pool {
    /// A pool of at most `size` connections, whose callers wait for one for at most `wait_timeout`.
    #[must_use]
    pub fn new(options: ConnectOptions, size: usize, wait_timeout: Duration) -> Self {
        Self {
            options: Arc::new(options),
            size,
            wait_timeout,
            permits: Arc::new(Semaphore::new(size)),
            idle: Idle::default(),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Counts the connections.
    pub fn counts(&self) -> PoolCounts {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).len();
        let used = self.size.saturating_sub(self.permits.available_permits());
        PoolCounts { size: self.size, idle, used, waiting: self.waiting.load(Ordering::Relaxed) }
    }

    /// Runs a closure with a connection that nobody else uses meanwhile.
    ///
    /// A connection that the closure leaves in a transaction is closed, which rolls the transaction back.
    ///
    /// # Errors
    /// [`PoolError`]. The closure's own result is inside `Ok`.
    pub async fn run<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut SqliteConnection) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let permit = self.permit().await?;
        let (idle, options) = (Arc::clone(&self.idle), Arc::clone(&self.options));
        let running = spawn_blocking(move || {
            let found = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = match found {
                Some(connection) => connection,
                None => connect(&options).map_err(unavailable)?,
            };
            // A closure that panics takes the connection with it.
            let result = task(&mut connection);
            let status = AnsiTransactionManager::transaction_manager_status_mut(&mut connection);
            if matches!(status.transaction_depth(), Ok(None)) {
                idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            drop(permit);
            Ok(result)
        });
        running.await.map_err(cut_short)?
    }

    /// Borrows a connection.
    ///
    /// # Errors
    /// [`PoolError::Unavailable`].
    pub async fn get(&self) -> Result<Connection, PoolError> {
        let permit = self.permit().await?;
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let inner = if let Some(inner) = idle {
            inner
        } else {
            let options = Arc::clone(&self.options);
            spawn_blocking(move || connect(&options)).await.map_err(unavailable)?.map_err(unavailable)?
        };
        Ok(Connection { open: Some(Open { inner, permit }), idle: Arc::clone(&self.idle) })
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, PoolError> {
        // The semaphore is fair: it has a free permit only when nobody waits for one.
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = Waiting::begin(&self.waiting);
        let waiting = tokio::time::timeout(self.wait_timeout, Arc::clone(&self.permits).acquire_owned());
        waiting.await.map_err(unavailable)?.map_err(unavailable)
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

/// A borrowed connection. [`give_back`](Self::give_back) returns it to the pool; dropping it closes it, which rolls its
/// transaction back.
pub struct Connection {
    open: Option<Open>,
    idle: Idle,
}

/// A connection and its place in the pool, which becomes free when the connection is closed or returned, whichever
/// thread does that.
struct Open {
    inner: SqliteConnection,
    permit: OwnedSemaphorePermit,
}

impl Connection {
    /// Runs a closure.
    ///
    /// When the future is dropped before it is done, the closure still runs to its end, and then the connection is
    /// closed, because nobody has it any more.
    ///
    /// # Errors
    /// [`PoolError::CutShort`]. The closure's own result is inside `Ok`.
    pub async fn run<T: Send + 'static>(
        &mut self,
        task: impl FnOnce(&mut SqliteConnection) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let Some(mut open) = self.open.take() else {
            return Err(cut_short("an earlier call on this connection was not awaited to its end"));
        };
        let running = spawn_blocking(move || {
            let result = task(&mut open.inner);
            (open, result)
        });
        let (open, result) = running.await.map_err(cut_short)?;
        self.open = Some(open);
        Ok(result)
    }

    /// Returns the connection to the pool. It must not be in a transaction.
    pub fn give_back(self) {
        if let Some(Open { inner, permit }) = self.open {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(inner);
            drop(permit);
        }
    }
}

fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> PoolError {
    PoolError::Unavailable(source.into())
}

fn cut_short(source: impl Into<Box<dyn Error + Send + Sync>>) -> PoolError {
    PoolError::CutShort(source.into())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use futures::FutureExt;
    use futures::future::join_all;
    use tempfile::TempDir;

    use super::*;

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }

    async fn count(pool: &Pool) -> i64 {
        let query = "SELECT count(*) AS n FROM t";
        pool.run(move |connection| diesel::sql_query(query).get_result::<Row>(connection)).await.unwrap().unwrap().n
    }

    fn options(folder: &TempDir) -> ConnectOptions {
        let url = folder.path().join("db").to_str().unwrap().to_owned();
        ConnectOptions { url, busy_timeout: Duration::from_secs(5), read_only: false }
    }

    /// A pool on a new file with an empty table `t`.
    async fn pool(folder: &TempDir, size: usize) -> Pool {
        let pool = Pool::new(options(folder), size, Duration::from_millis(100));
        pool.run(|connection| connection.batch_execute("CREATE TABLE t (a)")).await.unwrap().unwrap();
        pool
    }

    // The runtime of these tests has one thread.
    #[tokio::test]
    async fn a_call_that_is_dropped_runs_to_its_end_and_the_next_has_its_connection() {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool(&folder, 1).await;
        let (go, gone) = mpsc::channel::<()>();
        let call = pool.run(move |connection| {
            gone.recv().unwrap();
            connection.batch_execute("INSERT INTO t VALUES (1)").unwrap();
        });
        let mut call = Box::pin(call);
        assert!((&mut call).now_or_never().is_none());
        drop(call);
        assert_eq!(pool.counts().used, 1);
        go.send(()).unwrap();
        assert_eq!(count(&pool).await, 1);
        assert_eq!(pool.counts(), PoolCounts { size: 1, idle: 1, used: 0, waiting: 0 });
    }

    #[tokio::test]
    async fn a_closure_that_panics_takes_no_place_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool(&folder, 1).await;
        let failed = pool.run(|_| panic!("on purpose")).await;
        assert!(matches!(failed, Err(PoolError::CutShort(_))));
        assert_eq!(count(&pool).await, 0);
    }

    #[tokio::test]
    async fn a_transaction_that_is_left_open_is_rolled_back() {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool(&folder, 1).await;
        let begin = |connection: &mut SqliteConnection| {
            AnsiTransactionManager::begin_transaction(connection).unwrap();
            connection.batch_execute("INSERT INTO t VALUES (1)").unwrap();
        };
        pool.run(begin).await.unwrap();
        assert_eq!(count(&pool).await, 0);
        let mut connection = pool.get().await.unwrap();
        connection.run(begin).await.unwrap();
        drop(connection);
        assert_eq!(count(&pool).await, 0);
    }

    #[tokio::test]
    async fn who_waits_for_longer_than_the_timeout_gets_no_connection() {
        let folder = tempfile::tempdir().unwrap();
        let pool = pool(&folder, 2).await;
        let borrowed = join_all((0..2).map(|_| pool.get())).await;
        assert!(matches!(pool.get().await, Err(PoolError::Unavailable(_))));
        let mut waiting = Box::pin(pool.get());
        assert!((&mut waiting).now_or_never().is_none());
        assert_eq!(pool.counts().waiting, 1);
        borrowed.into_iter().for_each(|connection| connection.unwrap().give_back());
        assert!(waiting.await.is_ok());
        assert_eq!(pool.counts().waiting, 0);
    }

    #[tokio::test]
    async fn a_read_only_connection_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        pool(&folder, 1).await;
        let options = ConnectOptions { read_only: true, ..options(&folder) };
        let pool = Pool::new(options, 1, Duration::from_secs(5));
        let written = pool.run(|connection| connection.batch_execute("INSERT INTO t VALUES (1)")).await.unwrap();
        assert!(written.is_err());
        assert_eq!(count(&pool).await, 0);
    }

    #[tokio::test]
    async fn many_connections_can_be_the_first_to_a_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let pool = Pool::new(options(&folder), 8, Duration::from_secs(5));
        let opened = join_all((0..8).map(|_| pool.get())).await;
        assert!(opened.iter().all(Result::is_ok));
    }
}

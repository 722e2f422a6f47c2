//! [`PgRecords`]: the pool, and how calls of one statement use it.

use std::convert::identity;
use std::sync::Arc;

use deadpool::managed::{Pool, PoolError, QueueMode};
use diesel::QueryResult;
use storage_hub_core::ports::{PoolState, RecordError};
use tokio::time::timeout;

use crate::connection::Connector;
use crate::error::{record_error, too_long};
use crate::read_lanes::ReadLanes;
use crate::session::{Session, is_lost};
use crate::statement::{Changes, Rows, Work};
use crate::{ConnectError, PgOptions};

/// The records on PostgreSQL. Clones share one pool of connections.
///
/// Connections are driven on the Tokio runtime on which this was created. Calls may come from any runtime that has a
/// timer.
#[derive(Clone)]
pub struct PgRecords {
    pool: Pool<Connector>,
    lanes: Arc<ReadLanes>,
    pub(crate) connector: Connector,
    options: PgOptions,
}

impl PgRecords {
    /// Number of times that a call whose connection was gone is retried on another one.
    pub(crate) const RETRIES: usize = 2;

    /// Opens the records in the database of this URL, `postgres://user:password@host:port/database`. `sslmode` means
    /// what it means to libpq (the default is `prefer`). `sslrootcert` names a file of certificates of authorities;
    /// the default is those of the system.
    ///
    /// The first call connects, this one does not.
    ///
    /// # Errors
    /// [`ConnectError`] when the URL is malformed, its certificates cannot be read, or there is no Tokio runtime.
    pub fn connect(url: &str, options: PgOptions) -> Result<Self, ConnectError> {
        let connector = Connector::new(url, &options)?;
        let lanes = Arc::new(ReadLanes::of(options.pool_size));
        let pool = Pool::builder(connector.clone())
            .max_size(options.pool_size.get().saturating_sub(lanes.len()))
            // The most recently used connection has the most prepared statements, and connections opened for a burst
            // become idle.
            .queue_mode(QueueMode::Lifo)
            .build()
            .map_err(|error| ConnectError::Pool(error.into()))?;
        Ok(Self { pool, lanes, connector, options })
    }

    /// The state of the pool.
    #[must_use]
    pub fn pool(&self) -> PoolState {
        let (status, lanes) = (self.pool.status(), &self.lanes);
        // Reads share their connections and never wait for one.
        let used = status.size.saturating_sub(status.available) + lanes.open();
        PoolState { most: status.max_size + lanes.len(), idle: status.available, used, waiting: status.waiting }
    }

    /// Takes a connection from the pool, or opens one.
    pub(crate) async fn session(&self) -> Result<Session, RecordError> {
        match timeout(self.options.acquire_timeout(), self.pool.get()).await.map_err(too_long)? {
            Ok(object) => Ok(Session::new(object)),
            Err(PoolError::Backend(error)) => Err(error),
            Err(other) => Err(RecordError::Unavailable(other.into())),
        }
    }

    /// Runs a statement that only reads and is fast, on a shared connection.
    pub(crate) async fn load<S, R>(&self, statement: S) -> Result<Vec<R>, RecordError>
    where
        S: Rows<R>,
        R: Send + 'static,
    {
        let Some(lane) = self.lanes.next() else { return self.load_alone(statement).await };
        let mut used = None;
        let reading = async {
            let mut lost = 0;
            loop {
                let taken = timeout(self.options.acquire_timeout(), lane.connection(&self.connector));
                let connection = used.insert(taken.await.map_err(too_long)??);
                match statement.load_on(&connection.statements).await {
                    Err(error) if is_lost(&error) && lost < Self::RETRIES => {
                        lane.discard(connection);
                        lost += 1;
                    }
                    result => return result.map_err(record_error),
                }
            }
        };
        let result = timeout(PgOptions::CALL, reading).await.map_err(too_long).and_then(identity);
        if let (Err(RecordError::Unavailable(_)), Some(connection)) = (&result, &used) {
            // The next caller must not wait for the same connection.
            lane.discard(connection);
        }
        result
    }

    /// Runs a statement on a connection of its own: one that may take long, or that writes and is safe to run twice.
    pub(crate) async fn load_alone<S, R>(&self, statement: S) -> Result<Vec<R>, RecordError>
    where
        S: Rows<R>,
        R: Send + 'static,
    {
        self.alone(|connection| statement.load_on(connection)).await
    }

    /// Runs a statement that is a transaction of its own and safe to run twice. Returns the number of changed rows.
    pub(crate) async fn execute_alone<S: Changes>(&self, statement: S) -> Result<usize, RecordError> {
        self.alone(|connection| statement.execute_on(connection)).await
    }

    async fn alone<T: Send>(&self, work: impl Work<T>) -> Result<T, RecordError> {
        let working = async {
            let mut lost = 0;
            loop {
                let session = self.session().await?;
                match work(session.statements()?).await {
                    Err(error) if is_lost(&error) && lost < Self::RETRIES => lost += 1,
                    result => return settle(session, result),
                }
            }
        };
        timeout(PgOptions::CALL, working).await.map_err(too_long)?
    }

    /// Runs a statement that returns at most one row.
    pub(crate) async fn load_one<S, R>(&self, statement: S) -> Result<Option<R>, RecordError>
    where
        S: Rows<R>,
        R: Send + 'static,
    {
        Ok(self.load(statement).await?.pop())
    }
}

impl std::fmt::Debug for PgRecords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgRecords").field("pool", &self.pool.status()).field("options", &self.options).finish()
    }
}

/// Releases a connection after a statement, unless the statement could still be running on it.
fn settle<T>(session: Session, result: QueryResult<T>) -> Result<T, RecordError> {
    let result = result.map_err(record_error);
    if !matches!(result, Err(RecordError::Unavailable(_))) {
        session.release();
    }
    result
}

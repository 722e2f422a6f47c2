use deadpool::managed::{Pool, PoolError, QueueMode};
use diesel::QueryResult;
use diesel_async::methods::LoadQuery;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use storage_hub_core::ports::{PoolState, RecordError};
use tokio::time::timeout;

use crate::connection::Connector;
use crate::error::{record_error, too_long};
use crate::session::{Session, is_lost};
use crate::{ConnectError, PgOptions};

/// The records on PostgreSQL. Clones share one pool of connections.
///
/// The connections are driven on the Tokio runtime on which it was made; it can be used on any runtime with a timer.
#[derive(Clone)]
pub struct PgRecords {
    pool: Pool<Connector>,
    pub(crate) connector: Connector,
    options: PgOptions,
}

impl PgRecords {
    /// How often a call that found its connection gone takes another one.
    const RETRIES: usize = 2;

    /// The records in the database of this URL, `postgres://user:password@host:port/database`. `sslmode` is understood
    /// as libpq does (`prefer` when not given), `sslrootcert` names a file of authorities; without it those of the
    /// system count.
    ///
    /// No connection is made yet: that is for the first call.
    ///
    /// # Errors
    /// [`ConnectError`] when the URL is malformed, its certificates cannot be read, or there is no Tokio runtime.
    pub fn connect(url: &str, options: PgOptions) -> Result<Self, ConnectError> {
        let connector = Connector::new(url, &options)?;
        let pool = Pool::builder(connector.clone())
            .max_size(options.pool_size.get())
            // The one used last knows its statements best, and those that were needed for a rush only can rest.
            .queue_mode(QueueMode::Lifo)
            .build()
            .map_err(|error| ConnectError::Pool(error.into()))?;
        Ok(Self { pool, connector, options })
    }

    /// How its connections stand.
    #[must_use]
    pub fn pool(&self) -> PoolState {
        let status = self.pool.status();
        let used = status.size.saturating_sub(status.available);
        PoolState { most: status.max_size, idle: status.available, used, waiting: status.waiting }
    }

    /// A connection of the pool, or a new one.
    async fn session(&self) -> Result<Session, RecordError> {
        match timeout(self.options.acquire_timeout(), self.pool.get()).await.map_err(too_long)? {
            Ok(object) => Ok(Session::new(object)),
            Err(PoolError::Backend(error)) => Err(error),
            Err(other) => Err(RecordError::Unavailable(other.into())),
        }
    }

    /// The rows of a statement that only reads.
    pub(crate) async fn load<S, R>(&self, statement: S) -> Result<Vec<R>, RecordError>
    where
        S: Clone + Send + Sync + LoadQuery<'static, AsyncPgConnection, R> + 'static,
        R: Send + 'static,
    {
        let reading = async {
            for _ in 0..Self::RETRIES {
                let mut session = self.session().await?;
                let result = statement.clone().load(session.statements()?).await;
                if !result.as_ref().is_err_and(is_lost) {
                    return settle(session, result);
                }
            }
            let mut session = self.session().await?;
            let result = statement.clone().load(session.statements()?).await;
            settle(session, result)
        };
        timeout(PgOptions::CALL, reading).await.map_err(too_long)?
    }

    /// The row of a statement that gives one at most.
    pub(crate) async fn load_one<S, R>(&self, statement: S) -> Result<Option<R>, RecordError>
    where
        S: Clone + Send + Sync + LoadQuery<'static, AsyncPgConnection, R> + 'static,
        R: Send + 'static,
    {
        Ok(self.load(statement).await?.pop())
    }

    /// A connection with a transaction open on it.
    pub(crate) async fn begin_session(&self) -> Result<Session, RecordError> {
        let beginning = async {
            for _ in 0..Self::RETRIES {
                let mut session = self.session().await?;
                match session.statements()?.batch_execute("BEGIN").await {
                    Ok(()) => return Ok(session),
                    Err(error) if is_lost(&error) => {}
                    Err(error) => return Err(record_error(error)),
                }
            }
            let mut session = self.session().await?;
            session.statements()?.batch_execute("BEGIN").await.map_err(record_error)?;
            Ok(session)
        };
        timeout(PgOptions::CALL, beginning).await.map_err(too_long)?
    }
}

impl std::fmt::Debug for PgRecords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgRecords").field("pool", &self.pool.status()).field("options", &self.options).finish()
    }
}

/// Gives a connection back after a statement, unless the statement could still run on it.
fn settle<T>(session: Session, result: QueryResult<T>) -> Result<T, RecordError> {
    let result = result.map_err(record_error);
    if !matches!(result, Err(RecordError::Unavailable(_))) {
        session.release();
    }
    result
}

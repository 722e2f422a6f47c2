use std::time::Duration;

use diesel::result::QueryResult;
use diesel::{ConnectionError, SqliteConnection};
use diesel_async::pooled_connection::deadpool::{BuildError, Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use futures::FutureExt;
use storage_hub_core::ports::RecordError;

use crate::error::record_error;

type Inner = SyncConnectionWrapper<SqliteConnection>;

/// How long a call waits for a connection, or a writer for the one before it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(4);

/// What every connection begins with. `synchronous = FULL`: a commit that was answered is on the disk.
pub(crate) const PRAGMAS: &str = "PRAGMA busy_timeout = 3000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON;";

/// A bounded number of connections.
pub(crate) struct Connections(Pool<Inner>);

impl Connections {
    pub(crate) fn new(uri: &str, most: usize) -> Result<Self, BuildError> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(|uri| {
            async move {
                let mut connection = Inner::establish(uri).await?;
                let set_up = connection.batch_execute(PRAGMAS).await;
                set_up.map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(connection)
            }
            .boxed()
        });
        let manager = AsyncDieselConnectionManager::new_with_config(uri, config);
        Pool::builder(manager).max_size(most).build().map(Self)
    }

    /// A connection that is nobody else's.
    pub(crate) async fn get(&self) -> Result<Connection, RecordError> {
        let got = tokio::time::timeout(PATIENCE, self.0.get()).await;
        let object = got
            .map_err(|elapsed| RecordError::Unavailable(elapsed.into()))?
            .map_err(|error| RecordError::Unavailable(error.into()))?;
        Ok(Connection(Some(object)))
    }
}

/// A connection that goes back to the others only by [`give_back`](Self::give_back); dropped, it is closed, which ends
/// its transaction.
///
/// A call that is dropped while it waits leaves its statement running on the connection: nobody else may have that one.
pub(crate) struct Connection(Option<Object<Inner>>);

impl Connection {
    /// Runs statements, in one go.
    pub(crate) async fn run<T: Send + 'static>(
        &mut self,
        statements: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, RecordError> {
        let Some(connection) = &mut self.0 else {
            return Err(RecordError::Unexpected("the connection was given back".into()));
        };
        connection.spawn_blocking(statements).await.map_err(record_error)
    }

    /// Lets others have it.
    pub(crate) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

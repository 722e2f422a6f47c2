//! The object index: which object is made of which blobs. SQLite, in one file beside the blobs.

pub(crate) mod blobs;
pub(crate) mod buckets;
pub(crate) mod listing;
pub(crate) mod objects;
pub(crate) mod schema;
pub(crate) mod uploads;

use std::path::Path;
use std::time::Duration;

use diesel::result::DatabaseErrorKind;
use diesel::{Connection as _, SqliteConnection};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection as _, SimpleAsyncConnection as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use futures::FutureExt as _;
use storage_hub_core::ports::Source;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/embedded");
const READERS: usize = 4;
const WAIT: Duration = Duration::from_secs(5);

/// A commit is on the disk before it is answered (`synchronous = FULL`): what an S3 client was told is stored is stored
/// through a power cut.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; \
                       PRAGMA foreign_keys = ON;";

type Connection = SyncConnectionWrapper<SqliteConnection>;

/// Why the index did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error("there is no such bucket")]
    NoSuchBucket,
    #[error("there is no such key")]
    NoSuchKey,
    #[error("there is no such upload")]
    NoSuchUpload,
    #[error("there is a bucket of this name")]
    BucketExists,
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    #[error("the object is not as the request wants it to be")]
    PreconditionFailed,
    #[error("one or more of the parts are not there, or have another ETag or checksum")]
    InvalidPart,
    #[error("a part other than the last is smaller than the least")]
    PartTooSmall,
    #[error("the object has another size or checksum than the request says")]
    WrongWhole,
    #[error("the object would be larger than the most")]
    TooLarge,
    #[error("the disk is full")]
    Full(#[source] Source),
    #[error("the object index is not available")]
    Unavailable(#[source] Source),
    #[error("the object index failed")]
    Failed(#[source] Source),
}

impl From<diesel::result::Error> for IndexError {
    fn from(error: diesel::result::Error) -> Self {
        let message = match &error {
            diesel::result::Error::DatabaseError(DatabaseErrorKind::Unknown, info) => info.message().to_owned(),
            _ => String::new(),
        };
        if message.contains("disk is full") {
            Self::Full(error.into())
        } else if message.contains("locked") || message.contains("busy") {
            Self::Unavailable(error.into())
        } else {
            Self::Failed(error.into())
        }
    }
}

/// Connections to the index.
///
/// Each call runs as one closure, in one transaction, off the async threads: a future that is dropped meanwhile leaves
/// it running to its end, never half-way.
pub(crate) struct Index {
    /// One connection: SQLite has one writer at a time, and waiting for it here is fairer than in its busy handler.
    writer: Pool<Connection>,
    readers: Pool<Connection>,
}

impl Index {
    /// Opens the file, makes it when it is not there, and brings its tables up to date.
    pub(crate) async fn open(path: &Path) -> Result<Self, Source> {
        let url = path.to_str().ok_or("the folder's path is not UTF-8")?.to_owned();
        let migrated = url.clone();
        tokio::task::spawn_blocking(move || {
            let mut connection = SqliteConnection::establish(&migrated)?;
            diesel::connection::SimpleConnection::batch_execute(&mut connection, PRAGMAS)?;
            connection.run_pending_migrations(MIGRATIONS).map(|_| ())
        })
        .await??;
        Ok(Self { writer: pool(&url, "", 1)?, readers: pool(&url, "PRAGMA query_only = ON;", READERS)? })
    }

    /// Reads one state of the index.
    pub(crate) async fn read<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut SqliteConnection) -> Result<R, IndexError> + Send + 'static,
    ) -> Result<R, IndexError> {
        let mut connection = get(&self.readers).await?;
        connection.spawn_blocking(move |connection| Ok(connection.transaction(task))).await?
    }

    /// Changes the index: all of the task, or, when it fails, nothing.
    pub(crate) async fn write<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut SqliteConnection) -> Result<R, IndexError> + Send + 'static,
    ) -> Result<R, IndexError> {
        let mut connection = get(&self.writer).await?;
        connection.spawn_blocking(move |connection| Ok(connection.immediate_transaction(task))).await?
    }
}

async fn get(pool: &Pool<Connection>) -> Result<Object<Connection>, IndexError> {
    match tokio::time::timeout(WAIT, pool.get()).await {
        Ok(got) => got.map_err(|error| IndexError::Unavailable(error.into())),
        Err(late) => Err(IndexError::Unavailable(late.into())),
    }
}

fn pool(url: &str, more: &'static str, connections: usize) -> Result<Pool<Connection>, Source> {
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |url| {
        let url = url.to_owned();
        async move {
            let mut connection = Connection::establish(&url).await?;
            let pragmas = format!("{PRAGMAS}{more}");
            connection.batch_execute(&pragmas).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        }
        .boxed()
    });
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Ok(Pool::builder(manager).max_size(connections).build()?)
}

//! The object index: an SQLite file next to the blobs that maps each object to its blobs.

pub(crate) mod blobs;
pub(crate) mod buckets;
pub(crate) mod checking;
mod inspection;
pub(crate) mod installation;
pub(crate) mod lifecycle;
pub(crate) mod listing;
pub(crate) mod objects;
pub(crate) mod released;
pub(crate) mod schema;
pub(crate) mod settings;
mod snapshot;
pub(crate) mod uploads;
pub(crate) mod usage;
pub(crate) mod version_id;
pub(crate) mod versions;
mod writer;

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::result::DatabaseErrorKind;
use diesel::{Connection as _, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use storage_hub_core::ports::{PoolState, Source};
use storage_hub_s3_protocol::error::S3Error;
use storage_hub_sqlite_pool::{ConnectOptions, Pool, PoolCounts, PoolError, connect};

pub(crate) use snapshot::Snapshot;
use writer::Writer;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/embedded");
const READERS: usize = 4;
/// How long a statement waits for the lock of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a call waits for a connection. With the busy timeout, no answer waits for more than five seconds.
const WAIT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a tool waits for a starting server to migrate the index.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a call of the index failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error("the bucket does not exist")]
    NoSuchBucket,
    #[error("the key does not exist")]
    NoSuchKey,
    #[error("the version does not exist")]
    NoSuchVersion,
    #[error("the upload does not exist")]
    NoSuchUpload,
    #[error("a bucket of this name exists")]
    BucketExists,
    #[error("the bucket is not empty")]
    BucketNotEmpty,
    /// What the request itself makes impossible: preconditions, parts, sizes.
    #[error(transparent)]
    Refused(S3Error),
    #[error("the disk is full")]
    Full(#[source] Source),
    #[error("the object index is unavailable")]
    Unavailable(#[source] Source),
    #[error("the disk of the object index failed")]
    Disk(#[source] Source),
    #[error("the object index failed")]
    Failed(#[source] Source),
}

impl IndexError {
    /// Whether it is unknown if the change is on the disk.
    pub(crate) const fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Disk(_) | Self::Failed(_))
    }
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
        } else if ["disk I/O error", "unable to open database file"].iter().any(|text| message.contains(text)) {
            Self::Disk(error.into())
        } else {
            Self::Failed(error.into())
        }
    }
}

/// A rule of the request that does not hold.
impl From<S3Error> for IndexError {
    fn from(error: S3Error) -> Self {
        Self::Refused(error)
    }
}

impl From<PoolError> for IndexError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Unavailable(_) => Self::Unavailable(error.into()),
            PoolError::CutShort(_) => Self::Failed(error.into()),
        }
    }
}

/// The index. Each call runs one closure in one transaction on a thread that may block. A future that is dropped meanwhile
/// does not stop the closure.
pub(crate) struct Index {
    writer: Writer,
    readers: Pool,
}

impl Index {
    /// Opens the file, creates it if it is missing, and migrates its tables. A file that a newer release has
    /// migrated is refused, and stays as it is.
    pub(crate) async fn open(path: &Path) -> Result<Self, Source> {
        let options = connect_options(path)?;
        let migrated = options.clone();
        let migrating = tokio::task::spawn_blocking(move || {
            let mut connection = connect(&migrated)?;
            inspection::migration_state(&mut connection)?.refuse_newer()?;
            connection.run_pending_migrations(MIGRATIONS).map(|_| ())
        });
        migrating.await??;
        Ok(Self::on(options))
    }

    /// Opens the file that another process serves from, and leaves the migration to that process.
    pub(crate) async fn open_beside(path: &Path) -> Result<Self, Source> {
        let options = connect_options(path)?;
        let checked = options.clone();
        let pending = tokio::task::spawn_blocking(move || {
            let mut connection = connect(&checked)?;
            inspection::migration_state(&mut connection)?.refuse_newer()?;
            let started = Instant::now();
            // It may be doing so at this very moment.
            while connection.has_pending_migration(MIGRATIONS)? {
                if started.elapsed() > PATIENCE {
                    return Ok(true);
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            Ok::<_, Source>(false)
        });
        if pending.await?? {
            return Err("the process that serves from it is of an older release: end it first".into());
        }
        Ok(Self::on(options))
    }

    fn on(options: ConnectOptions) -> Self {
        let read_only = ConnectOptions { read_only: true, ..options.clone() };
        // One connection: SQLite has one writer at a time, and waiting for it here is fairer than in its busy handler.
        let writer = Writer::new(Pool::new(options, 1, WAIT_TIMEOUT), WAIT_TIMEOUT);
        Self { writer, readers: Pool::new(read_only, READERS, WAIT_TIMEOUT) }
    }

    /// The state of its pools of connections: the writer's and the readers'.
    pub(crate) fn pools(&self) -> [(&'static str, PoolState); 2] {
        [("index_writer", pool_state(self.writer.pool())), ("index_readers", pool_state(&self.readers))]
    }

    /// Reads one state of the index.
    pub(crate) async fn read<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut SqliteConnection) -> Result<R, IndexError> + Send + 'static,
    ) -> Result<R, IndexError> {
        self.readers.run(move |connection| connection.transaction(task)).await?
    }

    /// Changes the index. A task that fails changes nothing. Tasks that wait at the same time share a transaction.
    pub(crate) async fn write<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut SqliteConnection) -> Result<R, IndexError> + Send + 'static,
    ) -> Result<R, IndexError> {
        self.writer.write(task).await
    }
}

/// A file that does not exist is created.
fn connect_options(path: &Path) -> Result<ConnectOptions, Source> {
    Ok(ConnectOptions { url: path_text(path)?.to_owned(), busy_timeout: BUSY_TIMEOUT, read_only: false })
}

fn path_text(path: &Path) -> Result<&str, Source> {
    Ok(path.to_str().ok_or("the folder's path is not UTF-8")?)
}

fn pool_state(pool: &Pool) -> PoolState {
    let PoolCounts { size, idle, used, waiting } = pool.counts();
    PoolState { most: size, idle, used, waiting }
}

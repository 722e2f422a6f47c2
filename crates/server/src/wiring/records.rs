//! The records: SQLite in the data folder, or PostgreSQL.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::Context as _;
use storage_hub_adapter_postgres::{PgOptions, PgRecords};
use storage_hub_adapter_sqlite::SqliteRecords;
use storage_hub_core::ports::{Directory, MigrationState, PoolState, RecordError, RecordsState, UnitOfWork};

use crate::config::Config;

/// The records, opened and migrated.
pub(crate) struct Records {
    /// Writes the records.
    pub(crate) unit_of_work: Arc<dyn UnitOfWork>,
    /// Reads the records.
    pub(crate) directory: Arc<dyn Directory>,
    /// The state of its connections.
    pub(crate) pools: Pools,
    /// Tells whether its tables are still those of this release.
    pub(crate) schema: SchemaProbe,
    /// Names the database, for people.
    pub(crate) summary: String,
}

/// Returns the state of each pool of connections, by name.
pub(crate) type Pools = Arc<dyn Fn() -> Vec<(&'static str, PoolState)> + Send + Sync>;

/// Compares the migrations of the database with those of this release.
pub(crate) type SchemaProbe =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<MigrationState, RecordError>> + Send>> + Send + Sync>;

/// The configured database, not opened yet.
pub(crate) enum Database {
    /// A file in the data folder.
    Sqlite(PathBuf),
    /// A server.
    Postgres(PgRecords),
}

impl Database {
    /// The configured database. Does not connect yet.
    ///
    /// # Errors
    /// When `database.url` is invalid.
    pub(crate) fn new(config: &Config) -> anyhow::Result<Self> {
        let Some(url) = &config.database.url else {
            return Ok(Self::Sqlite(config.data_dir.join("records.sqlite")));
        };
        let mut options = PgOptions::default();
        options.pool_size = NonZeroUsize::new(config.database.pool_size).unwrap_or(options.pool_size);
        Ok(Self::Postgres(PgRecords::connect(url.expose(), options).context("database.url is invalid")?))
    }

    /// Reads what it contains, without writing. Tables of a newer release are reported, not refused.
    ///
    /// # Errors
    /// When it cannot be reached or read.
    pub(crate) async fn inspect(&self) -> anyhow::Result<RecordsState> {
        match self {
            Self::Sqlite(path) => Ok(storage_hub_adapter_sqlite::inspect(path).await?),
            Self::Postgres(records) => records.inspect().await.context("the PostgreSQL database cannot be read"),
        }
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("the database file {}", path.display()),
            Self::Postgres(_) => "the PostgreSQL database".to_owned(),
        }
    }

    /// Opens and migrates it.
    ///
    /// # Errors
    /// When it cannot be reached, opened or migrated.
    pub(crate) async fn open(self) -> anyhow::Result<Records> {
        match self {
            Self::Sqlite(path) => {
                let records = Arc::new(SqliteRecords::open(&path).await?);
                let (watched, probed) = (records.clone(), records.clone());
                Ok(Records {
                    unit_of_work: records.clone(),
                    directory: records,
                    pools: Arc::new(move || watched.pools().to_vec()),
                    schema: Arc::new(move || {
                        let records = probed.clone();
                        Box::pin(async move { records.migration_state().await })
                    }),
                    summary: format!("SQLite ({})", path.display()),
                })
            }
            Self::Postgres(records) => {
                records.migrate().await.context("the PostgreSQL database cannot be migrated")?;
                let records = Arc::new(records);
                let (watched, probed) = (records.clone(), records.clone());
                Ok(Records {
                    unit_of_work: records.clone(),
                    directory: records,
                    pools: Arc::new(move || vec![("records", watched.pool())]),
                    schema: Arc::new(move || {
                        let records = probed.clone();
                        Box::pin(async move { records.migration_state().await })
                    }),
                    summary: "PostgreSQL".to_owned(),
                })
            }
        }
    }
}

/// Checks that the database reports errors in English, as the hub must read them. SQLite always does: `None`.
pub(crate) async fn check_messages(config: &Config) -> Option<anyhow::Result<String>> {
    let records = match Database::new(config) {
        Ok(Database::Sqlite(_)) => return None,
        Ok(Database::Postgres(records)) => records,
        Err(error) => return Some(Err(error)),
    };
    let check = async || {
        let foreign = records.foreign_messages().await.context("the PostgreSQL database cannot be read")?;
        match foreign {
            None => Ok("in English".to_owned()),
            Some(language) => anyhow::bail!(
                "in another language (lc_messages = '{language}'), which this role may not change: deadlocks and timeouts \
                 are not recognized and answered 500; as a superuser, run: ALTER ROLE … SET lc_messages = 'C'"
            ),
        }
    };
    Some(check().await)
}

/// Checks `database.url` without connecting.
///
/// # Errors
/// When it is invalid.
pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    Database::new(config).map(drop)
}

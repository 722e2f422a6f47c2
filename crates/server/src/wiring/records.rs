//! The records: SQLite in the data folder, or PostgreSQL.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use storage_hub_adapter_postgres::{PgOptions, PgRecords};
use storage_hub_adapter_sqlite::SqliteRecords;
use storage_hub_core::ports::{Directory, PoolState, UnitOfWork};

use crate::config::Config;

/// The records, open and up to date.
pub(crate) struct Records {
    /// Writes them.
    pub(crate) unit_of_work: Arc<dyn UnitOfWork>,
    /// Reads them.
    pub(crate) directory: Arc<dyn Directory>,
    /// How its connections stand.
    pub(crate) pools: Pools,
    /// Which database, for people.
    pub(crate) summary: String,
}

/// Tells how pools of connections stand, by their names.
pub(crate) type Pools = Arc<dyn Fn() -> Vec<(&'static str, PoolState)> + Send + Sync>;

/// Opens the database and brings it up to date.
///
/// # Errors
/// When it cannot be reached, opened or migrated.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Records> {
    let Some(url) = &config.database.url else {
        let path = sqlite_path(config);
        let records = SqliteRecords::open(&path).await;
        let records = Arc::new(records.with_context(|| format!("the records {} cannot be opened", path.display()))?);
        let summary = format!("SQLite ({})", path.display());
        let watched = records.clone();
        let pools: Pools = Arc::new(move || watched.pools().to_vec());
        return Ok(Records { unit_of_work: records.clone(), directory: records, pools, summary });
    };
    let records = connect(config, url.expose())?;
    records.migrate().await.context("the PostgreSQL database cannot be migrated")?;
    let records = Arc::new(records);
    let watched = records.clone();
    let pools: Pools = Arc::new(move || vec![("records", watched.pool())]);
    Ok(Records { unit_of_work: records.clone(), directory: records, pools, summary: "PostgreSQL".to_owned() })
}

/// The names of the migrations that the database lacks. Changes nothing.
///
/// # Errors
/// When it cannot be reached or opened.
pub(crate) async fn pending_migrations(config: &Config) -> anyhow::Result<Vec<String>> {
    match &config.database.url {
        None => {
            let path = sqlite_path(config);
            let pending = storage_hub_adapter_sqlite::pending_migrations(&path).await;
            pending.with_context(|| format!("the records {} cannot be read", path.display()))
        }
        Some(url) => {
            let records = connect(config, url.expose())?;
            records.pending_migrations().await.context("the PostgreSQL database cannot be read")
        }
    }
}

/// Checks `database.url` without connecting.
///
/// # Errors
/// When it is invalid.
pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    config.database.url.as_ref().map_or(Ok(()), |url| connect(config, url.expose()).map(drop))
}

fn connect(config: &Config, url: &str) -> anyhow::Result<PgRecords> {
    let mut options = PgOptions::default();
    options.pool_size = NonZeroUsize::new(config.database.pool_size).unwrap_or(options.pool_size);
    PgRecords::connect(url, options).context("database.url is invalid")
}

fn sqlite_path(config: &Config) -> PathBuf {
    config.data_dir.join("records.sqlite")
}

//! A copy of the index in one file, as backups hold it.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_migrations::MigrationHarness as _;
use storage_hub_core::ports::Source;
use storage_hub_sqlite_pool::connect;

use super::{IndexError, MIGRATIONS, blobs, checking, connect_options, path_text};
use crate::blobs::BlobName;

/// A copy of an index, open for reading. Everything here blocks.
pub(crate) struct Snapshot(SqliteConnection);

impl Snapshot {
    /// Copies one state of an index, which another process may be using, into an empty file.
    pub(crate) fn create(index: &Path, target: &Path) -> Result<(), Source> {
        if !index.is_file() {
            return Err(format!("`{}` does not exist", index.display()).into());
        }
        let mut connection = connect(&connect_options(index)?)?;
        if connection.has_pending_migration(MIGRATIONS)? {
            return Err("it is of an older release; start the hub of this release once".into());
        }
        diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(path_text(target)?).execute(&mut connection)?;
        Ok(())
    }

    /// Opens a copy.
    pub(crate) fn open(path: &Path) -> Result<Self, Source> {
        if !path.is_file() {
            return Err(format!("`{}` does not exist", path.display()).into());
        }
        let mut connection = SqliteConnection::establish(path_text(path)?)?;
        connection.batch_execute("PRAGMA query_only = ON")?;
        Ok(Self(connection))
    }

    /// What SQLite finds wrong with it.
    pub(crate) fn problems(&mut self) -> Result<Vec<String>, IndexError> {
        checking::problems(&mut self.0, true)
    }

    /// Calls a function for every blob that it names, with its size in bytes.
    pub(crate) fn for_each_blob<E: From<IndexError>>(
        mut self,
        each: impl FnMut(BlobName, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        blobs::for_each(&mut self.0, each)
    }
}

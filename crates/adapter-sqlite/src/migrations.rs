use std::path::{Path, PathBuf};

use diesel::SqliteConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::result::Error;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use storage_hub_core::ports::Source;

use crate::connection;
use crate::database_file;
use crate::error::OpenError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Brings the tables of a database file up to date; makes the file, for its owner alone, when it is not there.
///
/// All or nothing, and one at a time: two processes that start together do not get in each other's way.
///
/// # Errors
/// [`OpenError`].
pub async fn migrate(path: &Path) -> Result<(), OpenError> {
    blocking(path, |path| {
        database_file::create(path).map_err(|source| OpenError::Create { path: path.to_owned(), source })?;
        let mut connection = connect(path)?;
        let migrated = connection.immediate_transaction(|connection| {
            connection.run_pending_migrations(MIGRATIONS).map(drop).map_err(MigrationError::Migration)
        });
        migrated.map_err(|error| OpenError::migrate(path, error))
    })
    .await
}

/// The names of the migrations that a database file has not had yet, in their order; all of them when there is no file.
/// Changes nothing.
///
/// # Errors
/// [`OpenError`].
pub async fn pending_migrations(path: &Path) -> Result<Vec<String>, OpenError> {
    blocking(path, |path| {
        if !path.exists() {
            let all = MigrationSource::<Sqlite>::migrations(&MIGRATIONS);
            return names(all.map_err(|error| OpenError::migrate(path, error))?);
        }
        let mut connection = connect(path)?;
        let mut pending = Vec::new();
        // To look is to make the table of what was applied, if it lacks: therefore it is rolled back.
        let looked = connection.immediate_transaction(|connection| {
            pending = connection.pending_migrations(MIGRATIONS).map_err(MigrationError::Migration)?;
            Err::<(), _>(MigrationError::Diesel(Error::RollbackTransaction))
        });
        match looked {
            Ok(()) | Err(MigrationError::Diesel(Error::RollbackTransaction)) => names(pending),
            Err(error) => Err(OpenError::migrate(path, error)),
        }
    })
    .await
}

fn names(migrations: Vec<Box<dyn Migration<Sqlite>>>) -> Result<Vec<String>, OpenError> {
    Ok(migrations.iter().map(|migration| migration.name().to_string()).collect())
}

fn connect(path: &Path) -> Result<SqliteConnection, OpenError> {
    let uri = database_file::uri(path).map_err(|error| OpenError::open(path, error))?;
    connection::connect(&uri).map_err(|error| OpenError::open(path, error))
}

async fn blocking<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&Path) -> Result<T, OpenError> + Send + 'static,
) -> Result<T, OpenError> {
    let owned: PathBuf = path.to_owned();
    let done = tokio::task::spawn_blocking(move || work(&owned)).await;
    done.map_err(|error| OpenError::open(path, error))?
}

#[derive(Debug, thiserror::Error)]
enum MigrationError {
    #[error(transparent)]
    Diesel(#[from] Error),
    #[error("{0}")]
    Migration(Source),
}

#[cfg(test)]
mod tests {
    use diesel::Connection;

    use super::*;

    #[test]
    fn every_migration_can_be_taken_back() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        for _ in 0..2 {
            connection.run_pending_migrations(MIGRATIONS).unwrap();
            connection.revert_all_migrations(MIGRATIONS).unwrap();
        }
    }
}

//! Migrations of the records' tables.

use std::path::{Path, PathBuf};

use diesel::SqliteConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};
use diesel::result::{Error, QueryResult};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use storage_hub_core::domain::Email;
use storage_hub_core::ports::{MigrationState, Source};
use storage_hub_sqlite_pool as sqlite_pool;

use crate::database_file;
use crate::error::OpenError;
use crate::inspection::applied;
use crate::schema::users;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Applies pending migrations to a database file. A missing file is created with mode 0600.
///
/// All migrations are applied in one transaction that holds the write lock, so that concurrent starts wait for each other.
///
/// # Errors
/// [`OpenError`]; a file that a newer release has migrated is refused, and stays as it is.
pub async fn migrate(path: &Path) -> Result<(), OpenError> {
    blocking(path, |path| {
        database_file::create(path).map_err(|source| OpenError::Create { path: path.to_owned(), source })?;
        let mut connection = connect(path)?;
        let migrated = connection.immediate_transaction(|connection| {
            // Under the lock of the writer: a newer release may have been here a moment ago.
            let state =
                state_of(path, &applied(connection)?).map_err(|error| MigrationError::Migration(error.into()))?;
            state.refuse_newer().map_err(|error| MigrationError::Migration(error.into()))?;
            connection.run_pending_migrations(MIGRATIONS).map_err(MigrationError::Migration)?;
            fill_email_keys(connection).map_err(MigrationError::Diesel)
        });
        migrated.map_err(|error| OpenError::migrate(path, error))
    })
    .await
}

/// Compares the migrations that were run with those of this release.
pub(crate) fn state_of(path: &Path, applied: &[String]) -> Result<MigrationState, OpenError> {
    let known = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).map_err(|error| OpenError::migrate(path, error))?;
    let known = known.iter().map(|migration| (migration.name().version().to_string(), migration.name().to_string()));
    Ok(MigrationState::compare(known, applied))
}

/// Gives each account without an email key its own, unless another account has it: the older one keeps it.
fn fill_email_keys(connection: &mut SqliteConnection) -> QueryResult<()> {
    let without: Vec<(String, String)> = users::table
        .filter(users::email_key.is_null())
        .order((users::created_at, users::id))
        .select((users::id, users::email))
        .load(connection)?;
    for (id, email) in without {
        let Ok(email) = Email::parse(&email) else { continue };
        let taken = diesel::dsl::exists(users::table.filter(users::email_key.eq(email.key())));
        if !diesel::select(taken).get_result::<bool>(connection)? {
            diesel::update(users::table.find(id)).set(users::email_key.eq(email.key())).execute(connection)?;
        }
    }
    Ok(())
}

pub(crate) fn connect(path: &Path) -> Result<SqliteConnection, OpenError> {
    let options = database_file::connect_options(path).map_err(|error| OpenError::open(path, error))?;
    sqlite_pool::connect(&options).map_err(|error| OpenError::open(path, error))
}

pub(crate) async fn blocking<T: Send + 'static>(
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
    use crate::user_repository::find_by_email;

    #[test]
    fn every_migration_can_be_reverted() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        for _ in 0..2 {
            connection.run_pending_migrations(MIGRATIONS).unwrap();
            connection.revert_all_migrations(MIGRATIONS).unwrap();
        }
    }

    #[test]
    fn of_accounts_whose_emails_collide_the_oldest_has_the_key() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.run_pending_migrations(MIGRATIONS).unwrap();
        let id = |number: u128| uuid::Uuid::from_u128(number).to_string();
        for (number, email) in [(1, "x@bücher.example"), (2, "x@xn--bcher-kva.example"), (3, "y@bücher.example")] {
            let old = format!(
                "INSERT INTO users VALUES ('{}', '{email}', '', x'', '[]', 'key-{number}', 1, 0, 0, 1, {number}, NULL)",
                id(number)
            );
            diesel::sql_query(old).execute(&mut connection).unwrap();
        }
        for _ in 0..2 {
            fill_email_keys(&mut connection).unwrap();
            let keys: Vec<Option<String>> =
                users::table.order(users::id).select(users::email_key).load(&mut connection).unwrap();
            let key = |text: &str| Some(text.to_owned());
            assert_eq!(keys, [key("x@xn--bcher-kva.example"), None, key("y@xn--bcher-kva.example")]);
        }
        for (number, email) in [(1, "x@bücher.example"), (2, "x@xn--bcher-kva.example"), (3, "y@xn--bcher-kva.example")]
        {
            let found = find_by_email(&mut connection, &Email::parse(email).unwrap()).unwrap().unwrap();
            assert_eq!(found.user.id.to_string(), id(number), "{email}");
        }
    }
}

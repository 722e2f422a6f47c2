use std::path::{Path, PathBuf};

use diesel::SqliteConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};
use diesel::result::{Error, QueryResult};
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use storage_hub_core::domain::Email;
use storage_hub_core::ports::Source;

use crate::connection;
use crate::database_file;
use crate::error::OpenError;
use crate::schema::users;

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
            connection.run_pending_migrations(MIGRATIONS).map_err(MigrationError::Migration)?;
            fill_email_keys(connection).map_err(MigrationError::Diesel)
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
    use crate::user_repository::find_by_email;

    #[test]
    fn every_migration_can_be_taken_back() {
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

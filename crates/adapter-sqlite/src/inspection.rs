//! Reading a database file before anything is written to it: at that moment nobody knows whether it is the right one.

use std::fs::File;
use std::io;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::{Connection as _, ExpressionMethods as _, QueryDsl as _, QueryableByName, RunQueryDsl as _};
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use diesel::{SqliteConnection, dsl};
use storage_hub_core::ports::{RecordsContents, RecordsState};

use crate::database_file;
use crate::error::OpenError;
use crate::migrations::{blocking, state_of};
use crate::schema::{buckets, users};

/// What a database file holds. It is opened for reading, nothing is created, and its tables stay as they are; no file is
/// an empty database.
///
/// # Errors
/// [`OpenError::Read`] when this process may not read it, else [`OpenError::Open`].
pub async fn inspect(path: &Path) -> Result<RecordsState, OpenError> {
    blocking(path, |path| {
        // SQLite would only say that it cannot open the file.
        match File::open(path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(RecordsState { migrations: state_of(path, &[])?, contents: RecordsContents::Empty });
            }
            Err(source) => return Err(OpenError::Read { path: path.to_owned(), source }),
        }
        let uri = database_file::uri(path).map_err(|error| OpenError::open(path, error))?;
        let mut connection = SqliteConnection::establish(&uri).map_err(|error| OpenError::open(path, error))?;
        let (applied, contents) = read(&mut connection).map_err(|error| OpenError::open(path, error))?;
        Ok(RecordsState { migrations: state_of(path, &applied)?, contents })
    })
    .await
}

fn read(connection: &mut SqliteConnection) -> QueryResult<(Vec<String>, RecordsContents)> {
    connection.batch_execute("PRAGMA busy_timeout = 3000; PRAGMA query_only = ON;")?;
    connection.transaction(|connection| Ok((applied(connection)?, contents(connection)?)))
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

fn has_table(connection: &mut SqliteConnection, table: &str) -> QueryResult<bool> {
    let query = diesel::sql_query("SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?");
    Ok(!query.bind::<Text, _>(table).load::<Name>(connection)?.is_empty())
}

/// The versions of the migrations that were run.
pub(crate) fn applied(connection: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    if !has_table(connection, "__diesel_schema_migrations")? {
        return Ok(Vec::new());
    }
    let versions = diesel::sql_query("SELECT version AS name FROM __diesel_schema_migrations");
    Ok(versions.load::<Name>(connection)?.into_iter().map(|row| row.name).collect())
}

fn contents(connection: &mut SqliteConnection) -> QueryResult<RecordsContents> {
    if has_table(connection, "installation")?
        && let Some(installation) = crate::installation_repository::find(connection)?
    {
        return Ok(RecordsContents::Identified(installation));
    }
    let some_user = dsl::select(dsl::exists(users::table.select(users::id)));
    if !has_table(connection, "users")? || !some_user.get_result(connection)? {
        return Ok(RecordsContents::Empty);
    }
    let stored = buckets::table.select(buckets::id).filter(buckets::state.eq_any(["active", "deleting"]));
    Ok(RecordsContents::Unidentified { has_buckets: dsl::select(dsl::exists(stored)).get_result(connection)? })
}

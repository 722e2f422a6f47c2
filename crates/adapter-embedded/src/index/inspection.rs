//! Reading the index before anything is written to it: at that moment nobody knows whether it is the right one.

use std::fs::File;
use std::io;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::migration::{Migration as _, MigrationSource};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{SqliteConnection, dsl};
use storage_hub_core::ports::{IndexState, MigrationState, Source};

use super::schema::buckets;
use super::{Index, MIGRATIONS, installation, path_text};

impl Index {
    /// What an index file holds. Nothing is created or changed.
    pub(crate) async fn inspect(path: &Path) -> Result<(MigrationState, IndexState), Source> {
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || inspect(&path)).await?
    }
}

fn inspect(path: &Path) -> Result<(MigrationState, IndexState), Source> {
    // SQLite would create a missing file, and only say of others that it cannot open them.
    match File::open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((compare(&[])?, IndexState::Missing)),
        Err(error) => return Err(error.into()),
    }
    let mut connection = SqliteConnection::establish(path_text(path)?)?;
    connection.batch_execute("PRAGMA busy_timeout = 2000; PRAGMA query_only = ON;")?;
    connection.transaction(|connection| {
        let state = migration_state(connection)?;
        if has_table(connection, "installation")?
            && let Some((hub_id, starts)) = installation::find(connection)?
        {
            return Ok((state, IndexState::Identified { hub_id, starts }));
        }
        let some_bucket = dsl::select(dsl::exists(buckets::table.select(buckets::id)));
        let has_buckets = has_table(connection, "buckets")? && some_bucket.get_result(connection)?;
        Ok((state, if has_buckets { IndexState::Unidentified } else { IndexState::Empty }))
    })
}

/// Compares the migrations that an index has had with those of this release.
pub(super) fn migration_state(connection: &mut SqliteConnection) -> Result<MigrationState, Source> {
    if !has_table(connection, "__diesel_schema_migrations")? {
        return compare(&[]);
    }
    let versions = diesel::sql_query("SELECT version AS name FROM __diesel_schema_migrations");
    let applied: Vec<_> = versions.load::<Name>(connection)?.into_iter().map(|row| row.name).collect();
    compare(&applied)
}

fn compare(applied: &[String]) -> Result<MigrationState, Source> {
    let known = MigrationSource::<Sqlite>::migrations(&MIGRATIONS)?;
    let known = known.iter().map(|migration| (migration.name().version().to_string(), migration.name().to_string()));
    Ok(MigrationState::compare(known, applied))
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

//! Copies of the records, and what has to change in a copy before it is used.

use std::fs::File;
use std::io;
use std::path::Path;

use diesel::SqliteConnection;
use diesel::prelude::{Connection as _, QueryableByName, RunQueryDsl as _};
use diesel::sql_types::{BigInt, Text};
use storage_hub_core::ports::RecordError;

use crate::database_file;
use crate::error::{OpenError, pool_error, record_error};
use crate::migrations::{blocking, connect};
use crate::records::SqliteRecords;

/// Copies one state of a database file, which a server may be using, into a new file for its owner alone.
///
/// # Errors
/// [`OpenError`].
pub async fn copy(path: &Path, target: &Path) -> Result<(), OpenError> {
    let target = target.to_owned();
    blocking(path, move |path| {
        let failed = |error: diesel::result::Error| OpenError::open(path, error);
        // SQLite accepts an empty file, and would create one that everybody can read.
        let create = |source| OpenError::Create { path: target.clone(), source };
        database_file::create(&target).map_err(create)?;
        let mut connection = connect(path)?;
        let name = database_file::uri(&target).map_err(create)?;
        diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(name).execute(&mut connection).map_err(failed)?;
        File::open(&target).and_then(|file| file.sync_all()).map_err(create)
    })
    .await
}

/// Copies the database file of a backup to a new file for its owner alone, and verifies that it has the expected size and
/// no damage.
///
/// # Errors
/// [`OpenError`].
pub async fn restore(backup: &Path, target: &Path, expected_bytes: u64) -> Result<(), OpenError> {
    let target = target.to_owned();
    blocking(backup, move |backup| {
        let create = |source| OpenError::Create { path: target.clone(), source };
        let mut source = File::open(backup).map_err(|error| OpenError::open(backup, error))?;
        database_file::create(&target).map_err(create)?;
        let mut copy = File::options().write(true).open(&target).map_err(create)?;
        let bytes = io::copy(&mut source, &mut copy).map_err(create)?;
        copy.sync_all().map_err(create)?;
        if bytes != expected_bytes {
            return Err(OpenError::open(
                backup,
                format!("it has {bytes} bytes, but its manifest says {expected_bytes}"),
            ));
        }
        let uri = database_file::uri(&target).map_err(create)?;
        let mut connection = SqliteConnection::establish(&uri).map_err(|error| OpenError::open(backup, error))?;
        let problems = diesel::sql_query("SELECT integrity_check AS message FROM pragma_integrity_check");
        let problems: Vec<Problem> = problems.load(&mut connection).map_err(|error| OpenError::open(backup, error))?;
        match problems.into_iter().find(|problem| problem.message != "ok") {
            Some(problem) => Err(OpenError::open(backup, format!("it is damaged: {}", problem.message))),
            None => Ok(()),
        }
    })
    .await
}

#[derive(QueryableByName)]
struct Problem {
    #[diesel(sql_type = Text)]
    message: String,
}

impl SqliteRecords {
    /// Ends all sessions of all users: every token was issued for a lower `token_epoch` than `floor` and the user's present
    /// one. Returns the number of users.
    ///
    /// Records that come from a backup need a floor that no session has reached: sessions were also ended, and others begun,
    /// after the backup was made.
    ///
    /// # Errors
    /// [`RecordError`].
    pub async fn end_all_sessions(&self, floor: i64) -> Result<usize, RecordError> {
        let mut connection = self.writer.get().await.map_err(pool_error)?;
        let ended = connection
            .run(move |connection| {
                diesel::sql_query("UPDATE users SET token_epoch = max(token_epoch + 1, ?)")
                    .bind::<BigInt, _>(floor)
                    .execute(connection)
            })
            .await
            .map_err(pool_error)?
            .map_err(record_error)?;
        connection.give_back();
        Ok(ended)
    }
}

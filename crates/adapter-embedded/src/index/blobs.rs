//! The blobs that the index names.
//!
//! They are read from the tables themselves (`NOT INDEXED`). Were a damaged SQLite index asked instead, a blob whose row
//! is intact could look unknown, and whoever deletes unknown blobs would delete an object.

use std::collections::HashSet;

use diesel::SqliteConnection;
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::IndexError;
use crate::blobs::BlobName;

/// Parts move from an upload to an object, never back, and this is one statement, so it sees one state of all tables.
const ALL: &str = "SELECT blob, size FROM upload_parts NOT INDEXED \
    UNION ALL SELECT blob, size FROM object_parts NOT INDEXED \
    UNION ALL SELECT blob, size FROM objects NOT INDEXED WHERE blob IS NOT NULL";

/// A blob, and its size in bytes.
#[derive(Debug, QueryableByName)]
struct BlobRow {
    #[diesel(sql_type = Text)]
    blob: String,
    #[diesel(sql_type = BigInt)]
    size: i64,
}

/// Calls a function for every blob that the index names, with its size in bytes. Holds one row in memory at a time.
pub(crate) fn for_each<E: From<IndexError>>(
    connection: &mut SqliteConnection,
    mut each: impl FnMut(BlobName, u64) -> Result<(), E>,
) -> Result<(), E> {
    let failed = |error: diesel::result::Error| E::from(IndexError::from(error));
    let rows = diesel::sql_query(ALL).load_iter::<BlobRow, DefaultLoadingMode>(connection).map_err(failed)?;
    for row in rows {
        let row = row.map_err(failed)?;
        each(BlobName::from_index(row.blob), row.size.unsigned_abs())?;
    }
    Ok(())
}

/// Removes the names of the index from a set of blob numbers. Reads all tables once.
pub(crate) fn subtract(
    connection: &mut SqliteConnection,
    mut names: HashSet<u128>,
) -> Result<HashSet<u128>, IndexError> {
    for_each(connection, |blob, _| {
        if let Some(number) = blob.number() {
            names.remove(&number);
        }
        Ok::<_, IndexError>(())
    })?;
    Ok(names)
}

//! Blobs that commits released, until their files are deleted.

use std::collections::HashSet;

use diesel::SqliteConnection;
use diesel::prelude::*;

use super::IndexError;
use super::schema::released_blobs;
use crate::blobs::BlobName;

/// Maximum number of rows of one statement: SQLite allows 32,766 variables.
const ROWS: usize = 10_000;

/// Notes blobs that the transaction releases.
pub(crate) fn insert(connection: &mut SqliteConnection, blobs: &[BlobName]) -> Result<(), IndexError> {
    for blob in blobs {
        diesel::replace_into(released_blobs::table)
            .values(released_blobs::blob.eq(blob.as_str()))
            .execute(connection)?;
    }
    Ok(())
}

/// Forgets blobs whose files were deleted.
pub(crate) fn delete(connection: &mut SqliteConnection, blobs: &[BlobName]) -> Result<(), IndexError> {
    for some in blobs.chunks(ROWS) {
        let names = some.iter().map(BlobName::as_str);
        diesel::delete(released_blobs::table.filter(released_blobs::blob.eq_any(names))).execute(connection)?;
    }
    Ok(())
}

/// All of them.
pub(crate) fn list(connection: &mut SqliteConnection) -> Result<Vec<BlobName>, IndexError> {
    let blobs: Vec<String> = released_blobs::table.select(released_blobs::blob).load(connection)?;
    Ok(blobs.into_iter().map(BlobName::from_index).collect())
}

/// Removes them from a set of blob numbers.
pub(crate) fn subtract(
    connection: &mut SqliteConnection,
    mut names: HashSet<u128>,
) -> Result<HashSet<u128>, IndexError> {
    for number in list(connection)?.iter().filter_map(BlobName::number) {
        names.remove(&number);
    }
    Ok(names)
}

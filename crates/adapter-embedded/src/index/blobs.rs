//! The blobs that the index knows.

use std::collections::HashSet;

use diesel::SqliteConnection;
use diesel::prelude::*;

use super::IndexError;
use super::schema::{object_parts, objects, upload_parts};
use crate::blobs::BlobName;

/// The blobs whose names begin with these two digits.
pub(crate) fn list_shard(connection: &mut SqliteConnection, shard: &str) -> Result<HashSet<BlobName>, IndexError> {
    // Names are hexadecimal digits, all of which are less than this.
    let end = format!("{shard}~");
    let whole: Vec<Option<String>> = objects::table
        .filter(objects::blob.ge(shard).and(objects::blob.lt(&end)))
        .select(objects::blob)
        .load(connection)?;
    let parts: Vec<String> = object_parts::table
        .filter(object_parts::blob.ge(shard).and(object_parts::blob.lt(&end)))
        .select(object_parts::blob)
        .load(connection)?;
    let uploaded: Vec<String> = upload_parts::table
        .filter(upload_parts::blob.ge(shard).and(upload_parts::blob.lt(&end)))
        .select(upload_parts::blob)
        .load(connection)?;
    Ok(whole.into_iter().flatten().chain(parts).chain(uploaded).map(BlobName::from_index).collect())
}

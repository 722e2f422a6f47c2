//! The blobs that the index knows, for the sweep and the check.

use diesel::SqliteConnection;
use diesel::prelude::*;

use super::IndexError;
use super::schema::{object_parts, objects, upload_parts};
use crate::blobs::{BlobFile, BlobName};

/// The blobs whose names begin with these two digits, with the size that each must have.
pub(crate) fn list_shard(connection: &mut SqliteConnection, shard: &str) -> Result<Vec<BlobFile>, IndexError> {
    // Names are hexadecimal digits, all of which are less than this.
    let end = format!("{shard}~");
    let mut found: Vec<(Option<String>, i64)> = objects::table
        .filter(objects::blob.ge(shard).and(objects::blob.lt(&end)))
        .select((objects::blob, objects::size))
        .load(connection)?;
    found.extend(
        object_parts::table
            .filter(object_parts::blob.ge(shard).and(object_parts::blob.lt(&end)))
            .select((object_parts::blob.nullable(), object_parts::size))
            .load::<(Option<String>, i64)>(connection)?,
    );
    found.extend(
        upload_parts::table
            .filter(upload_parts::blob.ge(shard).and(upload_parts::blob.lt(&end)))
            .select((upload_parts::blob.nullable(), upload_parts::size))
            .load::<(Option<String>, i64)>(connection)?,
    );
    let file = |(blob, size): (Option<String>, i64)| {
        blob.map(|blob| BlobFile { name: BlobName::from_index(blob), size: size.unsigned_abs() })
    };
    Ok(found.into_iter().filter_map(file).collect())
}

//! What a bucket holds.

use diesel::SqliteConnection;
use diesel::prelude::*;
use storage_hub_core::domain::BucketId;

use super::IndexError;
use super::buckets::BucketRow;
use super::schema::bucket_usage;
use crate::store::BucketUsage;

/// The counters of a bucket. Triggers keep them in the transaction of every change.
pub(crate) fn get(connection: &mut SqliteConnection, bucket: BucketId) -> Result<BucketUsage, IndexError> {
    let BucketRow { id, .. } = BucketRow::of(connection, bucket)?;
    let row = bucket_usage::table.find(id).select((
        bucket_usage::objects,
        bucket_usage::bytes,
        bucket_usage::versions,
        bucket_usage::version_bytes,
        bucket_usage::delete_markers,
        bucket_usage::uploads,
        bucket_usage::part_bytes,
    ));
    let [objects, bytes, versions, version_bytes, delete_markers, uploads, part_bytes] =
        <[i64; 7]>::from(row.first::<(i64, i64, i64, i64, i64, i64, i64)>(connection)?).map(i64::unsigned_abs);
    Ok(BucketUsage { objects, bytes, versions, version_bytes, delete_markers, uploads, part_bytes })
}

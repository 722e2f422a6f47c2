//! What a bucket holds.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use storage_hub_core::domain::BucketId;
use storage_hub_sqlite_pool::statements;

use super::IndexError;
use super::buckets::BucketRow;
use super::schema::bucket_usage;
use crate::store::BucketUsage;

/// What the counters of each bucket must be.
macro_rules! recount {
    () => {
        "SELECT b.id, b.name, coalesce(o.objects, 0) AS objects, coalesce(o.bytes, 0) AS bytes, \
            coalesce(o.versions, 0) AS versions, coalesce(o.version_bytes, 0) AS version_bytes, \
            coalesce(o.delete_markers, 0) AS delete_markers, coalesce(u.uploads, 0) AS uploads, \
            coalesce(p.part_bytes, 0) AS part_bytes \
         FROM buckets AS b LEFT JOIN ( \
            SELECT bucket_id, sum(is_latest AND NOT is_delete_marker) AS objects, \
                sum(iif(is_latest AND NOT is_delete_marker, size, 0)) AS bytes, sum(NOT is_delete_marker) AS versions, \
                sum(iif(is_delete_marker, 0, size)) AS version_bytes, sum(is_delete_marker) AS delete_markers \
            FROM objects GROUP BY bucket_id \
         ) AS o ON o.bucket_id = b.id \
         LEFT JOIN (SELECT bucket_id, count(*) AS uploads FROM uploads GROUP BY bucket_id) AS u ON u.bucket_id = b.id \
         LEFT JOIN ( \
            SELECT uploads.bucket_id, sum(size) AS part_bytes FROM upload_parts \
            JOIN uploads ON uploads.id = upload_parts.upload_id GROUP BY uploads.bucket_id \
         ) AS p ON p.bucket_id = b.id"
    };
}

statements! {
    FindWrong { } -> Text = concat!(
        "SELECT r.name FROM (", recount!(), ") AS r LEFT JOIN bucket_usage AS s ON s.bucket_id = r.id \
         WHERE s.objects IS NOT r.objects OR s.bytes IS NOT r.bytes OR s.versions IS NOT r.versions \
         OR s.version_bytes IS NOT r.version_bytes OR s.delete_markers IS NOT r.delete_markers \
         OR s.uploads IS NOT r.uploads OR s.part_bytes IS NOT r.part_bytes ORDER BY r.name"
    );

    Recount { } -> () = concat!(
        "REPLACE INTO bucket_usage (bucket_id, objects, bytes, versions, version_bytes, delete_markers, uploads, part_bytes) \
         SELECT id, objects, bytes, versions, version_bytes, delete_markers, uploads, part_bytes FROM (", recount!(), ")"
    );
}

/// The names of the buckets whose counters differ from what they hold. Reads all rows.
pub(crate) fn find_wrong(connection: &mut SqliteConnection) -> Result<Vec<String>, IndexError> {
    Ok(FindWrong {}.load(connection)?)
}

/// Counts again what all buckets hold.
pub(crate) fn recount(connection: &mut SqliteConnection) -> Result<(), IndexError> {
    Recount {}.execute(connection)?;
    Ok(())
}

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

//! Reads the whole index for a check, and removes rows for a repair.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Text};
use diesel::{SqliteConnection, dsl};
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_sqlite_pool::statements;

use super::IndexError;
use super::objects::{self, ObjectRow, ObjectTypes, object_columns};
use super::schema::{buckets, objects as object_rows, upload_parts, uploads};
use super::versions;
use crate::blobs::BlobName;
use crate::object::Object;

statements! {
    ListObjects { after: i64 as BigInt, limit: i64 as BigInt } -> (ObjectTypes, Text, Binary) = concat!(
        "SELECT ", object_columns!(), ", b.name, o.key FROM objects AS o JOIN buckets AS b ON b.id = o.bucket_id \
         WHERE o.id > ? AND o.is_delete_marker = 0 ORDER BY o.id LIMIT ?"
    );

    FindPlace { id: i64 as BigInt } -> (BigInt, Binary, Bool) =
        "SELECT bucket_id, key, is_latest FROM objects WHERE id = ?";
}

/// An object with its bucket and key.
pub(crate) struct PlacedObject {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) object: Object,
}

/// A part of an unfinished upload with its bucket, key and upload.
#[derive(Clone, Debug)]
pub(crate) struct PlacedPart {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) upload: String,
    pub(crate) number: i32,
    pub(crate) blob: BlobName,
    pub(crate) size: u64,
    pub(crate) etag: String,
    /// The part's checksum, if the upload has an algorithm.
    pub(crate) checksum: Option<(ChecksumAlgorithm, String)>,
}

#[derive(QueryableByName)]
struct Problem {
    #[diesel(sql_type = Text)]
    message: String,
}

/// The problems that SQLite finds in the file. The thorough check also compares its indexes with the tables.
pub(crate) fn problems(connection: &mut SqliteConnection, thorough: bool) -> Result<Vec<String>, IndexError> {
    let pragma = if thorough { "integrity_check" } else { "quick_check" };
    let rows: Vec<Problem> =
        diesel::sql_query(format!("SELECT {pragma} AS message FROM pragma_{pragma}")).load(connection)?;
    Ok(rows.into_iter().map(|row| row.message).filter(|message| message != "ok").collect())
}

#[derive(QueryableByName)]
struct Tables {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Whether the index has ever held an object or a part.
pub(crate) fn was_used(connection: &mut SqliteConnection) -> Result<bool, IndexError> {
    // SQLite remembers the highest id, also of rows that were deleted. Parts have no such ids.
    let used = "SELECT count(*) AS count FROM sqlite_sequence WHERE name = 'objects'";
    let used: Tables = diesel::sql_query(used).get_result(connection)?;
    Ok(used.count > 0
        || upload_parts::table.select(upload_parts::number).first::<i32>(connection).optional()?.is_some())
}

/// The versions of objects after one, ordered by id, at most `limit`. Delete markers have nothing to check.
pub(crate) fn list_objects(
    connection: &mut SqliteConnection,
    after: i64,
    limit: i64,
) -> Result<Vec<PlacedObject>, IndexError> {
    let rows: Vec<(ObjectRow, String, Vec<u8>)> = ListObjects { after, limit }.load(connection)?;
    let placed = |(row, bucket, key): (ObjectRow, String, Vec<u8>)| {
        let key = String::from_utf8_lossy(&key).into_owned();
        Ok(PlacedObject { bucket, key, object: objects::read(connection, row, true)? })
    };
    rows.into_iter().map(placed).collect()
}

/// The uploaded parts after one, in order, at most `limit`.
pub(crate) fn list_parts(
    connection: &mut SqliteConnection,
    (upload, number): (&str, i32),
    limit: i64,
) -> Result<Vec<PlacedPart>, IndexError> {
    type Row = (String, Vec<u8>, Option<String>, (String, i32, String, i64, String, Option<String>));
    let rows: Vec<Row> = upload_parts::table
        .inner_join(uploads::table.on(uploads::id.eq(upload_parts::upload_id)))
        .inner_join(buckets::table.on(buckets::id.eq(uploads::bucket_id)))
        .filter(
            upload_parts::upload_id
                .gt(upload)
                .or(upload_parts::upload_id.eq(upload).and(upload_parts::number.gt(number))),
        )
        .order((upload_parts::upload_id, upload_parts::number))
        .limit(limit)
        .select((
            buckets::name,
            uploads::key,
            uploads::checksum_algorithm,
            (
                upload_parts::upload_id,
                upload_parts::number,
                upload_parts::blob,
                upload_parts::size,
                upload_parts::etag,
                upload_parts::checksum,
            ),
        ))
        .load(connection)?;
    let placed = |(bucket, key, algorithm, (upload, number, blob, size, etag, checksum)): Row| PlacedPart {
        bucket,
        key: String::from_utf8_lossy(&key).into_owned(),
        upload,
        number,
        blob: BlobName::from_index(blob),
        size: size.unsigned_abs(),
        etag,
        checksum: algorithm.as_deref().and_then(ChecksumAlgorithm::parse).zip(checksum),
    };
    Ok(rows.into_iter().map(placed).collect())
}

/// Whether an upload still has the part with this blob.
pub(crate) fn part_exists(connection: &mut SqliteConnection, blob: &BlobName) -> Result<bool, IndexError> {
    let rows = upload_parts::table.filter(upload_parts::blob.eq(blob.as_str()));
    Ok(dsl::select(dsl::exists(rows)).get_result(connection)?)
}

/// Removes a version of an object from the index. Its blobs stay.
pub(crate) fn forget_object(connection: &mut SqliteConnection, id: i64) -> Result<(), IndexError> {
    let Some((bucket, key, is_latest)) = FindPlace { id }.get_result(connection).optional()? else { return Ok(()) };
    diesel::delete(object_rows::table.find(id)).execute(connection)?;
    if is_latest { versions::promote(connection, bucket, key) } else { Ok(()) }
}

/// Removes a part of an upload from the index. Its blob stays.
pub(crate) fn forget_part(connection: &mut SqliteConnection, blob: &BlobName) -> Result<(), IndexError> {
    diesel::delete(upload_parts::table.filter(upload_parts::blob.eq(blob.as_str()))).execute(connection)?;
    Ok(())
}

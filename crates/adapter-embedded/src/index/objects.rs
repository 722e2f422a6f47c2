//! The objects of the index.

use diesel::SqliteConnection;
use diesel::prelude::*;

use super::IndexError;
use super::buckets::BucketRowId;
use super::schema::{object_parts, objects};
use crate::blobs::BlobName;
use crate::digests::{Algorithm, ChecksumKind};
use crate::object::{Content, Description, NewObject, Object, Piece, StoredChecksum, WriteCondition};

/// The name of the only version of an object in a bucket without versioning.
const NULL_VERSION: &str = "null";

#[derive(Queryable, Selectable)]
#[diesel(table_name = objects)]
pub(super) struct ObjectRow {
    id: i64,
    blob: Option<String>,
    size: i64,
    etag: String,
    modified_at: i64,
    headers: String,
    metadata: String,
    checksum_algorithm: Option<String>,
    checksum_type: Option<String>,
    checksum: Option<String>,
}

/// Reads the object of a key.
pub(crate) fn get(connection: &mut SqliteConnection, bucket: BucketRowId, key: &str) -> Result<Object, IndexError> {
    let bucket_id = bucket.id(connection)?;
    let row: ObjectRow = latest(bucket_id, key)
        .select(ObjectRow::as_select())
        .first(connection)
        .optional()?
        .ok_or(IndexError::NoSuchKey)?;
    read(connection, row)
}

/// Reads the rest of an object whose row was read.
pub(super) fn read(connection: &mut SqliteConnection, row: ObjectRow) -> Result<Object, IndexError> {
    let content = match row.blob {
        Some(blob) => Content::Whole(BlobName::from_index(blob)),
        None => Content::Parts(pieces(connection, row.id)?),
    };
    Ok(Object {
        id: row.id,
        description: read_description(&row.headers, &row.metadata)?,
        size: row.size.unsigned_abs(),
        etag: row.etag,
        modified_at: row.modified_at,
        checksum: read_checksum(row.checksum_algorithm.as_deref(), row.checksum_type.as_deref(), row.checksum),
        content,
    })
}

/// Whether the object still has this content.
pub(crate) fn exists(connection: &mut SqliteConnection, id: i64) -> Result<bool, IndexError> {
    Ok(diesel::dsl::select(diesel::dsl::exists(objects::table.find(id))).get_result(connection)?)
}

/// Writes an object and replaces the one that had its key. Returns the blobs that this releases.
pub(crate) fn put(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    new: &NewObject,
    condition: &WriteCondition,
    now: i64,
) -> Result<Vec<BlobName>, IndexError> {
    let bucket_id = bucket.id(connection)?;
    check(connection, bucket_id, &new.key, condition)?;
    let replaced = remove(connection, bucket_id, &new.key)?;
    let blob = match &new.content {
        Content::Whole(blob) => Some(blob.as_str()),
        Content::Parts(_) => None,
    };
    let id: i64 = diesel::insert_into(objects::table)
        .values((
            objects::bucket_id.eq(bucket_id),
            objects::key.eq(new.key.as_bytes()),
            objects::version.eq(NULL_VERSION),
            objects::is_latest.eq(true),
            objects::is_delete_marker.eq(false),
            objects::blob.eq(blob),
            objects::size.eq(new.size.cast_signed()),
            objects::etag.eq(&new.etag),
            objects::modified_at.eq(now),
            (
                objects::headers.eq(to_json(&new.description.headers)?),
                objects::metadata.eq(to_json(&new.description.metadata)?),
                objects::checksum_algorithm.eq(new.checksum.as_ref().map(|checksum| checksum.algorithm.name())),
                objects::checksum_type.eq(new.checksum.as_ref().map(|checksum| checksum.kind.name())),
                objects::checksum.eq(new.checksum.as_ref().map(|checksum| checksum.value.as_str())),
            ),
        ))
        .returning(objects::id)
        .get_result(connection)?;
    if let Content::Parts(pieces) = &new.content {
        for (number, piece) in (1..).zip(pieces) {
            diesel::insert_into(object_parts::table)
                .values((
                    object_parts::object_id.eq(id),
                    object_parts::number.eq(number),
                    object_parts::blob.eq(piece.blob.as_str()),
                    object_parts::size.eq(piece.size.cast_signed()),
                    object_parts::checksum.eq(piece.checksum.as_deref()),
                ))
                .execute(connection)?;
        }
    }
    Ok(replaced)
}

/// Deletes an object if it exists. Returns the blobs that this releases.
pub(crate) fn delete(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    key: &str,
    condition: &WriteCondition,
) -> Result<Vec<BlobName>, IndexError> {
    let bucket_id = bucket.id(connection)?;
    check(connection, bucket_id, key, condition)?;
    remove(connection, bucket_id, key)
}

fn remove(connection: &mut SqliteConnection, bucket_id: i64, key: &str) -> Result<Vec<BlobName>, IndexError> {
    let found: Option<(i64, Option<String>)> =
        latest(bucket_id, key).select((objects::id, objects::blob)).first(connection).optional()?;
    let Some((id, blob)) = found else { return Ok(Vec::new()) };
    let blobs = match blob {
        Some(blob) => vec![BlobName::from_index(blob)],
        None => pieces(connection, id)?.into_iter().map(|piece| piece.blob).collect(),
    };
    diesel::delete(objects::table.find(id)).execute(connection)?;
    Ok(blobs)
}

/// Compares a condition with the object as it is in this transaction.
fn check(
    connection: &mut SqliteConnection,
    bucket_id: i64,
    key: &str,
    condition: &WriteCondition,
) -> Result<(), IndexError> {
    if condition.matches.is_none() && condition.matches_not.is_none() {
        return Ok(());
    }
    let etag: Option<String> = latest(bucket_id, key).select(objects::etag).first(connection).optional()?;
    match (&condition.matches, &etag) {
        (Some(_), None) => return Err(IndexError::NoSuchKey),
        (Some(wanted), Some(etag)) if !wanted.holds(etag) => return Err(IndexError::PreconditionFailed),
        _ => {}
    }
    match (&condition.matches_not, &etag) {
        (Some(unwanted), Some(etag)) if unwanted.holds(etag) => Err(IndexError::PreconditionFailed),
        _ => Ok(()),
    }
}

#[diesel::dsl::auto_type]
fn latest<'a>(bucket_id: i64, key: &'a str) -> _ {
    let key: &'a [u8] = key.as_bytes();
    objects::table
        .filter(objects::bucket_id.eq(bucket_id))
        .filter(objects::key.eq(key))
        .filter(objects::is_latest.eq(true))
}

fn pieces(connection: &mut SqliteConnection, object_id: i64) -> Result<Vec<Piece>, IndexError> {
    let rows: Vec<(String, i64, Option<String>)> = object_parts::table
        .filter(object_parts::object_id.eq(object_id))
        .order(object_parts::number)
        .select((object_parts::blob, object_parts::size, object_parts::checksum))
        .load(connection)?;
    let piece = |(blob, size, checksum): (String, i64, _)| Piece {
        blob: BlobName::from_index(blob),
        size: size.unsigned_abs(),
        checksum,
    };
    Ok(rows.into_iter().map(piece).collect())
}

pub(super) fn to_json(value: &impl serde::Serialize) -> Result<String, IndexError> {
    serde_json::to_string(value).map_err(|error| IndexError::Failed(error.into()))
}

pub(super) fn read_description(headers: &str, metadata: &str) -> Result<Description, IndexError> {
    let read =
        || Ok(Description { headers: serde_json::from_str(headers)?, metadata: serde_json::from_str(metadata)? });
    read().map_err(|error: serde_json::Error| IndexError::Failed(error.into()))
}

fn read_checksum(algorithm: Option<&str>, kind: Option<&str>, value: Option<String>) -> Option<StoredChecksum> {
    Some(StoredChecksum { algorithm: Algorithm::parse(algorithm?)?, kind: ChecksumKind::parse(kind?)?, value: value? })
}

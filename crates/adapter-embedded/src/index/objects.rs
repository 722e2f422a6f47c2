//! The objects of the index.

use bytes::Bytes;
use diesel::SqliteConnection;
use diesel::prelude::*;
use storage_hub_core::domain::BucketId;
use storage_hub_s3_backend::conditions::check_write;
use storage_hub_s3_protocol::checksum::{Checksum, ChecksumAlgorithm, ChecksumKind};
use storage_hub_s3_protocol::types::WriteConditions;

use super::IndexError;
use super::buckets::BucketRowId;
use super::schema::{buckets, object_data, object_parts, objects};
use crate::blobs::BlobName;
use crate::object::{Content, Description, NewContent, NewObject, Object, Piece};

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
    is_inline: bool,
}

/// Reads the object of a key in the bucket with this id, and its bytes if they are in the index.
pub(crate) fn get_with_data(
    connection: &mut SqliteConnection,
    bucket: BucketId,
    key: &str,
) -> Result<(Object, Option<Bytes>), IndexError> {
    let found: Option<(ObjectRow, Option<Vec<u8>>)> = objects::table
        .inner_join(buckets::table.on(buckets::id.eq(objects::bucket_id)))
        .left_join(object_data::table.on(object_data::object_id.eq(objects::id)))
        .filter(buckets::hub_id.eq(bucket.to_string()))
        .filter(objects::key.eq(key.as_bytes()))
        .filter(objects::is_latest.eq(true))
        .select((ObjectRow::as_select(), object_data::data.nullable()))
        .first(connection)
        .optional()?;
    match found {
        Some((row, data)) => Ok((read(connection, row)?, data.map(Bytes::from))),
        None => BucketRowId::of(connection, bucket).and(Err(IndexError::NoSuchKey)),
    }
}

/// Reads the object of a key in the bucket with this id.
pub(crate) fn get_in(connection: &mut SqliteConnection, bucket: BucketId, key: &str) -> Result<Object, IndexError> {
    let row: Option<ObjectRow> = objects::table
        .inner_join(buckets::table.on(buckets::id.eq(objects::bucket_id)))
        .filter(buckets::hub_id.eq(bucket.to_string()))
        .filter(objects::key.eq(key.as_bytes()))
        .filter(objects::is_latest.eq(true))
        .select(ObjectRow::as_select())
        .first(connection)
        .optional()?;
    match row {
        Some(row) => read(connection, row),
        None => BucketRowId::of(connection, bucket).and(Err(IndexError::NoSuchKey)),
    }
}

/// Reads the rest of an object whose row was read.
pub(super) fn read(connection: &mut SqliteConnection, row: ObjectRow) -> Result<Object, IndexError> {
    let content = match row.blob {
        Some(blob) => Content::Whole(BlobName::from_index(blob)),
        None if row.is_inline => Content::Inline,
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

/// The bytes of an object that are in the index; `None` when the object was replaced or deleted.
pub(crate) fn data(connection: &mut SqliteConnection, id: i64) -> Result<Option<Bytes>, IndexError> {
    let data: Option<Vec<u8>> = object_data::table.find(id).select(object_data::data).first(connection).optional()?;
    Ok(data.map(Bytes::from))
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
    conditions: &WriteConditions,
    now: i64,
) -> Result<Vec<BlobName>, IndexError> {
    let bucket_id = bucket.id(connection)?;
    check(connection, bucket_id, &new.key, conditions)?;
    let replaced = remove(connection, bucket_id, &new.key)?;
    let blob = match &new.content {
        NewContent::Whole(blob) => Some(blob.as_str()),
        NewContent::Inline(_) | NewContent::Parts(_) => None,
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
            objects::is_inline.eq(matches!(new.content, NewContent::Inline(_))),
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
    match &new.content {
        NewContent::Whole(_) => {}
        NewContent::Inline(data) => {
            diesel::insert_into(object_data::table)
                .values((object_data::object_id.eq(id), object_data::data.eq(&data[..])))
                .execute(connection)?;
        }
        NewContent::Parts(pieces) => insert_pieces(connection, id, pieces)?,
    }
    Ok(replaced)
}

fn insert_pieces(connection: &mut SqliteConnection, object_id: i64, pieces: &[Piece]) -> Result<(), IndexError> {
    for (number, piece) in (1..).zip(pieces) {
        diesel::insert_into(object_parts::table)
            .values((
                object_parts::object_id.eq(object_id),
                object_parts::number.eq(number),
                object_parts::blob.eq(piece.blob.as_str()),
                object_parts::size.eq(piece.size.cast_signed()),
                object_parts::checksum.eq(piece.checksum.as_deref()),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Deletes an object if it exists. Returns the blobs that this releases.
pub(crate) fn delete(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    key: &str,
    conditions: &WriteConditions,
) -> Result<Vec<BlobName>, IndexError> {
    let bucket_id = bucket.id(connection)?;
    check(connection, bucket_id, key, conditions)?;
    remove(connection, bucket_id, key)
}

fn remove(connection: &mut SqliteConnection, bucket_id: i64, key: &str) -> Result<Vec<BlobName>, IndexError> {
    let found: Option<(i64, Option<String>, bool)> =
        latest(bucket_id, key).select((objects::id, objects::blob, objects::is_inline)).first(connection).optional()?;
    let Some((id, blob, is_inline)) = found else { return Ok(Vec::new()) };
    let blobs = match blob {
        Some(blob) => vec![BlobName::from_index(blob)],
        None if is_inline => Vec::new(),
        None => pieces(connection, id)?.into_iter().map(|piece| piece.blob).collect(),
    };
    diesel::delete(objects::table.find(id)).execute(connection)?;
    Ok(blobs)
}

/// Compares conditions with the object as it is in this transaction.
fn check(
    connection: &mut SqliteConnection,
    bucket_id: i64,
    key: &str,
    conditions: &WriteConditions,
) -> Result<(), IndexError> {
    if *conditions == WriteConditions::default() {
        return Ok(());
    }
    let etag: Option<String> = latest(bucket_id, key).select(objects::etag).first(connection).optional()?;
    check_write(conditions, etag.as_deref()).map_err(IndexError::Refused)
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

/// A checksum from its three columns.
pub(super) fn read_checksum(algorithm: Option<&str>, kind: Option<&str>, value: Option<String>) -> Option<Checksum> {
    Some(Checksum {
        algorithm: ChecksumAlgorithm::parse(algorithm?)?,
        kind: ChecksumKind::parse(kind?)?,
        value: value?,
    })
}

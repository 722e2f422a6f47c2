//! Writes and deletes versions of objects.
//!
//! | the bucket | a write | a deletion of the key | a deletion of a version |
//! |---|---|---|---|
//! | never kept versions | replaces the object | deletes the object | deletes the object, which is the version `null` |
//! | keeps versions | adds a version | adds a delete marker | deletes the version; the newest that is left becomes the latest |
//! | suspended keeping them | replaces the version `null` | replaces it with a marker | the same |
//!
//! The versions of a key are in the order of their row ids, and `is_latest` is set in the row with the greatest.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
use storage_hub_s3_backend::conditions::check_write;
use storage_hub_s3_backend::object_lock::{check_deletion, lock_of_write};
use storage_hub_s3_backend::versions::NULL_VERSION;
use storage_hub_s3_protocol::types::WriteConditions;
use storage_hub_s3_protocol::versioning::VersioningState;
use storage_hub_sqlite_pool::statements;

use super::buckets::BucketRow;
use super::objects::{ExtrasRow, ExtrasTypes, pieces, to_json};
use super::schema::{object_data, object_parts};
use super::{IndexError, version_id};
use crate::blobs::BlobName;
use crate::object::{Extras, NewContent, NewObject, Piece};

/// The columns of a [`StoredVersion`].
macro_rules! stored_columns {
    () => {
        "SELECT id, version, is_latest, is_delete_marker, is_inline, blob, etag, tags, retention_mode, retain_until, \
         legal_hold FROM objects"
    };
}

type StoredTypes = (BigInt, Text, Bool, Bool, Bool, Nullable<Text>, Text, ExtrasTypes);

statements! {
    FindLatest { bucket: i64 as BigInt, key: Vec<u8> as Binary } -> StoredTypes =
        concat!(stored_columns!(), " WHERE bucket_id = ? AND key = ? AND is_latest = 1");

    FindStored { bucket: i64 as BigInt, key: Vec<u8> as Binary, version: String as Text } -> StoredTypes =
        concat!(stored_columns!(), " WHERE bucket_id = ? AND key = ? AND version = ?");

    // SQLite keeps the greatest id that was ever given.
    LastId { } -> BigInt = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'objects'";

    Demote { now: i64 as BigInt, id: i64 as BigInt } -> () =
        "UPDATE objects SET is_latest = 0, noncurrent_since = ? WHERE id = ?";

    Promote { bucket: i64 as BigInt, key: Vec<u8> as Binary } -> () =
        "UPDATE objects SET is_latest = 1, noncurrent_since = NULL WHERE id = \
         (SELECT id FROM objects WHERE bucket_id = ? AND key = ? AND is_latest = 0 ORDER BY id DESC LIMIT 1)";

    Delete { id: i64 as BigInt } -> () = "DELETE FROM objects WHERE id = ?";

    Insert {
        id: Option<i64> as Nullable<BigInt>, bucket: i64 as BigInt, key: Vec<u8> as Binary, version: String as Text,
        blob: Option<String> as Nullable<Text>, size: i64 as BigInt, etag: String as Text, modified_at: i64 as BigInt,
        headers: String as Text, metadata: String as Text, checksum_algorithm: Option<&'static str> as Nullable<Text>,
        checksum_type: Option<&'static str> as Nullable<Text>, checksum: Option<String> as Nullable<Text>,
        is_inline: bool as Bool, tags: Option<String> as Nullable<Text>,
        retention_mode: Option<String> as Nullable<Text>, retain_until: Option<i64> as Nullable<BigInt>,
        legal_hold: Option<bool> as Nullable<Bool>,
    } -> BigInt =
        "INSERT INTO objects (id, bucket_id, key, version, blob, size, etag, modified_at, headers, metadata, \
         checksum_algorithm, checksum_type, checksum, is_inline, tags, retention_mode, retain_until, legal_hold, \
         is_latest, is_delete_marker) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0) RETURNING id";

    InsertMarker {
        id: Option<i64> as Nullable<BigInt>, bucket: i64 as BigInt, key: Vec<u8> as Binary, version: String as Text,
        modified_at: i64 as BigInt,
    } -> () =
        "INSERT INTO objects (id, bucket_id, key, version, is_latest, is_delete_marker, size, etag, modified_at, headers, \
         metadata) VALUES (?, ?, ?, ?, 1, 1, 0, '', ?, '{}', '{}')";
}

/// A version as a write or a deletion finds it.
#[derive(Queryable)]
pub(super) struct StoredVersion {
    pub(super) id: i64,
    pub(super) version: String,
    pub(super) is_latest: bool,
    pub(super) is_delete_marker: bool,
    is_inline: bool,
    blob: Option<String>,
    etag: String,
    extras: ExtrasRow,
}

impl StoredVersion {
    pub(super) fn extras(&self) -> Extras {
        self.extras.clone().into()
    }
}

/// What a write left.
#[derive(Clone, Debug, Default)]
pub(crate) struct Put {
    /// The version; `None` where the bucket keeps none.
    pub(crate) version_id: Option<String>,
    /// Blobs that nothing refers to any more.
    pub(crate) released: Vec<BlobName>,
}

/// What a deletion did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Removed {
    /// The delete marker that was created or deleted.
    pub(crate) marker: Option<String>,
    pub(crate) released: Vec<BlobName>,
}

/// Writes an object.
pub(crate) fn put(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    new: &NewObject,
    conditions: &WriteConditions,
    now: i64,
) -> Result<Put, IndexError> {
    let latest = find_latest(connection, bucket, &new.key)?;
    check(conditions, latest.as_ref())?;
    let place = make_room(connection, bucket, &new.key, latest, now)?;
    let lock = lock_of_write(bucket.object_lock.as_ref(), new.extras.lock(), now)?;
    let extras = new.extras.clone().with_lock(lock);
    let checksum = new.checksum.as_ref();
    let insert = Insert {
        id: place.id,
        bucket: bucket.id,
        key: new.key.as_bytes().to_vec(),
        version: place.version.clone(),
        blob: match &new.content {
            NewContent::Whole(blob) => Some(blob.as_str().to_owned()),
            NewContent::Inline(_) | NewContent::Parts(_) => None,
        },
        size: new.size.cast_signed(),
        etag: new.etag.clone(),
        modified_at: now,
        headers: to_json(&new.description.headers)?,
        metadata: to_json(&new.description.metadata)?,
        checksum_algorithm: checksum.map(|checksum| checksum.algorithm.name()),
        checksum_type: checksum.map(|checksum| checksum.kind.name()),
        checksum: checksum.map(|checksum| checksum.value.clone()),
        is_inline: matches!(new.content, NewContent::Inline(_)),
        tags: extras.tags,
        retention_mode: extras.retention_mode,
        retain_until: extras.retain_until,
        legal_hold: extras.legal_hold,
    };
    let id: i64 = insert.get_result(connection)?;
    match &new.content {
        NewContent::Whole(_) => {}
        NewContent::Inline(data) => {
            diesel::insert_into(object_data::table)
                .values((object_data::object_id.eq(id), object_data::data.eq(&data[..])))
                .execute(connection)?;
        }
        NewContent::Parts(pieces) => insert_pieces(connection, id, pieces)?,
    }
    Ok(Put { version_id: Some(place.version).filter(|_| bucket.names_versions()), released: place.released })
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

/// Deletes the object of a key if it exists. Where versions are kept, a delete marker takes its place.
pub(crate) fn delete_current(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    key: &str,
    conditions: &WriteConditions,
    now: i64,
) -> Result<Removed, IndexError> {
    let latest = find_latest(connection, bucket, key)?;
    check(conditions, latest.as_ref())?;
    if bucket.versioning.is_none() {
        return match latest {
            Some(latest) => Ok(Removed { marker: None, released: remove(connection, &latest, false, now)? }),
            None => Ok(Removed::default()),
        };
    }
    let place = make_room(connection, bucket, key, latest, now)?;
    let (key, version) = (key.as_bytes().to_vec(), place.version.clone());
    InsertMarker { id: place.id, bucket: bucket.id, key, version, modified_at: now }.execute(connection)?;
    Ok(Removed { marker: Some(place.version), released: place.released })
}

/// A version to delete.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VersionToDelete<'a> {
    pub(crate) key: &'a str,
    pub(crate) version: &'a str,
    pub(crate) conditions: &'a WriteConditions,
    /// Whether governance retention is bypassed.
    pub(crate) bypass_governance: bool,
}

/// Deletes a version if it exists. If it was the latest, the newest that is left becomes the latest.
pub(crate) fn delete_version(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    at: VersionToDelete<'_>,
    now: i64,
) -> Result<Removed, IndexError> {
    let VersionToDelete { key, version, conditions, bypass_governance } = at;
    let stored = find_stored(connection, bucket, key, version)?;
    check(conditions, stored.as_ref())?;
    let Some(stored) = stored else { return Ok(Removed::default()) };
    let released = remove(connection, &stored, bypass_governance, now)?;
    if stored.is_latest && bucket.names_versions() {
        promote(connection, bucket.id, key.as_bytes().to_vec())?;
    }
    Ok(Removed { marker: Some(stored.version).filter(|_| stored.is_delete_marker), released })
}

/// Makes the newest version that is left the latest.
pub(super) fn promote(connection: &mut SqliteConnection, bucket: i64, key: Vec<u8>) -> Result<(), IndexError> {
    Promote { bucket, key }.execute(connection)?;
    Ok(())
}

/// Where a new version goes.
struct Place {
    /// The id of its row; `None`: the next one.
    id: Option<i64>,
    version: String,
    released: Vec<BlobName>,
}

/// Makes room for a new latest version: deletes what it replaces, and makes the latest one an earlier one.
fn make_room(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    key: &str,
    latest: Option<StoredVersion>,
    now: i64,
) -> Result<Place, IndexError> {
    let mut place = Place { id: None, version: NULL_VERSION.to_owned(), released: Vec::new() };
    match bucket.versioning {
        None => {
            if let Some(latest) = latest {
                place.released = remove(connection, &latest, false, now)?;
            }
        }
        Some(VersioningState::Enabled) => {
            if let Some(latest) = latest {
                Demote { now, id: latest.id }.execute(connection)?;
            }
            let last: i64 = LastId {}.get_result(connection)?;
            let id = last.saturating_add(1);
            place = Place { id: Some(id), version: version_id::create(id), released: Vec::new() };
        }
        Some(VersioningState::Suspended) => match latest {
            Some(latest) if latest.version == NULL_VERSION => place.released = remove(connection, &latest, false, now)?,
            latest => {
                if let Some(replaced) = find_stored(connection, bucket, key, NULL_VERSION)? {
                    place.released = remove(connection, &replaced, false, now)?;
                }
                if let Some(latest) = latest {
                    Demote { now, id: latest.id }.execute(connection)?;
                }
            }
        },
    }
    Ok(place)
}

pub(super) fn find_latest(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    key: &str,
) -> Result<Option<StoredVersion>, IndexError> {
    Ok(FindLatest { bucket: bucket.id, key: key.as_bytes().to_vec() }.get_result(connection).optional()?)
}

pub(super) fn find_stored(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    key: &str,
    version: &str,
) -> Result<Option<StoredVersion>, IndexError> {
    let find = FindStored { bucket: bucket.id, key: key.as_bytes().to_vec(), version: version.to_owned() };
    Ok(find.get_result(connection).optional()?)
}

/// Deletes the row of a version unless object lock protects it. Returns the blobs that this releases.
fn remove(
    connection: &mut SqliteConnection,
    stored: &StoredVersion,
    bypass_governance: bool,
    now: i64,
) -> Result<Vec<BlobName>, IndexError> {
    check_deletion(&stored.extras().lock(), bypass_governance, now)?;
    let blobs = match &stored.blob {
        Some(blob) => vec![BlobName::from_index(blob.clone())],
        None if stored.is_inline || stored.is_delete_marker => Vec::new(),
        None => pieces(connection, stored.id)?.into_iter().map(|piece| piece.blob).collect(),
    };
    Delete { id: stored.id }.execute(connection)?;
    Ok(blobs)
}

/// Compares conditions with a version. A delete marker does not count as an object.
fn check(conditions: &WriteConditions, stored: Option<&StoredVersion>) -> Result<(), IndexError> {
    let etag = stored.filter(|stored| !stored.is_delete_marker).map(|stored| stored.etag.as_str());
    check_write(conditions, etag).map_err(IndexError::Refused)
}

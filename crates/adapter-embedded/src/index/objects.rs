//! Reads the objects of the index.

use bytes::Bytes;
use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
use storage_hub_core::domain::BucketId;
use storage_hub_s3_protocol::checksum::{Checksum, ChecksumAlgorithm, ChecksumKind};
use storage_hub_sqlite_pool::statements;

use super::IndexError;
use super::buckets::BucketRow;
use super::schema::{object_data, object_parts, objects};
use crate::blobs::BlobName;
use crate::object::{Content, Description, Object, Piece};

/// The columns of an [`ObjectRow`], of the table `o`.
macro_rules! object_columns {
    () => {
        "o.id, o.blob, o.size, o.etag, o.modified_at, o.headers, o.metadata, o.checksum_algorithm, o.checksum_type, \
         o.checksum, o.is_inline, o.version, o.is_delete_marker, o.tags, o.retention_mode, o.retain_until, o.legal_hold"
    };
}
pub(super) use object_columns;

/// The types of these columns.
pub(super) type ObjectTypes = (
    BigInt,
    Nullable<Text>,
    BigInt,
    Text,
    BigInt,
    Text,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Bool,
    Text,
    Bool,
    ExtrasTypes,
);

/// The types of the columns of an [`ExtrasRow`].
pub(super) type ExtrasTypes = (Nullable<Text>, Nullable<Text>, Nullable<BigInt>, Nullable<Bool>);

// The literals tell SQLite that the partial indexes suffice; for bound values it would prepare the statement again for each
// call.
statements! {
    FindCurrent { bucket: String as Text, key: Vec<u8> as Binary } -> (ObjectTypes, Bool, Nullable<Text>) = concat!(
        "SELECT ", object_columns!(), ", b.versioning IS NOT NULL, b.lifecycle FROM buckets AS b \
         JOIN objects AS o ON o.bucket_id = b.id AND o.is_latest = 1 WHERE b.hub_id = ? AND o.key = ?"
    );

    FindCurrentWithData { bucket: String as Text, key: Vec<u8> as Binary }
        -> (ObjectTypes, Bool, Nullable<Text>, Nullable<Binary>) = concat!(
        "SELECT ", object_columns!(), ", b.versioning IS NOT NULL, b.lifecycle, d.data FROM buckets AS b \
         JOIN objects AS o ON o.bucket_id = b.id AND o.is_latest = 1 \
         LEFT JOIN object_data AS d ON d.object_id = o.id WHERE b.hub_id = ? AND o.key = ?"
    );

    FindVersion { bucket: String as Text, key: Vec<u8> as Binary, version: String as Text }
        -> (ObjectTypes, Bool, Nullable<Text>, Nullable<Binary>) = concat!(
        "SELECT ", object_columns!(), ", b.versioning IS NOT NULL, iif(o.is_latest, b.lifecycle, NULL), d.data FROM buckets AS b \
         JOIN objects AS o ON o.bucket_id = b.id LEFT JOIN object_data AS d ON d.object_id = o.id \
         WHERE b.hub_id = ? AND o.key = ? AND o.version = ?"
    );
}

#[derive(Queryable)]
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
    version: String,
    is_delete_marker: bool,
    extras: ExtrasRow,
}

/// Tags, the mode and end of the retention, and the legal hold.
pub(super) type ExtrasRow = (Option<String>, Option<String>, Option<i64>, Option<bool>);

/// Which version of which key.
#[derive(Clone, Debug)]
pub(crate) struct VersionAt {
    pub(crate) key: String,
    /// `None`: the current one.
    pub(crate) version: Option<String>,
}

impl VersionAt {
    /// The current version of a key.
    pub(crate) fn current(key: &str) -> Self {
        Self { key: key.to_owned(), version: None }
    }
}

/// What was found where a version was looked for.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Object(Box<Object>),
    DeleteMarker { version_id: String },
}

/// Finds a version in the bucket with this id, with its bytes if they are in the index and `with_data` is set.
pub(crate) fn find(
    connection: &mut SqliteConnection,
    bucket: BucketId,
    at: &VersionAt,
    with_data: bool,
) -> Result<(Found, Option<Bytes>), IndexError> {
    type Row = (ObjectRow, bool, Option<String>, Option<Vec<u8>>);
    let (id, key) = (bucket.to_string(), at.key.as_bytes().to_vec());
    let found: Option<Row> = match &at.version {
        Some(version) => FindVersion { bucket: id, key, version: version.clone() }.get_result(connection).optional()?,
        None if with_data => FindCurrentWithData { bucket: id, key }.get_result(connection).optional()?,
        None => {
            let found: Option<(ObjectRow, bool, Option<String>)> =
                FindCurrent { bucket: id, key }.get_result(connection).optional()?;
            found.map(|(row, versioned, rules)| (row, versioned, rules, None))
        }
    };
    let Some((row, versioned, rules, data)) = found else {
        let missing = if at.version.is_some() { IndexError::NoSuchVersion } else { IndexError::NoSuchKey };
        return BucketRow::of(connection, bucket).and(Err(missing));
    };
    if row.is_delete_marker {
        return Ok((Found::DeleteMarker { version_id: row.version }, None));
    }
    let object = Object { lifecycle: rules, ..read(connection, row, versioned)? };
    Ok((Found::Object(Box::new(object)), data.map(Bytes::from)))
}

/// Reads the rest of an object whose row was read.
pub(super) fn read(
    connection: &mut SqliteConnection,
    row: ObjectRow,
    names_versions: bool,
) -> Result<Object, IndexError> {
    let content = match row.blob {
        Some(blob) => Content::Whole(BlobName::from_index(blob)),
        None if row.is_inline => Content::Inline,
        None => Content::Parts(pieces(connection, row.id)?),
    };
    Ok(Object {
        id: row.id,
        version_id: Some(row.version).filter(|_| names_versions),
        extras: row.extras.into(),
        lifecycle: None,
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

/// The parts of a multipart object, in order.
pub(super) fn pieces(connection: &mut SqliteConnection, object_id: i64) -> Result<Vec<Piece>, IndexError> {
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

//! The unfinished uploads of the index.

use diesel::SqliteConnection;
use diesel::prelude::*;

use super::buckets::BucketRowId;
use super::objects::{read_description, to_json};
use super::schema::{upload_parts, uploads};
use super::{IndexError, objects};
use crate::blobs::BlobName;
use crate::digests::{Algorithm, ChecksumKind, checksum_of_parts, etag_of_parts};
use crate::object::{Content, Description, NewObject, Piece, StoredChecksum, WriteCondition};

/// The least size of a part other than the last.
pub(crate) const MIN_PART: u64 = 5 * 1024 * 1024;
/// Number of deleted part rows after which a transaction ends. One object may have this many.
pub(crate) const PARTS_PER_TRANSACTION: usize = 10_000;
/// The most bytes of an object.
pub(crate) const MAX_OBJECT: u64 = 5 * 1024 * 1024 * 1024 * 1024;

/// An upload that was begun.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) description: Description,
    pub(crate) checksum: Option<(Algorithm, ChecksumKind)>,
}

/// A part that was uploaded.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct PartRow {
    pub(crate) number: i32,
    blob: String,
    pub(crate) size: i64,
    pub(crate) etag: String,
    pub(crate) modified_at: i64,
    pub(crate) checksum: Option<String>,
}

/// A part as it is to be written.
#[derive(Clone, Debug)]
pub(crate) struct NewPart {
    pub(crate) number: i32,
    pub(crate) blob: BlobName,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) checksum: Option<String>,
}

/// A part as the completion names it.
#[derive(Clone, Debug)]
pub(crate) struct NamedPart {
    pub(crate) number: i32,
    pub(crate) etag: String,
    pub(crate) checksum: Option<(Algorithm, String)>,
}

/// What a completion asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Completion {
    /// In the order of their numbers.
    pub(crate) parts: Vec<NamedPart>,
    pub(crate) condition: WriteCondition,
    /// What the whole object must have.
    pub(crate) size: Option<u64>,
    pub(crate) checksum: Option<(Algorithm, String)>,
}

/// What a completion made.
#[derive(Clone, Debug)]
pub(crate) struct Completed {
    pub(crate) etag: String,
    pub(crate) checksum: Option<StoredChecksum>,
    /// Blobs that hold nothing any more.
    pub(crate) released: Vec<BlobName>,
}

pub(crate) fn insert(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    id: &str,
    key: &str,
    upload: &Upload,
    now: i64,
) -> Result<(), IndexError> {
    let bucket_id = bucket.id(connection)?;
    diesel::insert_into(uploads::table)
        .values((
            uploads::id.eq(id),
            uploads::bucket_id.eq(bucket_id),
            uploads::key.eq(key.as_bytes()),
            uploads::created_at.eq(now),
            uploads::headers.eq(to_json(&upload.description.headers)?),
            uploads::metadata.eq(to_json(&upload.description.metadata)?),
            uploads::checksum_algorithm.eq(upload.checksum.map(|(algorithm, _)| algorithm.name())),
            uploads::checksum_type.eq(upload.checksum.map(|(_, kind)| kind.name())),
        ))
        .execute(connection)?;
    Ok(())
}

/// The upload with this id, of this key in this bucket.
pub(crate) fn get(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    id: &str,
    key: &str,
) -> Result<Upload, IndexError> {
    let bucket_id = bucket.id(connection)?;
    let row: Option<(String, String, Option<String>, Option<String>)> = uploads::table
        .find(id)
        .filter(uploads::bucket_id.eq(bucket_id))
        .filter(uploads::key.eq(key.as_bytes()))
        .select((uploads::headers, uploads::metadata, uploads::checksum_algorithm, uploads::checksum_type))
        .first(connection)
        .optional()?;
    let (headers, metadata, algorithm, kind) = row.ok_or(IndexError::NoSuchUpload)?;
    let checksum = algorithm.as_deref().and_then(Algorithm::parse).zip(kind.as_deref().and_then(ChecksumKind::parse));
    Ok(Upload { description: read_description(&headers, &metadata)?, checksum })
}

/// Writes a part over whatever had its number, and tells which blob holds nothing any more.
pub(crate) fn put_part(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    id: &str,
    key: &str,
    part: &NewPart,
    now: i64,
) -> Result<Option<BlobName>, IndexError> {
    get(connection, bucket, id, key)?;
    let replaced: Option<String> =
        upload_parts::table.find((id, part.number)).select(upload_parts::blob).first(connection).optional()?;
    diesel::replace_into(upload_parts::table)
        .values((
            upload_parts::upload_id.eq(id),
            upload_parts::number.eq(part.number),
            upload_parts::blob.eq(part.blob.as_str()),
            upload_parts::size.eq(part.size.cast_signed()),
            upload_parts::etag.eq(&part.etag),
            upload_parts::modified_at.eq(now),
            upload_parts::checksum.eq(part.checksum.as_deref()),
        ))
        .execute(connection)?;
    Ok(replaced.map(BlobName::from_index))
}

/// The parts after a number, in order, at most so many.
pub(crate) fn list_parts(
    connection: &mut SqliteConnection,
    id: &str,
    after: i32,
    most: i64,
) -> Result<Vec<PartRow>, IndexError> {
    Ok(upload_parts::table
        .filter(upload_parts::upload_id.eq(id))
        .filter(upload_parts::number.gt(after))
        .order(upload_parts::number)
        .limit(most)
        .select((
            upload_parts::number,
            upload_parts::blob,
            upload_parts::size,
            upload_parts::etag,
            upload_parts::modified_at,
            upload_parts::checksum,
        ))
        .load(connection)?)
}

/// Makes an object of the parts that are named; the others are dropped.
pub(crate) fn complete(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    id: &str,
    key: &str,
    completion: &Completion,
    now: i64,
) -> Result<Completed, IndexError> {
    let upload = get(connection, bucket, id, key)?;
    let uploaded = list_parts(connection, id, 0, i64::MAX)?;
    let chosen = choose(&upload, &uploaded, &completion.parts)?;
    let size = chosen.iter().map(|part| part.size.unsigned_abs()).sum();
    if size > MAX_OBJECT {
        return Err(IndexError::TooLarge);
    }
    if completion.size.is_some_and(|wanted| wanted != size) {
        return Err(IndexError::WrongWhole);
    }
    let etag = etag_of_parts(chosen.iter().map(|part| part.etag.as_str())).ok_or(IndexError::InvalidPart)?;
    let checksum = whole_checksum(&upload, &chosen)?;
    if let Some((algorithm, value)) = &completion.checksum {
        let same = |stored: &StoredChecksum| stored.algorithm == *algorithm && same_checksum(&stored.value, value);
        if !checksum.as_ref().is_some_and(same) {
            return Err(IndexError::WrongWhole);
        }
    }
    let mut released: Vec<_> = uploaded
        .iter()
        .filter(|part| chosen.binary_search_by_key(&part.number, |chosen| chosen.number).is_err())
        .map(|part| BlobName::from_index(part.blob.clone()))
        .collect();
    let pieces = chosen.iter().map(|part| Piece {
        blob: BlobName::from_index(part.blob.clone()),
        size: part.size.unsigned_abs(),
        checksum: part.checksum.clone(),
    });
    let new = NewObject {
        key: key.to_owned(),
        description: upload.description,
        size,
        etag: etag.clone(),
        checksum: checksum.clone(),
        content: Content::Parts(pieces.collect()),
    };
    released.extend(objects::put(connection, bucket, &new, &completion.condition, now)?);
    diesel::delete(uploads::table.find(id)).execute(connection)?;
    Ok(Completed { etag, checksum, released })
}

/// Drops an upload and tells which blobs hold nothing any more.
pub(crate) fn abort(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    id: &str,
    key: &str,
) -> Result<Vec<BlobName>, IndexError> {
    get(connection, bucket, id, key)?;
    let parts = list_parts(connection, id, 0, i64::MAX)?;
    diesel::delete(uploads::table.find(id)).execute(connection)?;
    Ok(parts.into_iter().map(|part| BlobName::from_index(part.blob)).collect())
}

/// Drops uploads that were begun before a moment: how many, and which blobs are released. It drops at most `limit` of them,
/// and stops when they had so many parts together that other writers would wait for long.
pub(crate) fn expire(
    connection: &mut SqliteConnection,
    before: i64,
    limit: i64,
) -> Result<(usize, Vec<BlobName>), IndexError> {
    let old = uploads::table.filter(uploads::created_at.lt(before)).order(uploads::created_at).limit(limit);
    let ids: Vec<String> = old.select(uploads::id).load(connection)?;
    let (mut count, mut released) = (0, Vec::new());
    for id in ids {
        let parts = upload_parts::table.filter(upload_parts::upload_id.eq(&id));
        let blobs: Vec<String> = parts.select(upload_parts::blob).load(connection)?;
        diesel::delete(uploads::table.find(&id)).execute(connection)?;
        released.extend(blobs.into_iter().map(BlobName::from_index));
        count += 1;
        if released.len() >= PARTS_PER_TRANSACTION {
            break;
        }
    }
    Ok((count, released))
}

/// The uploaded parts that a completion names, each held against what it says.
fn choose<'a>(upload: &Upload, uploaded: &'a [PartRow], named: &[NamedPart]) -> Result<Vec<&'a PartRow>, IndexError> {
    let mut chosen = Vec::with_capacity(named.len());
    for (at, part) in named.iter().enumerate() {
        let found = uploaded
            .binary_search_by_key(&part.number, |uploaded| uploaded.number)
            .ok()
            .and_then(|at| uploaded.get(at))
            .filter(|uploaded| uploaded.etag == part.etag)
            .ok_or(IndexError::InvalidPart)?;
        if let Some((algorithm, value)) = &part.checksum {
            let of_upload = upload.checksum.is_some_and(|(of_upload, _)| of_upload == *algorithm);
            if !of_upload || found.checksum.as_ref() != Some(value) {
                return Err(IndexError::InvalidPart);
            }
        }
        if at + 1 < named.len() && found.size.unsigned_abs() < MIN_PART {
            return Err(IndexError::PartTooSmall);
        }
        chosen.push(found);
    }
    Ok(chosen)
}

fn whole_checksum(upload: &Upload, parts: &[&PartRow]) -> Result<Option<StoredChecksum>, IndexError> {
    let Some((algorithm, kind)) = upload.checksum else { return Ok(None) };
    let each = parts.iter().map(|part| (part.checksum.as_deref().unwrap_or_default(), part.size.unsigned_abs()));
    let value = checksum_of_parts(algorithm, kind, each).ok_or(IndexError::InvalidPart)?;
    Ok(Some(StoredChecksum { algorithm, kind, value }))
}

/// Clients send a composite checksum with or without the number of parts.
fn same_checksum(stored: &str, sent: &str) -> bool {
    stored == sent || stored.split_once('-').is_some_and(|(bare, _)| bare == sent)
}

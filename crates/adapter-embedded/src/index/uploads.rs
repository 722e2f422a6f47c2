//! The unfinished multipart uploads of the index.

use diesel::SqliteConnection;
use diesel::prelude::*;

use super::buckets::BucketRowId;
use super::objects::{read_description, to_json};
use super::schema::{upload_parts, uploads};
use super::{IndexError, objects};
use crate::blobs::BlobName;
use crate::digests::{Algorithm, ChecksumKind, checksum_of_parts, etag_of_parts};
use crate::object::{Content, Description, NewObject, Piece, StoredChecksum, WriteCondition};

/// Minimum size of a part other than the last, in bytes.
pub(crate) const MIN_PART: u64 = 5 * 1024 * 1024;
/// Number of deleted part rows after which a transaction ends. One object may have this many.
pub(crate) const PARTS_PER_TRANSACTION: usize = 10_000;
/// Maximum size of an object, in bytes.
pub(crate) const MAX_OBJECT: u64 = 5 * 1024 * 1024 * 1024 * 1024;

/// An unfinished upload.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) description: Description,
    pub(crate) checksum: Option<(Algorithm, ChecksumKind)>,
}

/// An uploaded part.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct PartRow {
    pub(crate) number: i32,
    blob: String,
    pub(crate) size: i64,
    pub(crate) etag: String,
    pub(crate) modified_at: i64,
    pub(crate) checksum: Option<String>,
}

/// A part to write.
#[derive(Clone, Debug)]
pub(crate) struct NewPart {
    pub(crate) number: i32,
    pub(crate) blob: BlobName,
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) checksum: Option<String>,
}

/// A part that a completion names.
#[derive(Clone, Debug)]
pub(crate) struct NamedPart {
    pub(crate) number: i32,
    pub(crate) etag: String,
    pub(crate) checksum: Option<(Algorithm, String)>,
}

/// A request to complete an upload.
#[derive(Clone, Debug, Default)]
pub(crate) struct Completion {
    /// Ordered by number.
    pub(crate) parts: Vec<NamedPart>,
    pub(crate) condition: WriteCondition,
    /// The size that the object must have.
    pub(crate) size: Option<u64>,
    pub(crate) checksum: Option<(Algorithm, String)>,
}

/// The result of a completion.
#[derive(Clone, Debug)]
pub(crate) struct Completed {
    pub(crate) etag: String,
    pub(crate) checksum: Option<StoredChecksum>,
    /// The blobs that were released.
    pub(crate) released: Vec<BlobName>,
}

/// Which upload. An id of another key or bucket is the same as one that does not exist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UploadRef<'a> {
    pub(crate) bucket: BucketRowId,
    pub(crate) key: &'a str,
    pub(crate) id: &'a str,
}

pub(crate) fn insert(
    connection: &mut SqliteConnection,
    at: &UploadRef<'_>,
    upload: &Upload,
    now: i64,
) -> Result<(), IndexError> {
    let bucket_id = at.bucket.id(connection)?;
    diesel::insert_into(uploads::table)
        .values((
            uploads::id.eq(at.id),
            uploads::bucket_id.eq(bucket_id),
            uploads::key.eq(at.key.as_bytes()),
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
pub(crate) fn get(connection: &mut SqliteConnection, at: &UploadRef<'_>) -> Result<Upload, IndexError> {
    let bucket_id = at.bucket.id(connection)?;
    let row: Option<(String, String, Option<String>, Option<String>)> = uploads::table
        .find(at.id)
        .filter(uploads::bucket_id.eq(bucket_id))
        .filter(uploads::key.eq(at.key.as_bytes()))
        .select((uploads::headers, uploads::metadata, uploads::checksum_algorithm, uploads::checksum_type))
        .first(connection)
        .optional()?;
    let (headers, metadata, algorithm, kind) = row.ok_or(IndexError::NoSuchUpload)?;
    let checksum = algorithm.as_deref().and_then(Algorithm::parse).zip(kind.as_deref().and_then(ChecksumKind::parse));
    Ok(Upload { description: read_description(&headers, &metadata)?, checksum })
}

/// Writes a part and replaces the one that had its number, whose blob it returns.
pub(crate) fn put_part(
    connection: &mut SqliteConnection,
    at: &UploadRef<'_>,
    part: &NewPart,
    now: i64,
) -> Result<Option<BlobName>, IndexError> {
    get(connection, at)?;
    let replaced: Option<String> =
        upload_parts::table.find((at.id, part.number)).select(upload_parts::blob).first(connection).optional()?;
    diesel::replace_into(upload_parts::table)
        .values((
            upload_parts::upload_id.eq(at.id),
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

/// The parts after a number, in order, at most `limit`.
pub(crate) fn list_parts(
    connection: &mut SqliteConnection,
    id: &str,
    after: i32,
    limit: i64,
) -> Result<Vec<PartRow>, IndexError> {
    Ok(upload_parts::table
        .filter(upload_parts::upload_id.eq(id))
        .filter(upload_parts::number.gt(after))
        .order(upload_parts::number)
        .limit(limit)
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

/// Creates an object from the named parts, and deletes the upload with its other parts.
pub(crate) fn complete(
    connection: &mut SqliteConnection,
    at: &UploadRef<'_>,
    completion: &Completion,
    now: i64,
) -> Result<Completed, IndexError> {
    let upload = get(connection, at)?;
    let uploaded = list_parts(connection, at.id, 0, i64::MAX)?;
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
        key: at.key.to_owned(),
        description: upload.description,
        size,
        etag: etag.clone(),
        checksum: checksum.clone(),
        content: Content::Parts(pieces.collect()),
    };
    released.extend(objects::put(connection, at.bucket, &new, &completion.condition, now)?);
    diesel::delete(uploads::table.find(at.id)).execute(connection)?;
    Ok(Completed { etag, checksum, released })
}

/// Deletes an upload and returns the blobs that it releases.
pub(crate) fn abort(connection: &mut SqliteConnection, at: &UploadRef<'_>) -> Result<Vec<BlobName>, IndexError> {
    get(connection, at)?;
    let parts = list_parts(connection, at.id, 0, i64::MAX)?;
    diesel::delete(uploads::table.find(at.id)).execute(connection)?;
    Ok(parts.into_iter().map(|part| BlobName::from_index(part.blob)).collect())
}

/// Deletes uploads that were created before a moment. Returns their number and the blobs that they release. It stops after
/// `limit` uploads, and earlier when they had more parts together than other writers can wait for.
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

/// The uploaded parts that a completion names. Each must match what the completion says about it.
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

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;
    use diesel_migrations::MigrationHarness as _;

    use super::*;

    #[test]
    fn an_expiry_stops_when_it_has_deleted_many_parts() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.run_pending_migrations(super::super::MIGRATIONS).unwrap();
        let uploads = "INSERT INTO buckets (name, created_at) VALUES ('photos', 0);
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3)
            INSERT INTO uploads (id, bucket_id, key, created_at, headers, metadata)
                SELECT 'upload ' || n, 1, x'61', n, '{}', '{}' FROM n;
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 6000)
            INSERT INTO upload_parts (upload_id, number, blob, size, etag, modified_at)
                SELECT uploads.id, n, uploads.id || ' ' || n, 1, 'etag', 0 FROM n, uploads;";
        connection.batch_execute(uploads).unwrap();
        let mut expire = || expire(&mut connection, 10, 20).unwrap();
        for (uploads, blobs) in [(2, 12_000), (1, 6_000), (0, 0)] {
            let (count, released) = expire();
            assert_eq!((count, released.len()), (uploads, blobs));
        }
    }
}

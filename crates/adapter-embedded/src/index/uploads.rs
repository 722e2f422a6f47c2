//! The multipart uploads of the index: unfinished ones with their parts, and what completions were answered.

use diesel::SqliteConnection;
use diesel::prelude::*;
use storage_hub_s3_backend::completion::{self, CompletedObject, fingerprint};
use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, ChecksumKind};
use storage_hub_s3_protocol::operation::CompleteMultipartUpload;
use storage_hub_s3_protocol::types::Written;

use super::buckets::BucketRow;
use super::objects::{ExtrasRow, read_checksum, read_description, to_json};
use super::schema::{completed_uploads, upload_parts, uploads};
use super::{IndexError, versions};
use crate::blobs::BlobName;
use crate::object::{Description, Extras, NewContent, NewObject, Piece};

/// Minimum size of a part other than the last, in bytes.
pub(crate) const MIN_PART: u64 = 5 * 1024 * 1024;
/// Number of deleted part rows after which a transaction ends. One object may have this many.
pub(crate) const PARTS_PER_TRANSACTION: usize = 10_000;
/// How long a repeated completion is answered as the first one was, in milliseconds.
pub(crate) const COMPLETION_REMEMBERED: i64 = 24 * 60 * 60 * 1000;

/// An unfinished upload.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) description: Description,
    pub(crate) checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
    /// What the completed object will have.
    pub(crate) extras: Extras,
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

/// Which upload. An id of another key or bucket is the same as one that does not exist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UploadAt<'a> {
    pub(crate) bucket: &'a BucketRow,
    pub(crate) key: &'a str,
    pub(crate) id: &'a str,
}

pub(crate) fn insert(
    connection: &mut SqliteConnection,
    at: &UploadAt<'_>,
    upload: &Upload,
    now: i64,
) -> Result<(), IndexError> {
    let bucket_id = at.bucket.id;
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
            uploads::tags.eq(upload.extras.tags.as_deref()),
            uploads::retention_mode.eq(upload.extras.retention_mode.as_deref()),
            uploads::retain_until.eq(upload.extras.retain_until),
            uploads::legal_hold.eq(upload.extras.legal_hold),
        ))
        .execute(connection)?;
    Ok(())
}

/// The upload with this id, of this key in this bucket.
pub(crate) fn get(connection: &mut SqliteConnection, at: &UploadAt<'_>) -> Result<Upload, IndexError> {
    let bucket_id = at.bucket.id;
    type Row = (String, String, Option<String>, Option<String>, ExtrasRow);
    let row: Option<Row> = uploads::table
        .find(at.id)
        .filter(uploads::bucket_id.eq(bucket_id))
        .filter(uploads::key.eq(at.key.as_bytes()))
        .select((
            uploads::headers,
            uploads::metadata,
            uploads::checksum_algorithm,
            uploads::checksum_type,
            (uploads::tags, uploads::retention_mode, uploads::retain_until, uploads::legal_hold),
        ))
        .first(connection)
        .optional()?;
    let (headers, metadata, algorithm, kind, extras) = row.ok_or(IndexError::NoSuchUpload)?;
    let checksum =
        algorithm.as_deref().and_then(ChecksumAlgorithm::parse).zip(kind.as_deref().and_then(ChecksumKind::parse));
    Ok(Upload { description: read_description(&headers, &metadata)?, checksum, extras: extras.into() })
}

/// Writes a part and replaces the one that had its number, whose blob it returns.
pub(crate) fn put_part(
    connection: &mut SqliteConnection,
    at: &UploadAt<'_>,
    part: &NewPart,
    now: i64,
) -> Result<Option<BlobName>, IndexError> {
    get(connection, at)?;
    let replaced: Option<String> =
        upload_parts::table.find((at.id, part.number)).select(upload_parts::blob).first(connection).optional()?;
    if replaced.is_some() {
        // Not `REPLACE`, which deletes without the triggers that count bytes.
        diesel::delete(upload_parts::table.find((at.id, part.number))).execute(connection)?;
    }
    diesel::insert_into(upload_parts::table)
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

/// Creates an object from the named parts, and deletes the upload with its other parts. Returns what was written, and the
/// blobs that this releases. A completion that repeats an earlier one changes nothing and returns what that one did.
pub(crate) fn complete(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    input: &CompleteMultipartUpload,
    now: i64,
) -> Result<(Written, Vec<BlobName>), IndexError> {
    let at = UploadAt { bucket, key: &input.upload.key, id: &input.upload.upload_id };
    let parts = fingerprint(&input.parts);
    let upload = match get(connection, &at) {
        Ok(upload) => upload,
        Err(IndexError::NoSuchUpload) => {
            let earlier = find_completed(connection, &at, &parts, now)?;
            return earlier.map(|written| (written, Vec::new())).ok_or(IndexError::NoSuchUpload);
        }
        Err(error) => return Err(error),
    };
    let uploaded = list_parts(connection, at.id, 0, i64::MAX)?;
    let object = CompletedObject::assemble(input, upload.checksum, &described(&uploaded), MIN_PART)?;
    let mut is_chosen = vec![false; uploaded.len()];
    for index in &object.chosen {
        if let Some(chosen) = is_chosen.get_mut(*index) {
            *chosen = true;
        }
    }
    let (chosen, others): (Vec<_>, Vec<_>) = uploaded.into_iter().zip(is_chosen).partition(|(_, is_chosen)| *is_chosen);
    let mut released: Vec<_> = others.into_iter().map(|(part, _)| BlobName::from_index(part.blob)).collect();
    let pieces = chosen.into_iter().map(|(part, _)| Piece {
        blob: BlobName::from_index(part.blob),
        size: part.size.unsigned_abs(),
        checksum: part.checksum,
    });
    let new = NewObject {
        key: at.key.to_owned(),
        description: upload.description,
        size: object.size,
        etag: object.etag.clone(),
        checksum: object.checksum.clone(),
        content: NewContent::Parts(pieces.collect()),
        extras: upload.extras,
    };
    let put = versions::put(connection, at.bucket, &new, &input.conditions, now)?;
    released.extend(put.released);
    diesel::delete(uploads::table.find(at.id)).execute(connection)?;
    let version_id = put.version_id;
    let written =
        Written { etag: object.etag, modified_at: now, version_id, checksum: object.checksum, ..Written::default() };
    remember_completion(connection, &at, &parts, &written)?;
    Ok((written, released))
}

fn described(uploaded: &[PartRow]) -> Vec<completion::UploadedPart<'_>> {
    uploaded
        .iter()
        .map(|row| completion::UploadedPart {
            number: row.number.unsigned_abs(),
            size: row.size.unsigned_abs(),
            etag: &row.etag,
            checksum: row.checksum.as_deref(),
        })
        .collect()
}

fn remember_completion(
    connection: &mut SqliteConnection,
    at: &UploadAt<'_>,
    parts: &str,
    written: &Written,
) -> Result<(), IndexError> {
    let checksum = written.checksum.as_ref();
    diesel::insert_into(completed_uploads::table)
        .values((
            completed_uploads::upload_id.eq(at.id),
            completed_uploads::bucket_id.eq(at.bucket.id),
            completed_uploads::key.eq(at.key.as_bytes()),
            completed_uploads::parts.eq(parts),
            completed_uploads::etag.eq(&written.etag),
            completed_uploads::modified_at.eq(written.modified_at),
            completed_uploads::checksum_algorithm.eq(checksum.map(|checksum| checksum.algorithm.name())),
            completed_uploads::checksum_type.eq(checksum.map(|checksum| checksum.kind.name())),
            completed_uploads::checksum.eq(checksum.map(|checksum| checksum.value.as_str())),
            completed_uploads::version.eq(written.version_id.as_deref()),
        ))
        .execute(connection)?;
    Ok(())
}

/// What an earlier completion with these parts returned.
fn find_completed(
    connection: &mut SqliteConnection,
    at: &UploadAt<'_>,
    parts: &str,
    now: i64,
) -> Result<Option<Written>, IndexError> {
    type Row = (String, i64, Option<String>, Option<String>, Option<String>, Option<String>);
    let row: Option<Row> = completed_uploads::table
        .find(at.id)
        .filter(completed_uploads::bucket_id.eq(at.bucket.id))
        .filter(completed_uploads::key.eq(at.key.as_bytes()))
        .filter(completed_uploads::parts.eq(parts))
        .filter(completed_uploads::modified_at.gt(now.saturating_sub(COMPLETION_REMEMBERED)))
        .select((
            completed_uploads::etag,
            completed_uploads::modified_at,
            completed_uploads::checksum_algorithm,
            completed_uploads::checksum_type,
            completed_uploads::checksum,
            completed_uploads::version,
        ))
        .first(connection)
        .optional()?;
    Ok(row.map(|(etag, modified_at, algorithm, kind, checksum, version_id)| Written {
        etag,
        modified_at,
        version_id,
        checksum: read_checksum(algorithm.as_deref(), kind.as_deref(), checksum),
        ..Written::default()
    }))
}

/// Forgets completions before a moment, at most `limit`. Returns how many.
pub(crate) fn forget_completed(
    connection: &mut SqliteConnection,
    before: i64,
    limit: i64,
) -> Result<usize, IndexError> {
    let old = completed_uploads::table.filter(completed_uploads::modified_at.le(before)).limit(limit);
    let ids: Vec<String> = old.select(completed_uploads::upload_id).load(connection)?;
    let old = completed_uploads::table.filter(completed_uploads::upload_id.eq_any(ids));
    Ok(diesel::delete(old).execute(connection)?)
}

/// Deletes an upload and returns the blobs that it releases.
pub(crate) fn abort(connection: &mut SqliteConnection, at: &UploadAt<'_>) -> Result<Vec<BlobName>, IndexError> {
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

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;
    use diesel_migrations::MigrationHarness as _;
    use storage_hub_core::domain::BucketId;
    use storage_hub_s3_protocol::operation::{CompletedPart, UploadRef};

    use super::*;

    #[test]
    fn a_completion_is_remembered_for_a_day() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.run_pending_migrations(super::super::MIGRATIONS).unwrap();
        let id = BucketId::new(uuid::Uuid::from_u128(1));
        let upload = format!(
            "INSERT INTO buckets (name, created_at, hub_id) VALUES ('photos', 0, '{id}');
             INSERT INTO uploads (id, bucket_id, key, created_at, headers, metadata) VALUES ('id', 1, x'61', 0, '{{}}', '{{}}');
             INSERT INTO upload_parts (upload_id, number, blob, size, etag, modified_at)
                VALUES ('id', 1, 'blob', 1, '0cc175b9c0f1b6a831c399e269772661', 0);"
        );
        connection.batch_execute(&upload).unwrap();
        let bucket = BucketRow::of(&mut connection, id).unwrap();
        let part = CompletedPart { number: 1, etag: "0cc175b9c0f1b6a831c399e269772661".to_owned(), checksum: None };
        let input = CompleteMultipartUpload {
            upload: UploadRef { key: "a".to_owned(), upload_id: "id".to_owned() },
            parts: vec![part],
            ..CompleteMultipartUpload::default()
        };
        let mut complete = |now| complete(&mut connection, &bucket, &input, now).map(|(written, _)| written);
        let first = complete(5).unwrap();
        assert_eq!(complete(4 + COMPLETION_REMEMBERED).unwrap(), first);
        assert!(matches!(complete(5 + COMPLETION_REMEMBERED), Err(IndexError::NoSuchUpload)));
        assert_eq!(forget_completed(&mut connection, 4, 10).unwrap(), 0);
        assert_eq!(forget_completed(&mut connection, 5, 10).unwrap(), 1);
    }

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

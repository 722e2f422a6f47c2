use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::completion::copied_range;
use storage_hub_s3_backend::conditions::check_copy_source;
use storage_hub_s3_backend::{VerifiedBody, Write};
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{UploadPart, UploadPartCopy, UploadRef};
use storage_hub_s3_protocol::types::Written;

use super::commit::{commit, confirm};
use super::find::find_source;
use super::receive::{Place, Received, copy_bytes, receive};
use crate::index::buckets::BucketRow;
use crate::index::uploads::{self, NewPart, UploadAt};
use crate::store::{EmbeddedStore, now};

/// The highest number of a part.
const MAX_PARTS: u32 = 10_000;

pub(super) async fn put(
    store: &EmbeddedStore,
    write: Write<'_>,
    input: UploadPart,
    mut body: VerifiedBody,
) -> S3Result<Written> {
    let of_upload = find_algorithm(store, write.bucket, &input.upload).await?;
    if let Some(algorithm) = of_upload {
        body.require_checksum(algorithm)?;
    }
    let received = receive(store, &mut body, Place::Blob).await?;
    write_part(store, write, input.upload, input.number, received, of_upload).await
}

pub(super) async fn copy(
    store: &EmbeddedStore,
    from: &BucketRef,
    write: Write<'_>,
    input: UploadPartCopy,
) -> S3Result<Written> {
    let of_upload = find_algorithm(store, write.bucket, &input.upload).await?;
    let (stream, length, source_version_id) = loop {
        let object = find_source(store, from, &input.source).await?;
        check_copy_source(&input.source.conditions, &object.etag, object.modified_at)?;
        let range = copied_range(input.range, object.size)?;
        let length = range.end - range.start;
        // It was replaced or deleted since it was found.
        let Some(stream) = store.read(&object, range).await? else { continue };
        break (stream, length, object.version_id);
    };
    let received = copy_bytes(store, stream, length, of_upload, Place::Blob).await?;
    let written = write_part(store, write, input.upload, input.number, received, of_upload).await?;
    Ok(Written { source_version_id, ..written })
}

/// The checksum algorithm of the upload.
async fn find_algorithm(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    upload: &UploadRef,
) -> S3Result<Option<ChecksumAlgorithm>> {
    let (id, upload) = (bucket.id, upload.clone());
    let find = move |connection: &mut _| {
        let bucket = BucketRow::of(connection, id)?;
        uploads::get(connection, &UploadAt { bucket: &bucket, key: &upload.key, id: &upload.upload_id })
    };
    Ok(store.index().read(find).await?.checksum.map(|(algorithm, _)| algorithm))
}

async fn write_part(
    store: &EmbeddedStore,
    write: Write<'_>,
    upload: UploadRef,
    number: u32,
    received: Received,
    of_upload: Option<ChecksumAlgorithm>,
) -> S3Result<Written> {
    let number = i32::try_from(number).ok().filter(|number| (1..=MAX_PARTS).contains(&number.unsigned_abs()));
    let number = number.ok_or_else(|| {
        S3Error::with_message(ErrorCode::InvalidArgument, format!("partNumber must be from 1 to {MAX_PARTS}."))
    })?;
    let permit = confirm(write).await?;
    let modified_at = now();
    let (blob, digests) = received.keep_blob()?;
    let (etag, checksum) = (digests.etag(), digests.checksum);
    // Another algorithm than the upload's is verified and returned, but of no use for the whole object.
    let stored = checksum.clone().filter(|checksum| Some(checksum.algorithm) == of_upload);
    let part = NewPart {
        number,
        blob: blob.clone(),
        size: digests.length,
        etag: etag.clone(),
        checksum: stored.map(|checksum| checksum.value),
    };
    commit(store, permit, vec![blob], move |connection, bucket| {
        let at = UploadAt { bucket: &bucket, key: &upload.key, id: &upload.upload_id };
        let replaced = uploads::put_part(connection, &at, &part, modified_at)?;
        Ok(((), replaced.into_iter().collect()))
    })
    .await?;
    Ok(Written { etag, modified_at, checksum, ..Written::default() })
}

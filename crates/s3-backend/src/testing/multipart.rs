use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::body::BodyDigests;
use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, Hasher};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CreateMultipartUpload, ListMultipartUploads, ListParts, UploadPart, UploadPartCopy,
    UploadRef,
};
use storage_hub_s3_protocol::types::{ListPage, ListedPart, ListedUpload, Millis, Written};

use super::bodies;
use super::in_memory::InMemoryS3Backend;
use super::listing::{Entry, PageQuery, page};
use super::objects::slice;
use super::state::{BucketContent, CompletedUpload, ObjectPart, StoredObject, Upload, UploadedPart};
use super::versions;
use crate::completion::{self, CompletedObject};
use crate::conditions::{check_copy_source, check_write};
use crate::object_lock::lock_of_write;
use crate::{PartsPage, Permit, S3Backend as _, VerifiedBody, Write};

/// How long a repeated completion is answered as the first was, in milliseconds.
const REMEMBERED: Millis = 24 * 60 * 60 * 1000;

pub(super) async fn create(
    backend: &InMemoryS3Backend,
    write: Write<'_>,
    input: CreateMultipartUpload,
) -> S3Result<String> {
    backend.lock().bucket(write.bucket)?;
    let permit = write.guard.permit().await?;
    let now = backend.now();
    let mut state = backend.lock();
    // The default retention counts from the completion.
    lock_of_write(state.bucket(write.bucket)?.settings.object_lock.as_ref(), input.lock, now)?;
    let upload = Upload {
        description: input.description,
        tags: input.tags,
        lock: input.lock,
        checksum: input.checksum,
        initiated_at: now,
        parts: BTreeMap::new(),
    };
    let id = state.next_upload_id();
    state.permitted(&permit)?.uploads.insert((input.key, id.clone()), upload);
    Ok(id)
}

pub(super) async fn upload_part(
    backend: &InMemoryS3Backend,
    write: Write<'_>,
    input: UploadPart,
    mut body: VerifiedBody,
) -> S3Result<Written> {
    if let Some(algorithm) = algorithm(backend, write.bucket, &input.upload)? {
        body.require_checksum(algorithm)?;
    }
    let (bytes, digests) = bodies::receive(&mut body).await?;
    let permit = write.guard.permit().await?;
    put_part(backend, &permit, &input.upload, input.number, bytes, digests)
}

pub(super) async fn upload_part_copy(
    backend: &InMemoryS3Backend,
    from: &BucketRef,
    write: Write<'_>,
    input: UploadPartCopy,
) -> S3Result<Written> {
    let algorithm = algorithm(backend, write.bucket, &input.upload)?;
    let (source_version_id, source) = versions::copy_source(backend, from, &input.source)?;
    check_copy_source(&input.source.conditions, &source.etag, source.modified_at)?;
    let range = completion::copied_range(input.range, source.size())?;
    let bytes = slice(&source.bytes, &range);
    let mut hasher = Hasher::new(algorithm);
    hasher.update(&bytes);
    let permit = write.guard.permit().await?;
    let written = put_part(backend, &permit, &input.upload, input.number, bytes, hasher.finish())?;
    Ok(Written { source_version_id, ..written })
}

fn algorithm(
    backend: &InMemoryS3Backend,
    bucket: &BucketRef,
    upload: &UploadRef,
) -> S3Result<Option<ChecksumAlgorithm>> {
    Ok(backend.lock().bucket(bucket)?.upload(upload)?.checksum.map(|(algorithm, _)| algorithm))
}

fn put_part(
    backend: &InMemoryS3Backend,
    permit: &Permit,
    upload: &UploadRef,
    number: u32,
    bytes: Bytes,
    digests: BodyDigests,
) -> S3Result<Written> {
    let modified_at = backend.now();
    let mut state = backend.lock();
    let upload = state.permitted(permit)?.upload_mut(upload)?;
    let (etag, checksum) = (digests.etag(), digests.checksum);
    let of_upload = upload.checksum.map(|(algorithm, _)| algorithm);
    // Another algorithm than the upload's is verified and returned, but of no use for the whole object.
    let stored = checksum.clone().filter(|checksum| Some(checksum.algorithm) == of_upload);
    upload.parts.insert(number, UploadedPart { bytes, etag: etag.clone(), modified_at, checksum: stored });
    Ok(Written { etag, modified_at, checksum, ..Written::default() })
}

pub(super) async fn complete(
    backend: &InMemoryS3Backend,
    write: Write<'_>,
    input: CompleteMultipartUpload,
) -> S3Result<Written> {
    backend.lock().bucket(write.bucket)?;
    let permit = write.guard.permit().await?;
    let now = backend.now();
    let min_part = backend.capabilities().min_part_bytes;
    let mut state = backend.lock();
    let content = state.permitted(&permit)?;
    content.completed.retain(|_, completed| now - completed.completed_at < REMEMBERED);
    if let Some(earlier) = content.completed.get(&input.upload.upload_id) {
        let same = earlier.key == input.upload.key && earlier.parts == completion::fingerprint(&input.parts);
        return if same { Ok(earlier.written.clone()) } else { Err(ErrorCode::NoSuchUpload.into()) };
    }
    let mut object = assemble(content.upload(&input.upload)?, &input, min_part, now)?;
    if object.lock.retention.is_none() {
        let default = content.settings.object_lock.and_then(|configuration| configuration.default_retention);
        object.lock.retention = default.map(|default| default.from(now));
    }
    check_write(&input.conditions, content.etag(&input.upload.key))?;
    content.take_upload(&input.upload)?;
    let key = input.upload.key;
    let written = content.insert(key.clone(), object);
    let parts = completion::fingerprint(&input.parts);
    let completed = CompletedUpload { key, parts, written: written.clone(), completed_at: now };
    content.completed.insert(input.upload.upload_id, completed);
    Ok(written)
}

fn assemble(upload: &Upload, input: &CompleteMultipartUpload, min_part: u64, now: Millis) -> S3Result<StoredObject> {
    let uploaded: Vec<_> = upload
        .parts
        .iter()
        .map(|(number, part)| completion::UploadedPart {
            number: *number,
            size: part.bytes.len() as u64,
            etag: &part.etag,
            checksum: part.checksum.as_ref().map(|checksum| checksum.value.as_str()),
        })
        .collect();
    let completed = CompletedObject::assemble(input, upload.checksum, &uploaded, min_part)?;
    let all: Vec<_> = upload.parts.values().collect();
    let chosen = || completed.chosen.iter().filter_map(|index| all.get(*index));
    let mut bytes = BytesMut::new();
    chosen().for_each(|part| bytes.extend_from_slice(&part.bytes));
    let kind = upload.checksum.map(|(_, kind)| kind);
    let parts = chosen().map(|part| {
        let mut checksum = part.checksum.clone();
        if let (Some(checksum), Some(kind)) = (&mut checksum, kind) {
            checksum.kind = kind;
        }
        ObjectPart { size: part.bytes.len() as u64, checksum }
    });
    Ok(StoredObject {
        description: upload.description.clone(),
        tags: upload.tags.clone(),
        lock: upload.lock,
        parts: Some(parts.collect()),
        bytes: bytes.freeze(),
        etag: completed.etag,
        modified_at: now,
        checksum: completed.checksum,
    })
}

pub(super) async fn abort(backend: &InMemoryS3Backend, write: Write<'_>, input: &UploadRef) -> S3Result<()> {
    backend.lock().bucket(write.bucket)?.upload(input)?;
    let permit = write.guard.permit().await?;
    backend.lock().permitted(&permit)?.take_upload(input).map(|_| ())
}

pub(super) fn list_parts(backend: &InMemoryS3Backend, bucket: &BucketRef, input: &ListParts) -> S3Result<PartsPage> {
    let state = backend.lock();
    let upload = state.bucket(bucket)?.upload(&input.upload)?;
    let mut parts: Vec<_> = upload
        .parts
        .iter()
        .filter(|(number, _)| **number > input.after)
        .map(|(number, part)| ListedPart {
            number: *number,
            size: part.bytes.len() as u64,
            etag: part.etag.clone(),
            modified_at: part.modified_at,
            checksum: part.checksum.clone(),
        })
        .collect();
    let limit = input.max_parts as usize;
    let truncated = parts.len() > limit;
    parts.truncate(limit);
    let next = parts.last().map(|part| part.number).filter(|_| truncated);
    Ok(PartsPage { parts, next, checksum: upload.checksum })
}

pub(super) fn list_uploads(
    backend: &InMemoryS3Backend,
    bucket: &BucketRef,
    input: &ListMultipartUploads,
) -> S3Result<ListPage<ListedUpload>> {
    let state = backend.lock();
    let content: &BucketContent = state.bucket(bucket)?;
    let query = PageQuery {
        prefix: &input.prefix,
        delimiter: input.delimiter.as_deref(),
        after: input.after.as_ref(),
        limit: input.max_uploads,
    };
    let entries = content.uploads.iter().map(|((key, id), upload)| Entry {
        key,
        id,
        follows: input.after.as_ref().and_then(|after| after.id.as_ref()).is_some_and(|after| id > after),
        item: ListedUpload {
            key: key.clone(),
            upload_id: id.clone(),
            initiated_at: upload.initiated_at,
            checksum: upload.checksum,
        },
    });
    Ok(page(&query, entries))
}

use bytes::Bytes;
use futures::{StreamExt as _, stream};
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::checksum::{Checksum, ChecksumAlgorithm, ChecksumKind, Hasher};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{
    CopyObject, DeleteEntry, GetObject, GetObjectAttributes, ListObjectVersions, ListObjects, PutObject,
};
use storage_hub_s3_protocol::response::{Deleted, ObjectAttributes};
use storage_hub_s3_protocol::types::{ListPage, ListedObject, ListedPart, ListedVersion, ObjectHead, Written};

use super::bodies;
use super::in_memory::InMemoryS3Backend;
use super::listing::{Entry, PageQuery, page};
use super::state::{StoredObject, Version};
use super::versions;
use crate::conditions::{check_copy_changes, check_copy_source, check_read, check_write};
use crate::object_lock::lock_of_write;
use crate::{ByteStream, Selection, VerifiedBody, Write};

/// The size of the pieces in which bodies are returned.
const CHUNK: usize = 64 * 1024;

pub(super) fn get(
    backend: &InMemoryS3Backend,
    bucket: &BucketRef,
    input: &GetObject,
) -> S3Result<(ObjectHead, ByteStream)> {
    let (version_id, object, expiration) = {
        let state = backend.lock();
        let content = state.bucket(bucket)?;
        let found = content.find(&input.key, input.version_id.as_deref())?;
        let expiration = found.is_current.then(|| content.expiration(&input.key, found.object)).flatten();
        (found.version_id.map(str::to_owned), found.object.clone(), expiration)
    };
    check_read(&input.conditions, &object.etag, object.modified_at)?;
    let selection =
        Selection::resolve(input, &object.etag, object.modified_at, object.size(), object.part_sizes().as_deref())?;
    let head = ObjectHead { version_id, expiration, ..object.head(&selection, input.checksum_mode) };
    let bytes = slice(&object.bytes, &selection.bytes);
    let chunks: Vec<_> = bytes.chunks(CHUNK).map(|chunk| Ok(bytes.slice_ref(chunk))).collect();
    Ok((head, stream::iter(chunks).boxed()))
}

pub(super) fn attributes(
    backend: &InMemoryS3Backend,
    bucket: &BucketRef,
    input: &GetObjectAttributes,
) -> S3Result<ObjectAttributes> {
    let state = backend.lock();
    let content = state.bucket(bucket)?;
    let found = content.find(&input.key, input.version_id.as_deref())?;
    let object = found.object;
    check_read(&input.conditions, &object.etag, object.modified_at)?;
    let all = object.parts.as_deref().unwrap_or_default();
    let with_checksums = all.iter().all(|part| part.checksum.is_some());
    let mut parts: Vec<_> = (1..)
        .zip(all)
        .filter(|(number, _)| with_checksums && *number > input.part_number_marker)
        .map(|(number, part)| ListedPart {
            number,
            size: part.size,
            etag: String::new(),
            modified_at: 0,
            checksum: part.checksum.clone(),
        })
        .collect();
    let parts_truncated = parts.len() > input.max_parts as usize;
    parts.truncate(input.max_parts as usize);
    Ok(ObjectAttributes {
        etag: object.etag.clone(),
        modified_at: object.modified_at,
        version_id: found.version_id.map(str::to_owned),
        checksum: object.checksum.clone(),
        size: object.size(),
        parts_count: object.parts.as_ref().and_then(|parts| u32::try_from(parts.len()).ok()),
        parts,
        parts_truncated,
    })
}

pub(super) fn list(
    backend: &InMemoryS3Backend,
    bucket: &BucketRef,
    input: &ListObjects,
) -> S3Result<ListPage<ListedObject>> {
    let state = backend.lock();
    let query = PageQuery {
        prefix: &input.prefix,
        delimiter: input.delimiter.as_deref(),
        after: input.after.as_ref(),
        limit: input.max_keys,
    };
    let entries = state.bucket(bucket)?.current_objects();
    let entries = entries.map(|(key, object)| Entry { key, id: "", follows: false, item: listed(key, object) });
    Ok(page(&query, entries))
}

pub(super) fn list_versions(
    backend: &InMemoryS3Backend,
    bucket: &BucketRef,
    input: &ListObjectVersions,
) -> S3Result<ListPage<ListedVersion>> {
    let state = backend.lock();
    let query = PageQuery {
        prefix: &input.prefix,
        delimiter: input.delimiter.as_deref(),
        after: input.after.as_ref(),
        limit: input.max_keys,
    };
    let marker = input.after.as_ref().and_then(|after| after.id.as_deref());
    let entries = state.bucket(bucket)?.versions.iter().flat_map(|(key, versions)| {
        let marker = versions.iter().position(|version| Some(version.id.as_str()) == marker);
        versions.iter().enumerate().map(move |(index, version)| Entry {
            key,
            id: &version.id,
            // After a version that was deleted meanwhile, the key is listed again, so that nothing is left out.
            follows: marker.is_none_or(|marker| index > marker),
            item: listed_version(key, version, index == 0),
        })
    });
    Ok(page(&query, entries))
}

fn listed_version(key: &str, version: &Version, is_latest: bool) -> ListedVersion {
    let object = match &version.object {
        Some(object) => listed(key, object),
        None => ListedObject {
            key: key.to_owned(),
            size: 0,
            etag: String::new(),
            modified_at: version.written_at,
            checksum: None,
        },
    };
    let is_delete_marker = version.object.is_none();
    ListedVersion { object, version_id: version.id.clone(), is_latest, is_delete_marker }
}

pub(super) async fn put(
    backend: &InMemoryS3Backend,
    write: Write<'_>,
    input: PutObject,
    mut body: VerifiedBody,
) -> S3Result<Written> {
    backend.lock().bucket(write.bucket)?;
    let (bytes, digests) = bodies::receive(&mut body).await?;
    let permit = write.guard.permit().await?;
    let now = backend.now();
    let mut state = backend.lock();
    let content = state.permitted(&permit)?;
    let object = StoredObject {
        description: input.description,
        tags: input.tags,
        lock: lock_of_write(content.settings.object_lock.as_ref(), input.lock, now)?,
        bytes,
        etag: digests.etag(),
        modified_at: now,
        checksum: digests.checksum,
        parts: None,
    };
    check_write(&input.conditions, content.etag(&input.key))?;
    Ok(content.insert(input.key, object))
}

pub(super) async fn copy(
    backend: &InMemoryS3Backend,
    from: &BucketRef,
    write: Write<'_>,
    input: CopyObject,
) -> S3Result<Written> {
    backend.lock().bucket(write.bucket)?;
    check_copy_changes(from, write.bucket, &input)?;
    let (source_version_id, mut object) = versions::copy_source(backend, from, &input.source)?;
    check_copy_source(&input.source.conditions, &object.etag, object.modified_at)?;
    if let Some(algorithm) = input.checksum_algorithm
        && !has_checksum(&object, algorithm)
    {
        // A new checksum needs all bytes to be read, so the copy is one piece.
        let mut hasher = Hasher::new(Some(algorithm));
        hasher.update(&object.bytes);
        let digests = hasher.finish();
        object.etag = digests.etag();
        object.checksum = digests.checksum;
        object.parts = None;
    }
    if let Some(description) = input.description {
        object.description = description;
    }
    if let Some(tags) = input.tags {
        object.tags = tags;
    }
    let permit = write.guard.permit().await?;
    object.modified_at = backend.now();
    let mut state = backend.lock();
    let content = state.permitted(&permit)?;
    object.lock = lock_of_write(content.settings.object_lock.as_ref(), input.lock, object.modified_at)?;
    check_write(&input.conditions, content.etag(&input.key))?;
    Ok(Written { source_version_id, ..content.insert(input.key, object) })
}

pub(super) async fn delete(
    backend: &InMemoryS3Backend,
    write: Write<'_>,
    entries: Vec<DeleteEntry>,
) -> S3Result<Vec<S3Result<Deleted>>> {
    backend.lock().bucket(write.bucket)?;
    let permit = write.guard.permit().await?;
    let now = backend.now();
    let mut state = backend.lock();
    let content = state.permitted(&permit)?;
    Ok(entries.into_iter().map(|entry| content.delete(entry, now)).collect())
}

fn has_checksum(object: &StoredObject, algorithm: ChecksumAlgorithm) -> bool {
    let is_it = |checksum: &Checksum| checksum.algorithm == algorithm && checksum.kind == ChecksumKind::FullObject;
    object.checksum.as_ref().is_some_and(is_it)
}

fn listed(key: &str, object: &StoredObject) -> ListedObject {
    ListedObject {
        key: key.to_owned(),
        size: object.size(),
        etag: object.etag.clone(),
        modified_at: object.modified_at,
        checksum: object.checksum.as_ref().map(|checksum| (checksum.algorithm, checksum.kind)),
    }
}

pub(super) fn slice(bytes: &Bytes, range: &std::ops::Range<u64>) -> Bytes {
    let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(at(range.start)..at(range.end))
}

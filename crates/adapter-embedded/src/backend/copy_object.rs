use std::io;

use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::Write;
use storage_hub_s3_backend::conditions::{check_copy_changes, check_copy_source};
use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, ChecksumKind};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::CopyObject;
use storage_hub_s3_protocol::types::Written;

use super::commit::{check_bucket, confirm};
use super::error::blob_error;
use super::find::find_source;
use super::put_object::{Body, Target, write_object, write_received};
use super::receive::{Place, copy_bytes};
use crate::blobs::{BlobName, UncommittedBlobs};
use crate::index::objects;
use crate::object::{Content, Description, Extras, NewContent, Object, Piece};
use crate::store::EmbeddedStore;

pub(super) async fn copy(
    store: &EmbeddedStore,
    from: &BucketRef,
    write: Write<'_>,
    input: CopyObject,
) -> S3Result<Written> {
    check_bucket(store, write.bucket).await?;
    check_copy_changes(from, write.bucket, &input)?;
    loop {
        let object = find_source(store, from, &input.source).await?;
        check_copy_source(&input.source.conditions, &object.etag, object.modified_at)?;
        if let Some(written) = copy_found(store, object, write, &input).await? {
            return Ok(written);
        }
    }
}

/// Copies an object that was just found; `None` when it was replaced or deleted since.
async fn copy_found(
    store: &EmbeddedStore,
    object: Object,
    write: Write<'_>,
    input: &CopyObject,
) -> S3Result<Option<Written>> {
    if input.checksum_algorithm.is_none_or(|algorithm| has_checksum(&object, algorithm))
        && object.content != Content::Inline
    {
        match link(store, &object).await? {
            Linked::Blobs(linked) => {
                let permit = confirm(write).await?;
                let body = Body {
                    content: with_names(&object.content, &linked.keep()),
                    size: object.size,
                    etag: object.etag.clone(),
                    checksum: object.checksum.clone(),
                };
                return write_object(store, permit, target(input, object)?, body).await.map(Some);
            }
            Linked::Gone => return Ok(None),
            Linked::Impossible => {}
        }
    }
    let Some(stream) = store.read(&object, 0..object.size).await? else { return Ok(None) };
    let algorithm = input.checksum_algorithm.or_else(|| object.checksum.as_ref().map(|checksum| checksum.algorithm));
    let received = copy_bytes(store, stream, object.size, algorithm, Place::BySize).await?;
    let permit = confirm(write).await?;
    write_received(store, permit, target(input, object)?, received).await.map(Some)
}

/// What came of linking the blobs of an object.
enum Linked {
    Blobs(UncommittedBlobs),
    /// The object was replaced or deleted.
    Gone,
    /// The file system has no links, or no more of them for this file: the bytes must be copied.
    Impossible,
}

/// Gives every blob of an object a second name, so that the copy shares its bytes.
async fn link(store: &EmbeddedStore, object: &Object) -> S3Result<Linked> {
    match store.blobs().link(object.content.blobs()).await {
        Ok(linked) => Ok(Linked::Blobs(linked)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let id = object.id;
            if store.index().read(move |connection| objects::exists(connection, id)).await? {
                return Err(blob_error(error));
            }
            Ok(Linked::Gone)
        }
        Err(error) => {
            tracing::debug!(%error, "a blob could not be linked, so its bytes are copied");
            Ok(Linked::Impossible)
        }
    }
}

fn has_checksum(object: &Object, algorithm: ChecksumAlgorithm) -> bool {
    let checksum = object.checksum.as_ref();
    checksum.is_some_and(|checksum| checksum.algorithm == algorithm && checksum.kind == ChecksumKind::FullObject)
}

/// What the copy becomes. The lock of the source is not copied.
fn target(input: &CopyObject, source: Object) -> S3Result<Target> {
    let tags = input.tags.clone().map_or_else(|| source.extras.tags(), Ok)?;
    Ok(Target {
        key: input.key.clone(),
        description: input.description.clone().map_or(source.description, Description::from),
        extras: Extras::new(&tags, input.lock),
        conditions: input.conditions.clone(),
        source_version_id: source.version_id,
    })
}

fn with_names(content: &Content, names: &[BlobName]) -> NewContent {
    let mut names = names.iter().cloned();
    match content {
        Content::Inline => NewContent::Parts(Vec::new()),
        Content::Whole(blob) => NewContent::Whole(names.next().unwrap_or_else(|| blob.clone())),
        Content::Parts(pieces) => {
            let renamed = pieces.iter().zip(names).map(|(piece, blob)| Piece { blob, ..piece.clone() });
            NewContent::Parts(renamed.collect())
        }
    }
}

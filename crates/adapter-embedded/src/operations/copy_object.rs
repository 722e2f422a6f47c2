use std::io;

use s3s::dto::{CopyObjectInput, CopyObjectOutput, CopyObjectResult, MetadataDirective};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::conditions::{ReadConditions, Verdict, failed};
use super::put_object::{Written, key_is_valid, write};
use super::receive::copy_bytes;
use super::translate::{algorithm, checksum_kind, copy_source, description, etag, moment, set_checksum};
use crate::blobs::BlobName;
use crate::digests::{Algorithm, ChecksumKind};
use crate::endpoint::Permission;
use crate::index::objects;
use crate::object::{Content, Description, NewContent, NewObject, Object, Piece};
use crate::store::{ObjectError, now};
use storage_hub_s3_protocol::types::WriteConditions;

pub(super) async fn copy(
    this: &Operations,
    request: S3Request<CopyObjectInput>,
) -> S3Result<S3Response<CopyObjectOutput>> {
    let permission = Permission::of(&request)?;
    permission.bucket()?;
    let mut input = request.input;
    key_is_valid(&input.key)?;
    let source = copy_source(&input.copy_source)?;
    let replaces = match input.metadata_directive.as_ref().map(MetadataDirective::as_str) {
        None | Some(MetadataDirective::COPY) => false,
        Some(MetadataDirective::REPLACE) => true,
        Some(_) => return Err(s3_error!(InvalidArgument, "The metadata directive is COPY or REPLACE.")),
    };
    if !replaces && source == (input.bucket.clone(), input.key.clone()) {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the \
             object's metadata, storage class, website redirect location or encryption attributes."
        ));
    }
    let replacement = if replaces { Some(description!(input)?) } else { None };
    let wanted = input.checksum_algorithm.as_ref().map(algorithm).transpose()?;
    let conditions = ReadConditions {
        matches: input.copy_source_if_match,
        matches_not: input.copy_source_if_none_match,
        modified_since: input.copy_source_if_modified_since,
        unmodified_since: input.copy_source_if_unmodified_since,
    };
    let written = loop {
        let object = this.store.find(&source.0, &source.1).await?;
        if conditions.check(&object) != Verdict::Go {
            return Err(failed());
        }
        let description = replacement.clone().unwrap_or_else(|| object.description.clone());
        let target = Target { permission: permission.clone(), key: input.key.clone(), description };
        if let Some(written) = write_copy(this, &object, target, wanted).await? {
            break written;
        }
    };
    let mut result = CopyObjectResult {
        e_tag: Some(etag(&written.etag)),
        last_modified: Some(moment(written.modified_at)),
        ..Default::default()
    };
    if let Some(checksum) = written.checksum {
        result.checksum_type = Some(checksum_kind(&checksum));
        set_checksum!(result, checksum.algorithm, checksum.value);
    }
    Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..Default::default() }))
}

/// Where a copy goes, and as what.
#[derive(Clone)]
struct Target {
    permission: Permission,
    key: String,
    description: Description,
}

/// Writes a copy; `None` when the source was replaced meanwhile.
async fn write_copy(
    this: &Operations,
    object: &Object,
    target: Target,
    wanted: Option<Algorithm>,
) -> S3Result<Option<Written>> {
    let store = &this.store;
    let has_checksum = |wanted: Algorithm| {
        object
            .checksum
            .as_ref()
            .is_some_and(|checksum| checksum.algorithm == wanted && checksum.kind == ChecksumKind::FullObject)
    };
    if wanted.is_none_or(has_checksum) {
        let linked = if object.content == Content::Inline {
            Err(ObjectError::Blobs(io::ErrorKind::Unsupported.into()))
        } else {
            link(this.clone(), object.clone(), target.clone()).await
        };
        match linked {
            Ok(written) => return written.map(Some),
            Err(ObjectError::Blobs(error)) if error.kind() == io::ErrorKind::NotFound => {
                let id = object.id;
                if !store.index().read(move |connection| objects::exists(connection, id)).await? {
                    return Ok(None);
                }
                return Err(ObjectError::Blobs(error).into());
            }
            // A file system without links, or with no more of them for this file: the bytes are copied.
            Err(ObjectError::Blobs(error)) => tracing::debug!(%error, "a blob was not linked"),
            Err(error) => return Err(error.into()),
        }
    }
    let Some(stream) = store.read(object, 0..object.size).await? else { return Ok(None) };
    let algorithm = wanted.or_else(|| object.checksum.as_ref().map(|checksum| checksum.algorithm));
    let stored = copy_bytes(store, stream, algorithm).await?;
    let permit = target.permission.confirm(&this.gate).await?;
    write(store, permit, target.key, target.description, stored, WriteConditions::default()).await.map(Some)
}

/// Writes a copy that shares the bytes: every blob gets a second name. Runs to its end even when the caller goes away.
async fn link(this: Operations, object: Object, target: Target) -> Result<S3Result<Written>, ObjectError> {
    let linked = tokio::spawn(async move {
        let store = this.store;
        let names = store.blobs().link(object.content.blobs()).await?;
        let permit = match target.permission.confirm(&this.gate).await {
            Ok(permit) => permit,
            Err(refused) => return Ok(Err(refused)),
        };
        let modified_at = now();
        let new = NewObject {
            key: target.key,
            description: target.description,
            size: object.size,
            etag: object.etag.clone(),
            checksum: object.checksum.clone(),
            content: with_names(object.content, names.names()),
        };
        let put = move |connection: &mut _| {
            Ok(((), objects::put(connection, permit.bucket(), &new, &WriteConditions::default(), modified_at)?))
        };
        store.commit(names.keep(), put).await?;
        Ok(Ok(Written { etag: object.etag, checksum: object.checksum, modified_at }))
    });
    linked.await.map_err(io::Error::from)?
}

fn with_names(content: Content, names: &[BlobName]) -> NewContent {
    match content {
        Content::Inline => NewContent::Inline(bytes::Bytes::new()),
        Content::Whole(blob) => NewContent::Whole(names.first().cloned().unwrap_or(blob)),
        Content::Parts(pieces) => {
            let renamed = pieces.into_iter().zip(names).map(|(piece, blob)| Piece { blob: blob.clone(), ..piece });
            NewContent::Parts(renamed.collect())
        }
    }
}

use s3s::dto::{ETagCondition, PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::receive::{Expected, Received, receive};
use super::translate::{algorithm, description, etag, etag_match, sent_checksum, set_checksum};
use crate::endpoint::{Permission, Permit};
use crate::index::objects;
use crate::object::{Description, NewContent, NewObject};
use crate::store::{EmbeddedStore, now};
use storage_hub_s3_protocol::checksum::Checksum as StoredChecksum;
use storage_hub_s3_protocol::types::WriteConditions;

pub(super) async fn put(
    this: &Operations,
    request: S3Request<PutObjectInput>,
) -> S3Result<S3Response<PutObjectOutput>> {
    let permission = Permission::of(&request)?;
    let mut input = request.input;
    key_is_valid(&input.key)?;
    let description = description!(input)?;
    let condition = write_condition(input.if_match.as_ref(), input.if_none_match.as_ref())?;
    let expected = Expected::read(
        &request.headers,
        input.content_length,
        input.content_md5.as_deref(),
        sent_checksum!(input)?,
        input.checksum_algorithm.as_ref().map(algorithm).transpose()?,
        request.trailing_headers,
    )?;
    // Before the body is received: it may be large.
    permission.bucket()?;
    let stored = receive(&this.store, input.body, expected).await?;
    let permit = permission.confirm(&this.gate).await?;
    let written = write(&this.store, permit, input.key, description, stored, condition).await?;
    let mut output = PutObjectOutput { e_tag: Some(etag(&written.etag)), ..Default::default() };
    if let Some(checksum) = written.checksum {
        output.checksum_type = Some(super::translate::checksum_kind(&checksum));
        set_checksum!(output, checksum.algorithm, checksum.value);
    }
    Ok(S3Response::new(output))
}

/// What was written.
pub(super) struct Written {
    pub(super) etag: String,
    pub(super) checksum: Option<StoredChecksum>,
    pub(super) modified_at: i64,
}

/// Makes a blob an object of the bucket that the permit is for.
pub(super) async fn write(
    store: &EmbeddedStore,
    permit: Permit,
    key: String,
    description: Description,
    stored: Received,
    condition: WriteConditions,
) -> S3Result<Written> {
    let (size, etag) = (stored.digests.length, stored.digests.etag());
    let checksum = stored.digests.checksum.clone();
    let modified_at = now();
    let Some(blob) = stored.blob.keep() else { return Err(s3_error!(InternalError)) };
    let content = NewContent::Whole(blob.clone());
    let new = NewObject { key, description, size, etag: etag.clone(), checksum: checksum.clone(), content };
    store
        .commit(vec![blob], move |connection| {
            Ok(((), objects::put(connection, permit.bucket(), &new, &condition, modified_at)?))
        })
        .await?;
    Ok(Written { etag, checksum, modified_at })
}

/// s3s refuses longer keys in a path; an empty one cannot be addressed.
pub(super) fn key_is_valid(key: &str) -> S3Result<()> {
    if key.len() > crate::object_store::MAX_KEY_BYTES {
        return Err(s3_error!(KeyTooLongError, "Your key is too long."));
    }
    if key.is_empty() { Err(s3_error!(InvalidArgument, "A key has at least one byte.")) } else { Ok(()) }
}

pub(super) fn write_condition(
    matches: Option<&ETagCondition>,
    matches_not: Option<&ETagCondition>,
) -> S3Result<WriteConditions> {
    if matches_not.is_some_and(|condition| !condition.is_any()) {
        return Err(s3_error!(NotImplemented, "If-None-Match of a write takes * alone."));
    }
    Ok(WriteConditions { if_match: matches.map(etag_match), if_none_match: matches_not.map(etag_match) })
}

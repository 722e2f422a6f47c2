use storage_hub_s3_backend::{Permit, VerifiedBody, Write};
use storage_hub_s3_protocol::checksum::Checksum;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::PutObject;
use storage_hub_s3_protocol::types::{WriteConditions, Written};

use super::commit::{check_bucket, commit, confirm};
use super::expiration::expiration;
use super::receive::{Place, Received, receive};
use crate::index::versions;
use crate::object::{Description, Extras, NewContent, NewObject};
use crate::store::{EmbeddedStore, now};

pub(super) async fn put(
    store: &EmbeddedStore,
    write: Write<'_>,
    input: PutObject,
    mut body: VerifiedBody,
) -> S3Result<Written> {
    // A short body costs less than asking twice.
    if body.announced_length().is_none_or(|length| length > crate::object::MAX_INLINE as u64) {
        check_bucket(store, write.bucket).await?;
    }
    let received = receive(store, &mut body, Place::BySize).await?;
    let permit = confirm(write).await?;
    let target = Target {
        key: input.key,
        description: input.description.into(),
        extras: Extras::new(&input.tags, input.lock),
        conditions: input.conditions,
        source_version_id: None,
    };
    write_received(store, permit, target, received).await
}

/// What an object becomes besides its bytes.
pub(super) struct Target {
    pub(super) key: String,
    pub(super) description: Description,
    pub(super) extras: Extras,
    pub(super) conditions: WriteConditions,
    /// Of a copy: the version that was copied.
    pub(super) source_version_id: Option<String>,
}

/// The bytes of an object, and what is known of them.
pub(super) struct Body {
    pub(super) content: NewContent,
    pub(super) size: u64,
    pub(super) etag: String,
    pub(super) checksum: Option<Checksum>,
}

/// Makes received bytes an object of the bucket that the permit is for.
pub(super) async fn write_received(
    store: &EmbeddedStore,
    permit: Permit,
    target: Target,
    received: Received,
) -> S3Result<Written> {
    let (content, digests) = received.keep()?;
    let body = Body { content, size: digests.length, etag: digests.etag(), checksum: digests.checksum };
    write_object(store, permit, target, body).await
}

/// Commits an object whose bytes are durable, or are in it.
pub(super) async fn write_object(
    store: &EmbeddedStore,
    permit: Permit,
    target: Target,
    body: Body,
) -> S3Result<Written> {
    let modified_at = now();
    let Target { key, description, extras, conditions, source_version_id } = target;
    let Body { content, size, etag, checksum } = body;
    let new = NewObject { key, description, size, etag: etag.clone(), checksum: checksum.clone(), content, extras };
    let (written_key, tags) = (new.key.clone(), new.extras.tags()?);
    let (version_id, rules) = commit(store, permit, new.content.blobs(), move |connection, bucket| {
        let put = versions::put(connection, &bucket, &new, &conditions, modified_at)?;
        Ok(((put.version_id, bucket.lifecycle), put.released))
    })
    .await?;
    let expiration = expiration(rules.as_deref(), &written_key, size, &tags, modified_at)?;
    Ok(Written { etag, modified_at, version_id, checksum, source_version_id, expiration })
}

use storage_hub_s3_backend::{Permit, VerifiedBody, Write};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::PutObject;
use storage_hub_s3_protocol::types::{WriteConditions, Written};

use super::commit::{check_bucket, commit, confirm};
use super::receive::{Place, Received, receive};
use crate::index::objects;
use crate::object::{Description, NewObject};
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
    write_received(store, permit, input.key, input.description.into(), received, input.conditions).await
}

/// Makes received bytes an object of the bucket that the permit is for.
pub(super) async fn write_received(
    store: &EmbeddedStore,
    permit: Permit,
    key: String,
    description: Description,
    received: Received,
    conditions: WriteConditions,
) -> S3Result<Written> {
    let (content, digests) = received.keep()?;
    let new =
        NewObject { key, description, size: digests.length, etag: digests.etag(), checksum: digests.checksum, content };
    write_object(store, permit, new, conditions).await
}

/// Commits an object whose bytes are durable, or are in it.
pub(super) async fn write_object(
    store: &EmbeddedStore,
    permit: Permit,
    new: NewObject,
    conditions: WriteConditions,
) -> S3Result<Written> {
    let modified_at = now();
    let written = Written { etag: new.etag.clone(), modified_at, checksum: new.checksum.clone(), ..Written::default() };
    commit(store, permit, new.content.blobs(), move |connection, bucket| {
        Ok(((), objects::put(connection, bucket, &new, &conditions, modified_at)?))
    })
    .await?;
    Ok(written)
}

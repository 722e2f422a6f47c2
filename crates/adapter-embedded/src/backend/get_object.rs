use futures::{StreamExt as _, stream};
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::conditions::check_read;
use storage_hub_s3_backend::{ByteStream, Selection};
use storage_hub_s3_protocol::checksum::Checksum;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::GetObject;
use storage_hub_s3_protocol::types::ObjectHead;

use super::expiration::expiration;
use super::find::{find, find_with_data};
use crate::object::{Content, Object};
use crate::store::{EmbeddedStore, slice};

pub(super) async fn get(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    input: GetObject,
) -> S3Result<(ObjectHead, ByteStream)> {
    loop {
        let (object, data) = find_with_data(store, bucket, &input.key, input.version_id.as_deref()).await?;
        check_read(&input.conditions, &object.etag, object.modified_at)?;
        let selection = select(&input, &object)?;
        let stream = match data {
            Some(data) => stream::iter([Ok(slice(&data, &selection.bytes))]).boxed(),
            None => {
                // It was replaced or deleted since it was found.
                let Some(stream) = store.read(&object, selection.bytes.clone()).await? else { continue };
                stream
                    .map(|chunk| chunk.map_err(|error| S3Error::new(ErrorCode::InternalError).caused_by(error)))
                    .boxed()
            }
        };
        return Ok((describe(&input.key, object, selection, input.checksum_mode)?, stream));
    }
}

pub(super) async fn head(store: &EmbeddedStore, bucket: &BucketRef, input: GetObject) -> S3Result<ObjectHead> {
    let object = find(store, bucket, &input.key, input.version_id.as_deref()).await?;
    check_read(&input.conditions, &object.etag, object.modified_at)?;
    let selection = select(&input, &object)?;
    describe(&input.key, object, selection, input.checksum_mode)
}

fn select(input: &GetObject, object: &Object) -> S3Result<Selection> {
    let sizes: Option<Vec<_>> = match &object.content {
        Content::Parts(pieces) if input.part_number.is_some() => Some(pieces.iter().map(|piece| piece.size).collect()),
        Content::Parts(_) | Content::Inline | Content::Whole(_) => None,
    };
    Selection::resolve(input, &object.etag, object.modified_at, object.size, sizes.as_deref())
}

fn describe(key: &str, object: Object, selection: Selection, with_checksum: bool) -> S3Result<ObjectHead> {
    let checksum = match (&object.checksum, &object.content, selection.part) {
        _ if !with_checksum => None,
        (Some(of_object), Content::Parts(pieces), Some(index)) => {
            let value = pieces.get(index).and_then(|piece| piece.checksum.clone());
            value.map(|value| Checksum { value, ..of_object.clone() })
        }
        (of_object, _, _) => of_object.clone().filter(|_| selection.whole),
    };
    let tags = object.extras.tags()?;
    let expiration = expiration(object.lifecycle.as_deref(), key, object.size, &tags, object.modified_at)?;
    Ok(ObjectHead {
        description: object.description.into(),
        size: object.size,
        etag: object.etag,
        modified_at: object.modified_at,
        version_id: object.version_id,
        bytes: selection.bytes,
        partial: selection.partial,
        parts_count: selection.parts_count,
        checksum,
        tags_count: u32::try_from(tags.len()).unwrap_or(u32::MAX),
        expiration,
        lock: object.extras.lock(),
    })
}

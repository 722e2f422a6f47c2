use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::conditions::check_read;
use storage_hub_s3_protocol::checksum::Checksum;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::GetObjectAttributes;
use storage_hub_s3_protocol::response::ObjectAttributes;
use storage_hub_s3_protocol::types::ListedPart;

use super::find::find;
use crate::object::{Content, Object, Piece};
use crate::store::EmbeddedStore;

pub(super) async fn get(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    input: &GetObjectAttributes,
) -> S3Result<ObjectAttributes> {
    let object = find(store, bucket, &input.key, input.version_id.as_deref()).await?;
    check_read(&input.conditions, &object.etag, object.modified_at)?;
    let parts_count = match &object.content {
        Content::Parts(pieces) => u32::try_from(pieces.len()).ok(),
        Content::Inline | Content::Whole(_) => None,
    };
    let mut parts = parts_after(&object, input.part_number_marker);
    let limit = usize::try_from(input.max_parts).unwrap_or(usize::MAX);
    let parts_truncated = parts.len() > limit;
    parts.truncate(limit);
    Ok(ObjectAttributes {
        etag: object.etag,
        modified_at: object.modified_at,
        version_id: object.version_id,
        checksum: object.checksum,
        size: object.size,
        parts_count,
        parts,
        parts_truncated,
    })
}

/// The parts after a number. As with S3, only parts with checksums are listed.
fn parts_after(object: &Object, marker: u32) -> Vec<ListedPart> {
    let (Content::Parts(pieces), Some(of_object)) = (&object.content, &object.checksum) else { return Vec::new() };
    let part = |(number, piece): (u32, &Piece)| ListedPart {
        number,
        size: piece.size,
        etag: String::new(),
        modified_at: 0,
        checksum: piece.checksum.clone().map(|value| Checksum { value, ..of_object.clone() }),
    };
    (1..).zip(pieces).filter(|(number, _)| *number > marker).map(part).collect()
}

use s3s::dto::{
    Checksum, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts, ObjectAttributes,
    ObjectPart, StorageClass,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::translate::{checksum_kind, etag, moment, only_null_version, page_size, set_checksum};
use crate::object::{Content, Object, Piece};

const KNOWN: [&str; 5] = [
    ObjectAttributes::ETAG,
    ObjectAttributes::CHECKSUM,
    ObjectAttributes::OBJECT_PARTS,
    ObjectAttributes::STORAGE_CLASS,
    ObjectAttributes::OBJECT_SIZE,
];

pub(super) async fn get(
    this: &Operations,
    request: S3Request<GetObjectAttributesInput>,
) -> S3Result<S3Response<GetObjectAttributesOutput>> {
    let input = request.input;
    only_null_version(input.version_id.as_deref())?;
    // s3s splits the header at its repetitions alone, not at its commas.
    let names = || input.object_attributes.iter().flat_map(|names| names.as_str().split(',')).map(str::trim);
    if let Some(unknown) = names().find(|name| !KNOWN.contains(name)) {
        let known = KNOWN.join(", ");
        return Err(s3_error!(InvalidArgument, "There is no attribute {unknown:?} of an object; use some of {known}."));
    }
    let asked = |attribute: &str| names().any(|name| name == attribute);
    let (most, after) = (page_size(input.max_parts, "x-amz-max-parts")?, input.part_number_marker.unwrap_or_default());
    let object = this.store.find(&input.bucket, &input.key).await?;
    let checksum = object.checksum.as_ref().filter(|_| asked(ObjectAttributes::CHECKSUM)).map(|stored| {
        let mut checksum = Checksum { checksum_type: Some(checksum_kind(stored)), ..Default::default() };
        // Of a composite one the number of parts is told by the parts.
        let value = stored.value.split('-').next().unwrap_or_default().to_owned();
        set_checksum!(checksum, stored.algorithm, value);
        checksum
    });
    Ok(S3Response::new(GetObjectAttributesOutput {
        checksum,
        e_tag: asked(ObjectAttributes::ETAG).then(|| etag(&object.etag)),
        last_modified: Some(moment(object.modified_at)),
        object_parts: if asked(ObjectAttributes::OBJECT_PARTS) { parts(&object, after, most) } else { None },
        object_size: asked(ObjectAttributes::OBJECT_SIZE).then(|| i64::try_from(object.size).unwrap_or(i64::MAX)),
        storage_class: asked(ObjectAttributes::STORAGE_CLASS)
            .then(|| StorageClass::from_static(StorageClass::STANDARD)),
        ..Default::default()
    }))
}

/// How many parts an object was uploaded in; each of them only where it has a checksum, as with S3.
fn parts(object: &Object, after: i32, most: i32) -> Option<GetObjectAttributesParts> {
    let Content::Parts(pieces) = &object.content else { return None };
    let mut output =
        GetObjectAttributesParts { total_parts_count: i32::try_from(pieces.len()).ok(), ..Default::default() };
    let Some(algorithm) = object.checksum.as_ref().map(|checksum| checksum.algorithm) else { return Some(output) };
    let part = |(number, piece): (i32, &Piece)| {
        let mut part =
            ObjectPart { part_number: Some(number), size: i64::try_from(piece.size).ok(), ..Default::default() };
        if let Some(value) = &piece.checksum {
            set_checksum!(part, algorithm, value.clone());
        }
        part
    };
    let mut parts: Vec<_> = (1..).zip(pieces).filter(|(number, _)| *number > after).map(part).collect();
    let shown = usize::try_from(most).unwrap_or_default();
    output.is_truncated = Some(parts.len() > shown);
    parts.truncate(shown);
    output.max_parts = Some(most);
    output.part_number_marker = Some(after);
    output.next_part_number_marker = parts.last().and_then(|part| part.part_number).or(Some(after));
    output.parts = Some(parts);
    Some(output)
}

/// The answer with the ETag as S3 writes it here, and here only: without quotes.
pub(crate) fn bare_etag(xml: &str) -> String {
    xml.replace("<ETag>\"", "<ETag>").replace("\"</ETag>", "</ETag>")
}

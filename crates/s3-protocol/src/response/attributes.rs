use http::{HeaderMap, header};

use super::fields::{
    self, VERSION_ID, checksum_of, insert, insert_opt, is_true, number_of, parse_answer, required, unquote, unreadable,
    write_checksum,
};
use super::{Answer, ObjectAttributes};
use crate::checksum::Checksum;
use crate::dates;
use crate::error::S3Result;
use crate::operation::{GetObjectAttributes, ObjectAttribute};
use crate::types::ListedPart;
use crate::xml::{Element, XmlWriter};

/// The answer to `GetObjectAttributes`. As S3 has it, the ETag is without quotes here, a composite checksum without its
/// number of parts, and parts are listed only where they have checksums.
#[must_use]
pub fn get_object_attributes(input: &GetObjectAttributes, object: &ObjectAttributes) -> Answer {
    let asked = |attribute| input.attributes.contains(&attribute);
    let mut answer = Answer::ok(XmlWriter::answer("GetObjectAttributesResponse", |document| {
        document.opt_text("ETag", Some(object.etag.as_str()).filter(|_| asked(ObjectAttribute::Etag)));
        if let Some(checksum) = object.checksum.as_ref().filter(|_| asked(ObjectAttribute::Checksum)) {
            let value = checksum.value.split('-').next().unwrap_or_default().to_owned();
            let checksum = Checksum { value, ..checksum.clone() };
            document.element("Checksum", |document| write_checksum(document, &checksum, true));
        }
        if let Some(count) = object.parts_count.filter(|_| asked(ObjectAttribute::ObjectParts)) {
            document.element("ObjectParts", |document| write_parts(document, input, object, count));
        }
        document.opt_text("StorageClass", asked(ObjectAttribute::StorageClass).then_some("STANDARD"));
        let size = asked(ObjectAttribute::ObjectSize).then(|| object.size.to_string());
        document.opt_text("ObjectSize", size.as_deref());
    }));
    insert(&mut answer.headers, header::LAST_MODIFIED, &dates::write_http_date(object.modified_at));
    insert_opt(&mut answer.headers, VERSION_ID, object.version_id.as_deref());
    answer
}

fn write_parts(document: &mut XmlWriter, input: &GetObjectAttributes, object: &ObjectAttributes, count: u32) {
    // Only of parts with checksums is there a page.
    if object.checksum.is_some() {
        let last = object.parts.last().map_or(input.part_number_marker, |part| part.number);
        document.text("IsTruncated", if object.parts_truncated { "true" } else { "false" });
        document.text("MaxParts", &input.max_parts.to_string());
        document.text("NextPartNumberMarker", &last.to_string());
        document.text("PartNumberMarker", &input.part_number_marker.to_string());
    }
    document.text("PartsCount", &count.to_string());
    for part in &object.parts {
        document.element("Part", |document| {
            if let Some(checksum) = &part.checksum {
                write_checksum(document, checksum, false);
            }
            document.text("PartNumber", &part.number.to_string());
            document.text("Size", &part.size.to_string());
        });
    }
}

/// Reads the answer to `GetObjectAttributes`. Attributes that were not requested are empty or zero.
///
/// # Errors
/// `InternalError` for an answer that cannot be read.
pub fn parse_get_object_attributes(headers: &HeaderMap, document: &[u8]) -> S3Result<ObjectAttributes> {
    // The root differs between servers: MinIO's begins with a small letter.
    let roots = ["GetObjectAttributesResponse", "getObjectAttributesResponse", "GetObjectAttributesOutput"];
    let mut parsed = Err(unreadable("it has no document"));
    for root in roots {
        parsed = parse_answer(root, document);
        if parsed.is_ok() {
            break;
        }
    }
    let root = parsed?;
    let parts = root.find("ObjectParts")?;
    let modified_at = fields::header(headers, &header::LAST_MODIFIED).and_then(dates::read_http_date);
    let read = |part: &Element| -> S3Result<ListedPart> {
        Ok(ListedPart {
            number: required(number_of(part, "PartNumber")?)?,
            size: number_of(part, "Size")?.unwrap_or_default(),
            etag: String::new(),
            modified_at: 0,
            checksum: checksum_of(part)?,
        })
    };
    Ok(ObjectAttributes {
        etag: root.text_of("ETag")?.map(unquote).unwrap_or_default(),
        modified_at: modified_at.unwrap_or_default().saturating_mul(1000),
        version_id: fields::header(headers, &VERSION_ID).map(str::to_owned),
        checksum: root.find("Checksum")?.map(checksum_of).transpose()?.flatten(),
        size: number_of(&root, "ObjectSize")?.unwrap_or_default(),
        parts_count: parts.map(|parts| number_of(parts, "PartsCount")).transpose()?.flatten(),
        parts: parts.map(|parts| parts.all("Part").map(read).collect::<S3Result<_>>()).transpose()?.unwrap_or_default(),
        parts_truncated: parts.map(|parts| is_true(parts, "IsTruncated")).transpose()?.unwrap_or_default(),
    })
}

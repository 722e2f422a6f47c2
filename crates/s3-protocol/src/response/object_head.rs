use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::fields::{self, VERSION_ID, insert, insert_checksum, insert_opt, quote, read_checksum, unquote, unreadable};
use crate::dates;
use crate::error::S3Result;
use crate::operation::{GetObject, description};
use crate::types::ObjectHead;

const PARTS_COUNT: HeaderName = HeaderName::from_static("x-amz-mp-parts-count");

/// Writes the headers of the answer to `GetObject` or `HeadObject`, and returns its status: 206 for a range or a part.
pub fn write_object_head(object: &ObjectHead, input: &GetObject, headers: &mut HeaderMap) -> StatusCode {
    let (first, length) = (object.bytes.start, object.bytes.end.saturating_sub(object.bytes.start));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("binary/octet-stream"));
    insert(headers, header::ETAG, &quote(&object.etag));
    insert(headers, header::LAST_MODIFIED, &dates::write_http_date(object.modified_at));
    insert_opt(headers, VERSION_ID, object.version_id.as_deref());
    insert_opt(headers, PARTS_COUNT, object.parts_count.map(|count| count.to_string()).as_deref());
    description::write_headers(&object.description, headers);
    if let Some(checksum) = object.checksum.as_ref().filter(|_| input.checksum_mode) {
        insert_checksum(headers, checksum, true);
    }
    for (name, value) in &input.overrides.headers {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            insert(headers, name, value);
        }
    }
    // No range describes the bytes of an empty part.
    if !object.partial || length == 0 {
        return StatusCode::OK;
    }
    let last = object.bytes.end.saturating_sub(1);
    insert(headers, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{}", object.size));
    StatusCode::PARTIAL_CONTENT
}

/// Reads the headers of the answer to `GetObject` or `HeadObject`.
///
/// # Errors
/// `InternalError` for an answer that cannot be read.
pub fn parse_object_head(status: StatusCode, headers: &HeaderMap) -> S3Result<ObjectHead> {
    let text = |name: HeaderName| fields::header(headers, &name);
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    let partial = status == StatusCode::PARTIAL_CONTENT;
    let (bytes, size) = if partial {
        let range = text(header::CONTENT_RANGE).and_then(read_content_range);
        range.ok_or_else(|| unreadable("its Content-Range is malformed"))?
    } else {
        let length = length.ok_or_else(|| unreadable("its Content-Length is malformed"))?;
        (0..length, length)
    };
    let modified_at = text(header::LAST_MODIFIED).and_then(dates::read_http_date).unwrap_or_default();
    Ok(ObjectHead {
        description: description::read_headers(headers),
        size,
        etag: text(header::ETAG).map(unquote).unwrap_or_default(),
        modified_at: modified_at.saturating_mul(1000),
        version_id: text(VERSION_ID).map(str::to_owned),
        bytes,
        partial,
        parts_count: text(PARTS_COUNT).and_then(|count| count.parse().ok()),
        checksum: read_checksum(headers),
    })
}

/// Reads `bytes <first>-<last>/<size>`.
fn read_content_range(text: &str) -> Option<(std::ops::Range<u64>, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, size): (u64, u64, u64) = (first.parse().ok()?, last.parse().ok()?, size.parse().ok()?);
    (first <= last && last < size).then(|| (first..last + 1, size))
}

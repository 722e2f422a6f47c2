use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::fields::{self, VERSION_ID, insert, insert_checksum, insert_opt, quote, read_checksum, unquote, unreadable};
use crate::dates;
use crate::error::S3Result;
use crate::object_lock::{self, ObjectLock, Retention, RetentionMode};
use crate::operation::object_options::{LEGAL_HOLD, LOCK_MODE, RETAIN_UNTIL};
use crate::operation::{GetObject, description};
use crate::types::ObjectHead;

const PARTS_COUNT: HeaderName = HeaderName::from_static("x-amz-mp-parts-count");
const TAGGING_COUNT: HeaderName = HeaderName::from_static("x-amz-tagging-count");

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
    if object.tags_count > 0 {
        headers.insert(TAGGING_COUNT, HeaderValue::from(object.tags_count));
    }
    write_lock(&object.lock, headers);
    fields::insert_expiration(headers, object.expiration.as_ref());
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
        tags_count: text(TAGGING_COUNT).and_then(|count| count.parse().ok()).unwrap_or_default(),
        lock: read_lock(headers),
        expiration: fields::read_expiration(headers),
    })
}

fn write_lock(lock: &ObjectLock, headers: &mut HeaderMap) {
    if let Some(retention) = lock.retention {
        insert(headers, LOCK_MODE, retention.mode.name());
        insert(headers, RETAIN_UNTIL, &dates::write_iso_date(retention.retain_until));
    }
    insert_opt(headers, LEGAL_HOLD, lock.legal_hold.map(object_lock::legal_hold_name));
}

fn read_lock(headers: &HeaderMap) -> ObjectLock {
    let mode = fields::header(headers, &LOCK_MODE).and_then(RetentionMode::parse);
    let until = fields::header(headers, &RETAIN_UNTIL).and_then(object_lock::read_until);
    ObjectLock {
        retention: mode.zip(until).map(|(mode, retain_until)| Retention { mode, retain_until }),
        legal_hold: fields::header(headers, &LEGAL_HOLD).and_then(object_lock::read_legal_hold),
    }
}

/// Reads `bytes <first>-<last>/<size>`.
fn read_content_range(text: &str) -> Option<(std::ops::Range<u64>, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, size): (u64, u64, u64) = (first.parse().ok()?, last.parse().ok()?, size.parse().ok()?);
    (first <= last && last < size).then(|| (first..last + 1, size))
}

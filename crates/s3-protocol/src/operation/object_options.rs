//! The headers with which a write sets tags and the lock of an object.

use http::HeaderName;

use super::fields::invalid;
use super::request::RequestTemplate;
use crate::dates;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::object_lock::{self, ObjectLock, Retention, RetentionMode};
use crate::tags::Tags;

pub(super) const TAGGING: HeaderName = HeaderName::from_static("x-amz-tagging");
const TAGGING_DIRECTIVE: HeaderName = HeaderName::from_static("x-amz-tagging-directive");
pub(crate) const LOCK_MODE: HeaderName = HeaderName::from_static("x-amz-object-lock-mode");
pub(crate) const RETAIN_UNTIL: HeaderName = HeaderName::from_static("x-amz-object-lock-retain-until-date");
pub(crate) const LEGAL_HOLD: HeaderName = HeaderName::from_static("x-amz-object-lock-legal-hold");
const BYPASS: HeaderName = HeaderName::from_static("x-amz-bypass-governance-retention");

pub(super) fn read_tags(head: &RequestHead) -> S3Result<Tags> {
    Tags::parse_header(head.amz(TAGGING.as_str()).unwrap_or_default())
}

pub(super) fn send_tags(tags: &Tags, request: &mut RequestTemplate) {
    if !tags.is_empty() {
        request.set_header(TAGGING, &tags.to_header());
    }
}

/// The tags of a copy; `None`: those of the source.
pub(super) fn read_copied_tags(head: &RequestHead) -> S3Result<Option<Tags>> {
    match head.amz(TAGGING_DIRECTIVE.as_str()) {
        None | Some("COPY") => Ok(None),
        Some("REPLACE") => read_tags(head).map(Some),
        Some(_) => Err(invalid("`x-amz-tagging-directive` must be COPY or REPLACE.")),
    }
}

pub(super) fn send_copied_tags(tags: Option<&Tags>, request: &mut RequestTemplate) {
    if let Some(tags) = tags {
        request.set_header(TAGGING_DIRECTIVE, "REPLACE");
        send_tags(tags, request);
    }
}

pub(super) fn read_lock(head: &RequestHead) -> S3Result<ObjectLock> {
    let mode = head.amz(LOCK_MODE.as_str()).map(|name| {
        RetentionMode::parse(&name.trim().to_ascii_uppercase())
            .ok_or_else(|| invalid_request("`x-amz-object-lock-mode` must be GOVERNANCE or COMPLIANCE."))
    });
    let until = head.amz(RETAIN_UNTIL.as_str()).map(|text| {
        object_lock::read_until(text)
            .ok_or_else(|| invalid_request("`x-amz-object-lock-retain-until-date` must be a date of ISO 8601."))
    });
    let retention = match (mode.transpose()?, until.transpose()?) {
        (None, None) => None,
        (Some(mode), Some(retain_until)) => Some(Retention { mode, retain_until }),
        _ => {
            return Err(invalid_request(
                "`x-amz-object-lock-retain-until-date` and `x-amz-object-lock-mode` must both be supplied.",
            ));
        }
    };
    let legal_hold = head.amz(LEGAL_HOLD.as_str()).map(|text| {
        object_lock::read_legal_hold(&text.trim().to_ascii_uppercase())
            .ok_or_else(|| invalid_request("`x-amz-object-lock-legal-hold` must be ON or OFF."))
    });
    Ok(ObjectLock { retention, legal_hold: legal_hold.transpose()? })
}

pub(super) fn send_lock(lock: &ObjectLock, request: &mut RequestTemplate) {
    if let Some(retention) = lock.retention {
        request.set_header(LOCK_MODE, retention.mode.name());
        request.set_header(RETAIN_UNTIL, &dates::write_iso_date(retention.retain_until));
    }
    request.set_opt_header(LEGAL_HOLD, lock.legal_hold.map(object_lock::legal_hold_name));
}

/// Whether governance retention may be bypassed.
pub(super) fn read_bypass(head: &RequestHead) -> S3Result<bool> {
    match head.amz(BYPASS.as_str()).map(str::trim) {
        None => Ok(false),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(invalid("`x-amz-bypass-governance-retention` must be true or false.")),
    }
}

pub(super) fn send_bypass(bypass: bool, request: &mut RequestTemplate) {
    if bypass {
        request.set_header(BYPASS, "true");
    }
}

fn invalid_request(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::InvalidRequest, message)
}

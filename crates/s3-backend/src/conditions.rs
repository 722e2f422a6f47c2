//! The preconditions of reads and writes. Every backend that keeps objects itself compares them with these functions.

use http::{HeaderValue, header};
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::CopyObject;
use storage_hub_s3_protocol::types::{Millis, ReadConditions, WriteConditions};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Compares the preconditions of a read with the object, in the order of RFC 9110: an ETag is more precise than a time,
/// because several objects can be written within one second.
///
/// # Errors
/// `PreconditionFailed`, or `NotModified` with the headers `ETag` and `Last-Modified`.
pub fn check_read(conditions: &ReadConditions, etag: &str, modified_at: Millis) -> S3Result<()> {
    let changed_after = |since: i64| modified_at.div_euclid(1000) > since;
    let holds = match (&conditions.if_match, conditions.if_unmodified_since) {
        (Some(wanted), _) => wanted.matches(etag),
        (None, Some(since)) => !changed_after(since),
        (None, None) => true,
    };
    if !holds {
        return Err(ErrorCode::PreconditionFailed.into());
    }
    let is_new_to_reader = match (&conditions.if_none_match, conditions.if_modified_since) {
        (Some(known), _) => !known.matches(etag),
        (None, Some(since)) => changed_after(since),
        (None, None) => true,
    };
    if is_new_to_reader { Ok(()) } else { Err(not_modified(etag, modified_at)) }
}

/// Compares the preconditions on the source of a copy.
///
/// # Errors
/// `PreconditionFailed`.
pub fn check_copy_source(conditions: &ReadConditions, etag: &str, modified_at: Millis) -> S3Result<()> {
    check_read(conditions, etag, modified_at).map_err(|_| ErrorCode::PreconditionFailed.into())
}

/// Compares the preconditions of a write with the ETag of the object that the key has.
///
/// # Errors
/// `NoSuchKey` for `If-Match` without an object, otherwise `PreconditionFailed`.
pub fn check_write(conditions: &WriteConditions, etag: Option<&str>) -> S3Result<()> {
    match (&conditions.if_match, etag) {
        (Some(_), None) => return Err(ErrorCode::NoSuchKey.into()),
        (Some(wanted), Some(etag)) if !wanted.matches(etag) => return Err(ErrorCode::PreconditionFailed.into()),
        _ => {}
    }
    match (&conditions.if_none_match, etag) {
        (Some(unwanted), Some(etag)) if unwanted.matches(etag) => Err(ErrorCode::PreconditionFailed.into()),
        _ => Ok(()),
    }
}

/// Refuses a copy of an object to itself that would change nothing.
///
/// # Errors
/// `InvalidRequest`.
pub fn check_copy_changes(from: &BucketRef, to: &BucketRef, input: &CopyObject) -> S3Result<()> {
    // A copy of an earlier version restores it.
    let is_itself = from.id == to.id && input.source.key == input.key && input.source.version_id.is_none();
    if is_itself && input.description.is_none() {
        return Err(S3Error::with_message(
            ErrorCode::InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the \
             object's metadata, storage class, website redirect location or encryption attributes.",
        ));
    }
    Ok(())
}

/// Accepts the version `null`, which is the only one where versions are not kept.
///
/// # Errors
/// `NoSuchVersion`.
pub fn check_null_version(version_id: Option<&str>) -> S3Result<()> {
    match version_id {
        None | Some("null") => Ok(()),
        Some(_) => Err(ErrorCode::NoSuchVersion.into()),
    }
}

fn not_modified(etag: &str, modified_at: Millis) -> S3Error {
    let mut error = S3Error::new(ErrorCode::NotModified);
    if let Ok(value) = HeaderValue::from_str(&format!("\"{etag}\"")) {
        error = error.with_header(header::ETAG, value);
    }
    let date = OffsetDateTime::from_unix_timestamp(modified_at.div_euclid(1000)).ok();
    let date = date.and_then(|date| date.format(&Rfc2822).ok()).map(|date| date.replace("+0000", "GMT"));
    if let Some(value) = date.and_then(|date| HeaderValue::from_str(&date).ok()) {
        error = error.with_header(header::LAST_MODIFIED, value);
    }
    error
}

#[cfg(test)]
mod tests {
    use storage_hub_s3_protocol::types::EtagCondition;

    use super::*;

    fn list(etags: &[&str]) -> Option<EtagCondition> {
        Some(EtagCondition::List(etags.iter().map(|&etag| etag.to_owned()).collect()))
    }

    fn read(conditions: &ReadConditions) -> Option<ErrorCode> {
        check_read(conditions, "a", 5_500).err().map(|error| error.code())
    }

    #[test]
    fn a_read_is_refused_by_its_preconditions_in_the_order_of_rfc_9110() {
        let none = ReadConditions::default();
        let (modified, failed) = (Some(ErrorCode::NotModified), Some(ErrorCode::PreconditionFailed));
        for (conditions, expected) in [
            (none.clone(), None),
            (ReadConditions { if_match: list(&["x", "a"]), ..none.clone() }, None),
            (ReadConditions { if_match: list(&["x"]), ..none.clone() }, failed),
            (ReadConditions { if_none_match: list(&["x", "a"]), ..none.clone() }, modified),
            (ReadConditions { if_none_match: Some(EtagCondition::Any), ..none.clone() }, modified),
            (ReadConditions { if_none_match: list(&["x"]), ..none.clone() }, None),
            (ReadConditions { if_unmodified_since: Some(5), ..none.clone() }, None),
            (ReadConditions { if_unmodified_since: Some(4), ..none.clone() }, failed),
            (ReadConditions { if_modified_since: Some(5), ..none.clone() }, modified),
            (ReadConditions { if_modified_since: Some(4), ..none.clone() }, None),
            (ReadConditions { if_match: list(&["a"]), if_unmodified_since: Some(4), ..none.clone() }, None),
            (ReadConditions { if_none_match: list(&["x"]), if_modified_since: Some(5), ..none }, None),
        ] {
            assert_eq!(read(&conditions), expected, "{conditions:?}");
        }
    }

    #[test]
    fn not_modified_names_etag_and_time() {
        let conditions = ReadConditions { if_none_match: list(&["a"]), ..ReadConditions::default() };
        let error = check_read(&conditions, "a", 784_111_777_999).unwrap_err();
        let headers: Vec<_> =
            error.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(headers, [("etag", "\"a\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")]);
    }

    #[test]
    fn a_write_is_refused_by_its_preconditions() {
        let any = || Some(EtagCondition::Any);
        let code = |if_match, if_none_match, etag| {
            check_write(&WriteConditions { if_match, if_none_match }, etag).err().map(|error| error.code())
        };
        assert_eq!(code(None, None, None), None);
        assert_eq!(code(any(), None, Some("a")), None);
        assert_eq!(code(any(), None, None), Some(ErrorCode::NoSuchKey));
        assert_eq!(code(list(&["x"]), None, Some("a")), Some(ErrorCode::PreconditionFailed));
        assert_eq!(code(None, any(), None), None);
        assert_eq!(code(None, any(), Some("a")), Some(ErrorCode::PreconditionFailed));
        assert_eq!(code(None, list(&["x"]), Some("a")), None);
        assert_eq!(code(None, list(&["a"]), Some("a")), Some(ErrorCode::PreconditionFailed));
    }
}

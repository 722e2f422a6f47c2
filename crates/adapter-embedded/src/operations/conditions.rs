//! The conditions of a read: `If-Match` and its kin.

use http::HeaderMap;
use s3s::dto::{ETagCondition, Timestamp};
use s3s::{S3Error, S3ErrorCode};
use time::OffsetDateTime;

use super::translate::{etag, http_date, moment};
use crate::object::Object;

/// What a reader wants an object to be.
#[derive(Default)]
pub(super) struct ReadConditions {
    pub(super) matches: Option<ETagCondition>,
    pub(super) matches_not: Option<ETagCondition>,
    pub(super) modified_since: Option<Timestamp>,
    pub(super) unmodified_since: Option<Timestamp>,
}

/// What becomes of the read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Go,
    /// What the reader has is what the object is.
    NotModified,
    Failed,
}

impl ReadConditions {
    /// Holds the conditions against an object, in the order of RFC 9110: an ETag tells more than a time, whose second
    /// may have seen several objects.
    pub(super) fn check(&self, object: &Object) -> Verdict {
        let changed_after = |since: &Timestamp| {
            let since = OffsetDateTime::from(since.clone()).unix_timestamp();
            object.modified_at.div_euclid(1000) > since
        };
        let is = |condition: &ETagCondition| match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(wanted) => wanted.value() == object.etag,
        };
        let held = match (&self.matches, &self.unmodified_since) {
            (Some(wanted), _) => is(wanted),
            (None, Some(since)) => !changed_after(since),
            (None, None) => true,
        };
        if !held {
            return Verdict::Failed;
        }
        let new_to_reader = match (&self.matches_not, &self.modified_since) {
            (Some(known), _) => !is(known),
            (None, Some(since)) => changed_after(since),
            (None, None) => true,
        };
        if new_to_reader { Verdict::Go } else { Verdict::NotModified }
    }
}

pub(super) fn failed() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::PreconditionFailed,
        "At least one of the preconditions you specified did not hold.",
    )
}

/// The answer to a reader who has the object already.
pub(super) fn not_modified(object: &Object) -> S3Error {
    let mut headers = HeaderMap::new();
    if let Ok(value) = etag(&object.etag).to_http_header() {
        headers.insert(http::header::ETAG, value);
    }
    if let Some(date) = http_date(&moment(object.modified_at)).and_then(|date| date.parse().ok()) {
        headers.insert(http::header::LAST_MODIFIED, date);
    }
    let mut error = S3Error::new(S3ErrorCode::NotModified);
    error.set_headers(headers);
    error
}

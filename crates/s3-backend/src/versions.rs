//! What reading a delete marker answers. Backends that keep versions themselves share it.

use http::{HeaderName, HeaderValue, header};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error};

const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");
const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");

/// The version of objects in buckets that never had versioning, and of those that are written while it is suspended.
pub const NULL_VERSION: &str = "null";

/// The error of a request without a version, where the current one is this delete marker: `NoSuchKey`.
#[must_use]
pub fn current_is_marker(version_id: &str) -> S3Error {
    told(ErrorCode::NoSuchKey, version_id)
}

/// The error of a request that names this delete marker by its version: `MethodNotAllowed`, because it can only be deleted.
#[must_use]
pub fn is_marker(version_id: &str) -> S3Error {
    told(ErrorCode::MethodNotAllowed, version_id).with_header(header::ALLOW, HeaderValue::from_static("DELETE"))
}

/// The error of a copy whose source is a delete marker, named by its version.
#[must_use]
pub fn source_is_marker() -> S3Error {
    S3Error::with_message(
        ErrorCode::InvalidRequest,
        "The source of a copy request may not specifically refer to a delete marker by version id.",
    )
}

fn told(code: ErrorCode, version_id: &str) -> S3Error {
    let error = S3Error::new(code).with_header(DELETE_MARKER, HeaderValue::from_static("true"));
    match HeaderValue::from_str(version_id) {
        Ok(id) => error.with_header(VERSION_ID, id),
        Err(_) => error,
    }
}

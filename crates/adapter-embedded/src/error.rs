//! Maps errors to S3's. Their causes are logged once and never sent to a client.

use std::error::Error;
use std::io;

use http::StatusCode;
use s3s::{S3Error, S3ErrorCode, s3_error};
use storage_hub_core::ports::RecordError;
use storage_hub_core::use_cases::s3_gate::GateError;

use crate::index::IndexError;
use crate::store::ObjectError;

/// An error while deciding refuses the request.
pub(crate) fn gate_error(error: GateError) -> S3Error {
    log(&error, "authorizing an S3 request failed");
    match error {
        GateError::Records(RecordError::Unavailable(_) | RecordError::Conflict(_)) => unavailable(),
        GateError::Records(RecordError::AlreadyExists(_) | RecordError::NotFound | RecordError::Unexpected(_))
        | GateError::Secret(_) => internal(),
    }
}

impl From<IndexError> for S3Error {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::NoSuchBucket => s3_error!(NoSuchBucket, "The specified bucket does not exist."),
            IndexError::NoSuchKey => s3_error!(NoSuchKey, "The specified key does not exist."),
            IndexError::NoSuchUpload => {
                s3_error!(
                    NoSuchUpload,
                    "The specified upload does not exist: it was completed or aborted, or it never existed."
                )
            }
            IndexError::BucketExists => s3_error!(BucketAlreadyOwnedByYou),
            IndexError::BucketNotEmpty => s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty."),
            IndexError::Refused(refused) => {
                let mut error = S3Error::with_message(custom(refused.code().name()), refused.message().to_owned());
                error.set_status_code(refused.status());
                error
            }
            IndexError::Full(_) => {
                log(&error, "the disk of the object store is full");
                full()
            }
            IndexError::Unavailable(_) | IndexError::Disk(_) => {
                log(&error, "the object store is unavailable");
                unavailable()
            }
            IndexError::Failed(_) => {
                log(&error, "the object store failed");
                internal()
            }
        }
    }
}

impl From<ObjectError> for S3Error {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Index(error) => error.into(),
            ObjectError::Blobs(error) => blob_error(&error),
            ObjectError::Beside => {
                log(&error, "an endpoint was started on a store that was opened for a tool");
                internal()
            }
        }
    }
}

pub(crate) fn blob_error(error: &io::Error) -> S3Error {
    log(error, "reading or writing the bytes of an object failed");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => full(),
        _ => internal(),
    }
}

fn log(error: &(dyn Error + 'static), message: &str) {
    tracing::error!(error, "{message}");
}

fn internal() -> S3Error {
    s3_error!(InternalError, "We encountered an internal error. Please try again.")
}

fn unavailable() -> S3Error {
    s3_error!(ServiceUnavailable, "The service is not available now. Please try again.")
}

fn full() -> S3Error {
    let mut error = S3Error::with_message(custom("InsufficientStorage"), "The disk is full.");
    error.set_status_code(StatusCode::INSUFFICIENT_STORAGE);
    error
}

/// An error code of S3 that s3s does not define.
pub(crate) fn custom(code: &'static str) -> S3ErrorCode {
    S3ErrorCode::Custom(code.into())
}

//! Maps errors of the store to those of S3. Their causes travel with them, and the endpoint logs them.

use std::io;

use storage_hub_s3_protocol::error::{ErrorCode, S3Error};

use crate::index::IndexError;
use crate::store::ObjectError;

impl From<IndexError> for S3Error {
    fn from(error: IndexError) -> Self {
        let code = match error {
            IndexError::Refused(error) => return error,
            IndexError::NoSuchBucket => ErrorCode::NoSuchBucket,
            IndexError::NoSuchKey => ErrorCode::NoSuchKey,
            IndexError::NoSuchVersion => ErrorCode::NoSuchVersion,
            IndexError::NoSuchUpload => ErrorCode::NoSuchUpload,
            IndexError::BucketExists => ErrorCode::BucketAlreadyExists,
            IndexError::BucketNotEmpty => ErrorCode::BucketNotEmpty,
            IndexError::Full(_) => ErrorCode::InsufficientStorage,
            IndexError::Unavailable(_) | IndexError::Disk(_) => ErrorCode::ServiceUnavailable,
            IndexError::Failed(_) => ErrorCode::InternalError,
        };
        Self::new(code).caused_by(error)
    }
}

impl From<ObjectError> for S3Error {
    fn from(error: ObjectError) -> Self {
        match error {
            ObjectError::Index(error) => error.into(),
            ObjectError::Blobs(error) => blob_error(error),
            ObjectError::Beside => Self::new(ErrorCode::InternalError).caused_by(error),
        }
    }
}

/// Reading or writing a blob failed.
pub(super) fn blob_error(error: io::Error) -> S3Error {
    let code = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::InsufficientStorage,
        _ => ErrorCode::InternalError,
    };
    S3Error::new(code).caused_by(error)
}

use super::{S3Caller, S3UseCases};
use crate::domain::BucketRef;
use crate::use_cases::buckets::{self, BucketError};

impl S3UseCases {
    /// Deletes the bucket with this id if it is empty and the caller owns it or is an administrator. A later bucket of the
    /// same name is never touched.
    ///
    /// # Errors
    /// As [`buckets::delete_bucket`].
    pub async fn delete_bucket(&self, caller: &S3Caller, bucket: &BucketRef) -> Result<(), BucketError> {
        buckets::delete_exactly(&self.ports, &caller.actor(), bucket).await
    }
}

use super::{S3Caller, S3UseCases};
use crate::domain::{Bucket, BucketId, BucketName};
use crate::use_cases::buckets::{self, BucketError};
use crate::use_cases::fault::Fault;

impl S3UseCases {
    /// Creates a bucket of the caller, as the REST API does. Call [`mark_bucket_answered`](Self::mark_bucket_answered) once
    /// the answer was sent: until then, a repetition by the same user succeeds.
    ///
    /// # Errors
    /// As [`buckets::create_bucket`].
    pub async fn create_bucket(&self, caller: &S3Caller, name: BucketName) -> Result<Bucket, BucketError> {
        buckets::create_bucket(&self.ports, &caller.actor(), name).await
    }

    /// Marks the creation of a bucket as answered.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn mark_bucket_answered(&self, id: BucketId) -> Result<(), Fault> {
        buckets::mark_bucket_answered(&self.ports, id).await
    }
}

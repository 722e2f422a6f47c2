//! The store through which the hub creates and deletes buckets, over the backend of the tests.

use std::time::Duration;

use async_trait::async_trait;
use storage_hub_core::domain::{BucketRef, ObjectVersion};
use storage_hub_core::policy::PolicyDocument;
use storage_hub_core::ports::{BucketPresence, ObjectStore, StoreError, StoreLimits, VersionOutcome};
use storage_hub_core::testing::InMemoryStore;
use storage_hub_s3_backend::testing::InMemoryS3Backend;
use storage_hub_s3_protocol::error::ErrorCode;

/// Buckets are those of the backend; everything else, which the endpoint does not use, is another store's.
pub(crate) struct BackendStore {
    pub(crate) backend: InMemoryS3Backend,
    pub(crate) rest: InMemoryStore,
}

#[async_trait]
impl ObjectStore for BackendStore {
    fn limits(&self) -> StoreLimits {
        StoreLimits { tells_buckets_by_id: true, ..self.rest.limits() }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.rest.ping().await
    }

    async fn find_bucket(&self, bucket: &BucketRef) -> Result<BucketPresence, StoreError> {
        let there = self.backend.has_bucket_named(&bucket.name);
        Ok(if there { BucketPresence::Present } else { BucketPresence::Absent })
    }

    async fn create_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        if self.backend.create_bucket(bucket) { Ok(()) } else { Err(StoreError::AlreadyOwned) }
    }

    async fn delete_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        self.backend.delete_bucket(bucket).map_err(|error| match error.code() {
            ErrorCode::NoSuchBucket => StoreError::NotFound,
            ErrorCode::BucketNotEmpty => StoreError::NotEmpty,
            _ => StoreError::Unexpected(error.into()),
        })
    }

    async fn list_buckets(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.backend.bucket_names())
    }

    async fn put_bucket_policy(&self, _: &BucketRef, _: &PolicyDocument) -> Result<(), StoreError> {
        Ok(())
    }

    async fn find_bucket_policy(&self, bucket: &BucketRef) -> Result<Option<PolicyDocument>, StoreError> {
        self.rest.find_bucket_policy(bucket).await
    }

    async fn put_object(&self, bucket: &BucketRef, key: &str, body: Vec<u8>) -> Result<(), StoreError> {
        self.rest.put_object(bucket, key, body).await
    }

    async fn get_object(&self, bucket: &BucketRef, key: &str) -> Result<Vec<u8>, StoreError> {
        self.rest.get_object(bucket, key).await
    }

    async fn delete_object(&self, bucket: &BucketRef, key: &str) -> Result<(), StoreError> {
        self.rest.delete_object(bucket, key).await
    }

    async fn delete_versions(
        &self,
        bucket: &BucketRef,
        versions: &[ObjectVersion],
    ) -> Result<Vec<VersionOutcome>, StoreError> {
        self.rest.delete_versions(bucket, versions).await
    }

    async fn name_reservation(&self) -> Result<Duration, StoreError> {
        Ok(Duration::ZERO)
    }
}

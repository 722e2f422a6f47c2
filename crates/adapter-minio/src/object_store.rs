use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use storage_hub_core::domain::{BucketName, BucketRef, ObjectKey, ObjectVersion};
use storage_hub_core::policy::PolicyDocument;
use storage_hub_core::ports::{BucketPresence, ObjectStore, StoreError, StoreLimits, VersionOutcome};

use crate::error::{store_error, success};
use crate::s3_client::S3Client;
use crate::store::MinioStore;

const LIMITS: StoreLimits = StoreLimits {
    max_key_bytes: ObjectKey::MAX_BYTES,
    max_key_segment_bytes: Some(255),
    takes_empty_segments: false,
    takes_dot_segments: false,
    takes_backslashes: false,
    takes_keys_below_keys: true,
    tells_buckets_by_id: false,
    keeps_versions: true,
    writes_conditionally: true,
    keeps_tags: true,
    locks_objects: true,
    expires_objects: true,
};

/// MinIO knows no ids, so that every call goes by the name of the bucket.
#[async_trait]
impl ObjectStore for MinioStore {
    fn limits(&self) -> StoreLimits {
        LIMITS
    }

    /// Any bucket is asked for: an answer needs the server, its disks, and a right signature for the right region.
    async fn ping(&self) -> Result<(), StoreError> {
        let answer = self.s3.list_objects(&probe_bucket()?).await?;
        if answer.code() == "NoSuchBucket" { Ok(()) } else { success(answer).map(drop) }
    }

    async fn find_bucket(&self, bucket: &BucketRef) -> Result<BucketPresence, StoreError> {
        let answer = self.s3.head_bucket(&bucket.name).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(BucketPresence::Absent),
            _ => success(answer).map(|_| BucketPresence::Present),
        }
    }

    async fn create_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        success(self.s3.create_bucket(&bucket.name).await?).map(drop)
    }

    async fn delete_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        let calls = async {
            // MinIO deletes a bucket with unfinished uploads, and keeps them for the next one of that name. They are
            // aborted only when nothing else stands against the deletion: otherwise the bucket stays, with its uploads.
            if S3Client::has_versions(&success(self.s3.find_first_version(&bucket.name).await?)?) {
                return Err(StoreError::NotEmpty);
            }
            self.abort_uploads(&bucket.name).await?;
            success(self.s3.delete_bucket(&bucket.name).await?).map(drop)
        };
        self.in_time(calls).await
    }

    async fn list_buckets(&self) -> Result<Vec<String>, StoreError> {
        let answer = success(self.s3.list_buckets().await?)?;
        let mut names = S3Client::bucket_names(&answer);
        // The hub's own bucket is nobody's.
        names.retain(|name| name != BucketName::OF_THE_HUB);
        names.sort_unstable();
        Ok(names)
    }

    async fn put_bucket_policy(&self, bucket: &BucketRef, policy: &PolicyDocument) -> Result<(), StoreError> {
        success(self.s3.put_bucket_policy(&bucket.name, policy.to_string().into_bytes()).await?).map(drop)
    }

    async fn find_bucket_policy(&self, bucket: &BucketRef) -> Result<Option<PolicyDocument>, StoreError> {
        let answer = self.s3.get_bucket_policy(&bucket.name).await?;
        if answer.code() == "NoSuchBucketPolicy" {
            return Ok(None);
        }
        document(&success(answer)?.body).map(Some)
    }

    async fn put_object(&self, bucket: &BucketRef, key: &str, body: Vec<u8>) -> Result<(), StoreError> {
        LIMITS.check_key(key)?;
        success(self.s3.put_object(&bucket.name, key, body).await?).map(drop)
    }

    async fn get_object(&self, bucket: &BucketRef, key: &str) -> Result<Vec<u8>, StoreError> {
        LIMITS.check_key(key)?;
        success(self.s3.get_object(&bucket.name, key).await?).map(|answer| answer.body.into())
    }

    async fn delete_object(&self, bucket: &BucketRef, key: &str) -> Result<(), StoreError> {
        LIMITS.check_key(key)?;
        let answer = self.s3.delete_object(&bucket.name, key).await?;
        match (answer.is_success(), answer.code()) {
            (true, _) | (_, "NoSuchKey") => Ok(()),
            _ => Err(store_error(&answer)),
        }
    }

    async fn delete_versions(
        &self,
        bucket: &BucketRef,
        versions: &[ObjectVersion],
    ) -> Result<Vec<VersionOutcome>, StoreError> {
        for version in versions {
            LIMITS.check_key(version.key.as_str())?;
        }
        self.delete_all_versions(&bucket.name, versions).await
    }

    async fn name_reservation(&self) -> Result<Duration, StoreError> {
        self.read_name_reservation().await
    }
}

/// Reads a policy document that the server gave.
pub(crate) fn document(body: &[u8]) -> Result<PolicyDocument, StoreError> {
    serde_json::from_slice(body).map(PolicyDocument::new).map_err(|error| StoreError::Unexpected(error.into()))
}

/// A name that the hub asks for when any will do.
pub(crate) fn probe_bucket() -> Result<BucketName, StoreError> {
    BucketName::parse("storage-hub-probe").map_err(|error| StoreError::Unexpected(error.into()))
}

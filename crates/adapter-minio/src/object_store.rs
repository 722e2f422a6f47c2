use async_trait::async_trait;
use http::StatusCode;
use storage_hub_core::domain::BucketName;
use storage_hub_core::policy::PolicyDocument;
use storage_hub_core::ports::{BucketPresence, ObjectStore, StoreError, StoreLimits};

use crate::error::{store_error, success};
use crate::s3_client::S3Client;
use crate::store::MinioStore;

#[async_trait]
impl ObjectStore for MinioStore {
    fn limits(&self) -> StoreLimits {
        StoreLimits {
            max_key_bytes: 1024,
            max_key_segment_bytes: Some(255),
            takes_empty_segments: false,
            takes_dot_segments: false,
        }
    }

    /// Any bucket is asked for: an answer needs the server, its disks, and a right signature for the right region.
    async fn ping(&self) -> Result<(), StoreError> {
        let answer = self.s3.list_objects(&probe_bucket()?).await?;
        if answer.code() == "NoSuchBucket" { Ok(()) } else { success(answer).map(drop) }
    }

    async fn find_bucket(&self, name: &BucketName) -> Result<BucketPresence, StoreError> {
        let answer = self.s3.head_bucket(name).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(BucketPresence::Absent),
            _ => success(answer).map(|_| BucketPresence::Present),
        }
    }

    async fn create_bucket(&self, name: &BucketName) -> Result<(), StoreError> {
        success(self.s3.create_bucket(name).await?).map(drop)
    }

    async fn delete_bucket(&self, name: &BucketName) -> Result<(), StoreError> {
        success(self.s3.delete_bucket(name).await?).map(drop)
    }

    async fn list_buckets(&self) -> Result<Vec<String>, StoreError> {
        let answer = success(self.s3.list_buckets().await?)?;
        let mut names = S3Client::bucket_names(&answer);
        // The hub's own bucket is nobody's.
        names.retain(|name| name != BucketName::OF_THE_HUB);
        names.sort_unstable();
        Ok(names)
    }

    async fn put_bucket_policy(&self, name: &BucketName, policy: &PolicyDocument) -> Result<(), StoreError> {
        success(self.s3.put_bucket_policy(name, policy.to_string().into_bytes()).await?).map(drop)
    }

    async fn find_bucket_policy(&self, name: &BucketName) -> Result<Option<PolicyDocument>, StoreError> {
        let answer = self.s3.get_bucket_policy(name).await?;
        if answer.code() == "NoSuchBucketPolicy" {
            return Ok(None);
        }
        document(&success(answer)?.body).map(Some)
    }

    async fn put_object(&self, bucket: &BucketName, key: &str, body: Vec<u8>) -> Result<(), StoreError> {
        check_dots(key)?;
        success(self.s3.put_object(bucket, key, body).await?).map(drop)
    }

    async fn get_object(&self, bucket: &BucketName, key: &str) -> Result<Vec<u8>, StoreError> {
        check_dots(key)?;
        success(self.s3.get_object(bucket, key).await?).map(|answer| answer.body)
    }

    async fn delete_object(&self, bucket: &BucketName, key: &str) -> Result<(), StoreError> {
        check_dots(key)?;
        let answer = self.s3.delete_object(bucket, key).await?;
        match (answer.is_success(), answer.code()) {
            (true, _) | (_, "NoSuchKey") => Ok(()),
            _ => Err(store_error(&answer)),
        }
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

/// The server refuses them too, but a URL cannot even carry them there: it would name another object.
fn check_dots(key: &str) -> Result<(), StoreError> {
    if key.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(StoreError::Refused("a part of the object key is a dot or two".to_owned()));
    }
    Ok(())
}

use std::collections::btree_map::Entry;
use std::time::Duration;

use async_trait::async_trait;

use super::{InMemoryStore, State, StoreCall, StoredBucket};
use crate::domain::{BucketRef, ObjectVersion};
use crate::policy::PolicyDocument;
use crate::ports::{BucketPresence, ObjectStore, StoreError, StoreLimits, VersionOutcome};

/// The limits of keys in MinIO.
const LIMITS: StoreLimits = StoreLimits {
    max_key_bytes: 1024,
    max_key_segment_bytes: Some(255),
    takes_empty_segments: false,
    takes_dot_segments: false,
    takes_backslashes: false,
    takes_keys_below_keys: true,
    tells_buckets_by_id: false,
    keeps_versions: false,
    writes_conditionally: false,
    keeps_tags: false,
    locks_objects: false,
    expires_objects: false,
};

#[async_trait]
impl ObjectStore for InMemoryStore {
    fn limits(&self) -> StoreLimits {
        LIMITS
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.call(StoreCall::Ping, |_| Ok(()))
    }

    async fn find_bucket(&self, bucket: &BucketRef) -> Result<BucketPresence, StoreError> {
        self.call(StoreCall::FindBucket, |state| {
            let there = state.buckets.contains_key(bucket.name.as_str());
            Ok(if there { BucketPresence::Present } else { BucketPresence::Absent })
        })
    }

    async fn create_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        self.call(StoreCall::CreateBucket, |state| match state.buckets.entry(bucket.name.to_string()) {
            Entry::Occupied(_) => Err(StoreError::AlreadyOwned),
            Entry::Vacant(place) => {
                place.insert(StoredBucket::default());
                Ok(())
            }
        })
    }

    async fn delete_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        self.call(StoreCall::DeleteBucket, |state| {
            if !state.bucket(bucket)?.objects.is_empty() {
                return Err(StoreError::NotEmpty);
            }
            state.buckets.remove(bucket.name.as_str());
            Ok(())
        })
    }

    async fn list_buckets(&self) -> Result<Vec<String>, StoreError> {
        self.call(StoreCall::ListBuckets, |state| Ok(state.buckets.keys().cloned().collect()))
    }

    async fn put_bucket_policy(&self, bucket: &BucketRef, policy: &PolicyDocument) -> Result<(), StoreError> {
        self.call(StoreCall::PutBucketPolicy, |state| {
            super::principal_store::check_document(policy)?;
            state.bucket(bucket)?.policy = Some(policy.clone());
            Ok(())
        })
    }

    async fn find_bucket_policy(&self, bucket: &BucketRef) -> Result<Option<PolicyDocument>, StoreError> {
        self.call(StoreCall::FindBucketPolicy, |state| Ok(state.bucket(bucket)?.policy.clone()))
    }

    async fn put_object(&self, bucket: &BucketRef, key: &str, body: Vec<u8>) -> Result<(), StoreError> {
        self.call(StoreCall::PutObject, |state| {
            LIMITS.check_key(key)?;
            state.bucket(bucket)?.objects.insert(key.to_owned(), body);
            Ok(())
        })
    }

    async fn get_object(&self, bucket: &BucketRef, key: &str) -> Result<Vec<u8>, StoreError> {
        self.call(StoreCall::GetObject, |state| {
            state.bucket(bucket)?.objects.get(key).cloned().ok_or(StoreError::NotFound)
        })
    }

    async fn delete_object(&self, bucket: &BucketRef, key: &str) -> Result<(), StoreError> {
        self.call(StoreCall::DeleteObject, |state| {
            state.bucket(bucket)?.objects.remove(key);
            Ok(())
        })
    }

    async fn delete_versions(
        &self,
        bucket: &BucketRef,
        versions: &[ObjectVersion],
    ) -> Result<Vec<VersionOutcome>, StoreError> {
        self.call(StoreCall::DeleteVersions, |state| {
            for version in versions {
                LIMITS.check_key(version.key.as_str())?;
            }
            let objects = &mut state.bucket(bucket)?.objects;
            for version in versions.iter().filter(|version| version.version_id.is_null()) {
                objects.remove(version.key.as_str());
            }
            Ok(vec![VersionOutcome::Deleted; versions.len()])
        })
    }

    async fn name_reservation(&self) -> Result<Duration, StoreError> {
        self.call(StoreCall::NameReservation, |state| Ok(state.name_reservation))
    }
}

impl State {
    fn bucket(&mut self, bucket: &BucketRef) -> Result<&mut StoredBucket, StoreError> {
        self.buckets.get_mut(bucket.name.as_str()).ok_or(StoreError::NotFound)
    }
}

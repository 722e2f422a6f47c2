use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use storage_hub_core::domain::{AccessKey, BucketRef, Credentials, ObjectVersion, Password, PasswordHash};
use storage_hub_core::policy::{PolicyDocument, PolicyName};
use storage_hub_core::ports::{
    BucketPresence, HashError, ObjectStore, PasswordHasher, PrincipalSettings, PrincipalState, PrincipalStore,
    StoreError, StoreLimits, VersionOutcome,
};

use super::Metrics;

/// A port whose calls are counted and timed. Every method is forwarded, because a default method would bypass the
/// adapter's own.
pub(super) struct Watched<P: ?Sized> {
    pub(super) port: Arc<P>,
    pub(super) metrics: Arc<Metrics>,
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl PasswordHasher for Watched<dyn PasswordHasher> {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError> {
        self.metrics.time_hash(self.port.hash(password)).await
    }

    async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<bool, HashError> {
        self.metrics.time_hash(self.port.verify(password, hash)).await
    }

    fn is_outdated(&self, hash: &PasswordHash) -> bool {
        self.port.is_outdated(hash)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ObjectStore for Watched<dyn ObjectStore> {
    fn limits(&self) -> StoreLimits {
        self.port.limits()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.metrics.time_store("ping", self.port.ping()).await
    }

    async fn find_bucket(&self, bucket: &BucketRef) -> Result<BucketPresence, StoreError> {
        self.metrics.time_store("find_bucket", self.port.find_bucket(bucket)).await
    }

    async fn create_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        self.metrics.time_store("create_bucket", self.port.create_bucket(bucket)).await
    }

    async fn delete_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        self.metrics.time_store("delete_bucket", self.port.delete_bucket(bucket)).await
    }

    async fn list_buckets(&self) -> Result<Vec<String>, StoreError> {
        self.metrics.time_store("list_buckets", self.port.list_buckets()).await
    }

    async fn put_bucket_policy(&self, bucket: &BucketRef, policy: &PolicyDocument) -> Result<(), StoreError> {
        self.metrics.time_store("put_bucket_policy", self.port.put_bucket_policy(bucket, policy)).await
    }

    async fn find_bucket_policy(&self, bucket: &BucketRef) -> Result<Option<PolicyDocument>, StoreError> {
        self.metrics.time_store("find_bucket_policy", self.port.find_bucket_policy(bucket)).await
    }

    async fn put_object(&self, bucket: &BucketRef, key: &str, body: Vec<u8>) -> Result<(), StoreError> {
        self.metrics.time_store("put_object", self.port.put_object(bucket, key, body)).await
    }

    async fn get_object(&self, bucket: &BucketRef, key: &str) -> Result<Vec<u8>, StoreError> {
        self.metrics.time_store("get_object", self.port.get_object(bucket, key)).await
    }

    async fn delete_object(&self, bucket: &BucketRef, key: &str) -> Result<(), StoreError> {
        self.metrics.time_store("delete_object", self.port.delete_object(bucket, key)).await
    }

    async fn delete_versions(
        &self,
        bucket: &BucketRef,
        versions: &[ObjectVersion],
    ) -> Result<Vec<VersionOutcome>, StoreError> {
        self.metrics.time_store("delete_versions", self.port.delete_versions(bucket, versions)).await
    }

    async fn name_reservation(&self) -> Result<Duration, StoreError> {
        self.metrics.time_store("name_reservation", self.port.name_reservation()).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl PrincipalStore for Watched<dyn PrincipalStore> {
    async fn put_principal(&self, settings: &PrincipalSettings) -> Result<(), StoreError> {
        self.metrics.time_store("put_principal", self.port.put_principal(settings)).await
    }

    async fn revoke_sessions(&self, access_key: &AccessKey) -> Result<(), StoreError> {
        self.metrics.time_store("revoke_sessions", self.port.revoke_sessions(access_key)).await
    }

    async fn delete_principal(&self, access_key: &AccessKey) -> Result<(), StoreError> {
        self.metrics.time_store("delete_principal", self.port.delete_principal(access_key)).await
    }

    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalState>, StoreError> {
        self.metrics.time_store("find_principal", self.port.find_principal(access_key)).await
    }

    async fn accepts(&self, credentials: &Credentials) -> Result<bool, StoreError> {
        self.metrics.time_store("accepts", self.port.accepts(credentials)).await
    }

    async fn put_policy(&self, name: &PolicyName, document: &PolicyDocument) -> Result<(), StoreError> {
        self.metrics.time_store("put_policy", self.port.put_policy(name, document)).await
    }

    async fn find_policy(&self, name: &PolicyName) -> Result<Option<PolicyDocument>, StoreError> {
        self.metrics.time_store("find_policy", self.port.find_policy(name)).await
    }

    async fn delete_policy(&self, name: &PolicyName) -> Result<(), StoreError> {
        self.metrics.time_store("delete_policy", self.port.delete_policy(name)).await
    }

    async fn list_principals(&self) -> Result<Vec<String>, StoreError> {
        self.metrics.time_store("list_principals", self.port.list_principals()).await
    }
}

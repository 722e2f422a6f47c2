//! The contract suite of the hub's own port.

use async_trait::async_trait;
use storage_hub_core::domain::BucketRef;
use storage_hub_core::ports::ObjectStore;
use storage_hub_port_contract::object_store::ObjectStoreHarness;
use storage_hub_s3_backend::BucketSetting;
use storage_hub_s3_protocol::versioning::VersioningState;

use crate::store::{Store, at, blob_files};

struct Harness(Store);

#[async_trait]
impl ObjectStoreHarness for Harness {
    fn store(&self) -> &dyn ObjectStore {
        &self.0.objects
    }

    fn away(&self) -> Option<&dyn ObjectStore> {
        None
    }

    async fn begin_upload(&self, bucket: &BucketRef, key: &str) {
        let store = self.0.in_bucket(bucket);
        let upload = store.begin(key, None).await;
        store.part(&upload, 1, b"a part").await;
    }

    async fn has_upload(&self, bucket: &BucketRef, key: &str) -> bool {
        self.0.in_bucket(bucket).uploads().await.iter().any(|listed| listed == key)
    }

    async fn enable_versioning(&self, bucket: &BucketRef) {
        self.0.in_bucket(bucket).set(BucketSetting::Versioning(VersioningState::Enabled)).await.unwrap();
    }

    async fn list_versions(&self, bucket: &BucketRef, key: &str) -> Vec<String> {
        let versions = self.0.in_bucket(bucket).versions().await;
        versions.into_iter().filter(|version| version.object.key == key).map(|version| version.version_id).collect()
    }
}

async fn harness() -> Option<Harness> {
    Some(Harness(Store::open().await))
}

storage_hub_port_contract::object_store_contract!(crate::contract::harness);

#[tokio::test]
async fn the_blobs_of_unfinished_uploads_go_with_their_bucket() {
    let harness = harness().await.unwrap();
    let bucket = at("unfinished");
    harness.store().create_bucket(&bucket).await.unwrap();
    harness.begin_upload(&bucket, "upload").await;
    assert_eq!(blob_files(harness.0.folder()).len(), 1);
    harness.store().delete_bucket(&bucket).await.unwrap();
    harness.0.until_blob_files(0).await;
}

//! The contract suite of the port.

use async_trait::async_trait;
use storage_hub_core::domain::BucketRef;
use storage_hub_core::ports::ObjectStore;
use storage_hub_port_contract::object_store::ObjectStoreHarness;

use crate::client::{Reply, encode};
use crate::hub::{Hub, at};

struct Harness {
    hub: Hub,
}

impl Harness {
    async fn send(&self, method: &str, bucket: &BucketRef, target: &str, body: &[u8]) -> Reply {
        self.hub.adopt(bucket).await;
        self.hub.client("owner").send(method, &format!("/{}{target}", bucket.name), &[], body).await.assert_ok()
    }
}

#[async_trait]
impl ObjectStoreHarness for Harness {
    fn store(&self) -> &dyn ObjectStore {
        &self.hub.store
    }

    fn away(&self) -> Option<&dyn ObjectStore> {
        None
    }

    async fn begin_upload(&self, bucket: &BucketRef, key: &str) {
        let key = encode(key);
        let begun = self.send("POST", bucket, &format!("/{key}?uploads="), b"").await;
        let id = &begun.all("UploadId")[0];
        self.send("PUT", bucket, &format!("/{key}?partNumber=1&uploadId={id}"), b"a part").await;
    }

    async fn has_upload(&self, bucket: &BucketRef, key: &str) -> bool {
        let listed = self.send("GET", bucket, &format!("?uploads=&prefix={}", encode(key)), b"").await;
        listed.all("Key").iter().any(|listed| listed == key)
    }

    async fn enable_versioning(&self, _: &BucketRef) {}

    async fn list_versions(&self, _: &BucketRef, _: &str) -> Vec<String> {
        Vec::new()
    }
}

async fn harness() -> Option<Harness> {
    Some(Harness { hub: Hub::start().await })
}

storage_hub_port_contract::object_store_contract!(crate::contract::harness);

#[tokio::test]
async fn the_blobs_of_unfinished_uploads_go_with_their_bucket() {
    let harness = harness().await.unwrap();
    let bucket = at("unfinished");
    harness.hub.store.create_bucket(&bucket).await.unwrap();
    harness.begin_upload(&bucket, "upload").await;
    assert_eq!(harness.hub.blob_files().len(), 1);
    harness.hub.store.delete_bucket(&bucket).await.unwrap();
    assert_eq!(harness.hub.blob_files(), Vec::<String>::new());
}

//! The contract suite of the port between the endpoint and what keeps the bytes.

use async_trait::async_trait;
use storage_hub_adapter_embedded::{EmbeddedObjectStore, EmbeddedS3Backend, EmbeddedStore};
use storage_hub_core::domain::BucketRef;
use storage_hub_core::ports::{ObjectStore as _, StoreError};
use storage_hub_port_contract::s3_backend::S3BackendHarness;
use storage_hub_s3_backend::S3Backend;
use tempfile::TempDir;

struct Harness {
    backend: EmbeddedS3Backend,
    store: EmbeddedObjectStore,
    _folder: TempDir,
}

#[async_trait]
impl S3BackendHarness for Harness {
    fn backend(&self) -> &dyn S3Backend {
        &self.backend
    }

    async fn create_bucket(&self, bucket: &BucketRef) {
        self.store.create_bucket(bucket).await.unwrap();
    }

    async fn delete_bucket(&self, bucket: &BucketRef) -> bool {
        match self.store.delete_bucket(bucket).await {
            Ok(()) => true,
            Err(StoreError::NotEmpty) => false,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn harness() -> Option<Harness> {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).await.unwrap();
    store.recover().await;
    let backend = EmbeddedS3Backend::new(store.clone());
    Some(Harness { backend, store: EmbeddedObjectStore::new(store), _folder: folder })
}

storage_hub_port_contract::s3_backend_contract!(crate::s3_contract::harness);

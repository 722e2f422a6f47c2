//! The backend in memory passes the contract suite.

use std::sync::Arc;

use async_trait::async_trait;
use storage_hub_core::domain::BucketRef;
use storage_hub_core::testing::ManualClock;
use storage_hub_port_contract::s3_backend::S3BackendHarness;
use storage_hub_s3_backend::S3Backend;
use storage_hub_s3_backend::testing::InMemoryS3Backend;

struct Harness(InMemoryS3Backend);

#[async_trait]
impl S3BackendHarness for Harness {
    fn backend(&self) -> &dyn S3Backend {
        &self.0
    }

    async fn create_bucket(&self, bucket: &BucketRef) {
        assert!(self.0.create_bucket(bucket));
    }

    async fn delete_bucket(&self, bucket: &BucketRef) -> bool {
        self.0.delete_bucket(bucket).is_ok()
    }
}

async fn harness() -> Option<Harness> {
    Some(Harness(InMemoryS3Backend::new(Arc::new(ManualClock::default()))))
}

storage_hub_port_contract::s3_backend_contract!(crate::in_memory_s3_backend::harness);

/// The same without the features that a backend may lack.
mod limited {
    use super::{Arc, Harness, InMemoryS3Backend, ManualClock};

    pub(super) async fn harness() -> Option<Harness> {
        Some(Harness(InMemoryS3Backend::limited(Arc::new(ManualClock::default()))))
    }

    storage_hub_port_contract::s3_backend_contract!(crate::in_memory_s3_backend::limited::harness);
}

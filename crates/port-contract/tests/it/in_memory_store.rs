use async_trait::async_trait;
use storage_hub_core::domain::{BucketName, BucketRef, Credentials};
use storage_hub_core::ports::{ObjectStore, PrincipalStore, StoreMarker};
use storage_hub_core::s3_action::S3Action;
use storage_hub_core::testing::InMemoryStore;
use storage_hub_port_contract::object_store::ObjectStoreHarness;
use storage_hub_port_contract::principal_store::{OBJECT, PrincipalStoreHarness};
use storage_hub_port_contract::store_marker::StoreMarkerHarness;

struct Harness {
    store: InMemoryStore,
    away: InMemoryStore,
}

async fn harness() -> Option<Harness> {
    let away = InMemoryStore::new();
    away.set_available(false);
    Some(Harness { store: InMemoryStore::new(), away })
}

#[async_trait]
impl ObjectStoreHarness for Harness {
    fn store(&self) -> &dyn ObjectStore {
        &self.store
    }

    fn away(&self) -> Option<&dyn ObjectStore> {
        Some(&self.away)
    }

    async fn begin_upload(&self, bucket: &BucketRef, key: &str) {
        self.store.begin_upload(bucket.name.as_str(), key);
    }

    async fn has_upload(&self, bucket: &BucketRef, key: &str) -> bool {
        self.store.uploads(bucket.name.as_str()).iter().any(|upload| upload == key)
    }

    async fn enable_versioning(&self, _: &BucketRef) {}

    async fn list_versions(&self, _: &BucketRef, _: &str) -> Vec<String> {
        Vec::new()
    }
}

impl StoreMarkerHarness for Harness {
    fn store(&self) -> &dyn StoreMarker {
        &self.store
    }

    fn away(&self) -> &dyn StoreMarker {
        &self.away
    }
}

#[async_trait]
impl PrincipalStoreHarness for Harness {
    fn store(&self) -> &dyn PrincipalStore {
        &self.store
    }

    fn objects(&self) -> &dyn ObjectStore {
        &self.store
    }

    fn away(&self) -> &dyn PrincipalStore {
        &self.away
    }

    async fn may(&self, credentials: &Credentials, action: S3Action, bucket: &BucketName) -> bool {
        let Credentials { access_key, secret_key } = credentials;
        let on_object = matches!(action, S3Action::GetObject | S3Action::PutObject | S3Action::DeleteObject);
        let resource = if on_object { format!("{bucket}/{OBJECT}") } else { bucket.to_string() };
        let resource = format!("arn:aws:s3:::{resource}");
        self.store.allows(access_key.as_str(), secret_key.expose(), action.iam_name(), &resource)
    }
}

mod object_store {
    storage_hub_port_contract::object_store_contract!(super::harness);
}

mod principal_store {
    storage_hub_port_contract::principal_store_contract!(super::harness);
}

mod store_marker {
    storage_hub_port_contract::store_marker_contract!(super::harness);
}

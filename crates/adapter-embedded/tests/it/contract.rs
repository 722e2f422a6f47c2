//! The contract suite of the port.

use storage_hub_adapter_embedded::{EmbeddedObjectStore, EmbeddedStore};
use storage_hub_core::ports::ObjectStore;
use storage_hub_port_contract::object_store::ObjectStoreHarness;
use tempfile::TempDir;

struct Harness {
    store: EmbeddedObjectStore,
    _folder: TempDir,
}

impl ObjectStoreHarness for Harness {
    fn store(&self) -> &dyn ObjectStore {
        &self.store
    }

    fn away(&self) -> Option<&dyn ObjectStore> {
        None
    }
}

async fn harness() -> Option<Harness> {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    Some(Harness { store, _folder: folder })
}

storage_hub_port_contract::object_store_contract!(crate::contract::harness);

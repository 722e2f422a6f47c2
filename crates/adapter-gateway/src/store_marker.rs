use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use storage_hub_core::policy::PolicyPrefix;
use storage_hub_core::ports::{Source, StoreError, StoreMark, StoreMarker};

use crate::object_store::GatewayObjectStore;

/// The object that marks the store for one hub.
#[derive(Serialize, Deserialize)]
struct Contents {
    hub_id: String,
    store_id: String,
}

#[async_trait]
impl StoreMarker for GatewayObjectStore {
    async fn find_mark(&self, prefix: &PolicyPrefix) -> Result<Option<StoreMark>, StoreError> {
        let Some(answer) = self.gateway().find_own(&key(prefix)).await? else { return Ok(None) };
        parse(&answer.body).map(Some).map_err(StoreError::Unexpected)
    }

    async fn put_mark(&self, prefix: &PolicyPrefix, mark: &StoreMark) -> Result<(), StoreError> {
        let contents = Contents { hub_id: mark.hub_id.to_string(), store_id: mark.store_id.to_string() };
        let body = serde_json::to_vec(&contents).map_err(|error| StoreError::Unexpected(error.into()))?;
        self.gateway().put_own(&key(prefix), body).await
    }
}

fn parse(body: &[u8]) -> Result<StoreMark, Source> {
    let Contents { hub_id, store_id } = serde_json::from_slice(body)?;
    Ok(StoreMark { hub_id: hub_id.parse()?, store_id: store_id.parse()? })
}

fn key(prefix: &PolicyPrefix) -> String {
    format!("{}.json", prefix.as_str())
}

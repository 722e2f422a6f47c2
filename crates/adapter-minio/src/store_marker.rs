use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use storage_hub_core::domain::BucketName;
use storage_hub_core::policy::PolicyPrefix;
use storage_hub_core::ports::{Source, StoreError, StoreMark, StoreMarker};

use crate::error::success;
use crate::store::MinioStore;

/// The object that marks the store for one hub. Its bucket has a name that no user's bucket can have.
#[derive(Serialize, Deserialize)]
struct Contents {
    hub_id: String,
    store_id: String,
}

#[async_trait]
impl StoreMarker for MinioStore {
    async fn find_mark(&self, prefix: &PolicyPrefix) -> Result<Option<StoreMark>, StoreError> {
        let answer = self.s3.read(BucketName::OF_THE_HUB, &object(prefix)).await?;
        // Another 404, of a proxy in front for example, does not say that there is no mark.
        if matches!(answer.code(), "NoSuchBucket" | "NoSuchKey") {
            return Ok(None);
        }
        parse(&success(answer)?.body).map(Some).map_err(StoreError::Unexpected)
    }

    async fn put_mark(&self, prefix: &PolicyPrefix, mark: &StoreMark) -> Result<(), StoreError> {
        let created = self.s3.create(BucketName::OF_THE_HUB).await?;
        match success(created) {
            Ok(_) | Err(StoreError::AlreadyOwned) => {}
            Err(error) => return Err(error),
        }
        let contents = Contents { hub_id: mark.hub_id.to_string(), store_id: mark.store_id.to_string() };
        let body = serde_json::to_vec(&contents).map_err(|error| StoreError::Unexpected(error.into()))?;
        success(self.s3.write(BucketName::OF_THE_HUB, &object(prefix), body).await?).map(drop)
    }
}

fn parse(body: &[u8]) -> Result<StoreMark, Source> {
    let Contents { hub_id, store_id } = serde_json::from_slice(body)?;
    Ok(StoreMark { hub_id: hub_id.parse()?, store_id: store_id.parse()? })
}

fn object(prefix: &PolicyPrefix) -> String {
    format!("{}.json", prefix.as_str())
}

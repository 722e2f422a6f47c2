//! The bucket of the hub's own: the mark of the store, and a label for each bucket.
//!
//! The buckets behind are named by ids. A label tells which id a name has and keeps the policy that core writes, which the
//! service is never sent. Labels also tell people which bucket is which, should the records be lost.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storage_hub_core::domain::{BucketId, BucketName};
use storage_hub_core::ports::StoreError;
use storage_hub_s3_client::{Answer, Request};

use crate::error::{store_refused, store_success, store_unanswered};
use crate::gateway::Gateway;

/// The folder of the labels.
pub(crate) const LABELS: &str = "buckets/";

/// What is known of a bucket behind, besides its contents.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Label {
    id: String,
    /// The policy that core wrote.
    #[serde(default)]
    pub(crate) policy: Option<Value>,
}

impl Label {
    pub(crate) fn new(id: BucketId) -> Self {
        Self { id: id.to_string(), policy: None }
    }

    pub(crate) fn id(&self) -> Option<BucketId> {
        self.id.parse().ok()
    }
}

impl Gateway {
    /// Reads an object of the hub's own bucket; `None` if there is none.
    pub(crate) async fn find_own(&self, key: &str) -> Result<Option<Answer>, StoreError> {
        let bucket = self.prefix().own_bucket();
        let answer = self.client.send(Request::new(Method::GET, Some(&bucket), Some(key))).await;
        let answer = answer.map_err(store_unanswered)?;
        // Another 404, of a proxy in front for example, does not say that there is none.
        if matches!(answer.code(), "NoSuchBucket" | "NoSuchKey") {
            return Ok(None);
        }
        if answer.is_success() { Ok(Some(answer)) } else { Err(store_refused(&answer)) }
    }

    /// Writes an object of the hub's own bucket, which is created if need be.
    pub(crate) async fn put_own(&self, key: &str, body: Vec<u8>) -> Result<(), StoreError> {
        let bucket = self.prefix().own_bucket();
        let put = || Request::new(Method::PUT, Some(&bucket), Some(key)).with_body(body.clone());
        match store_success(self.client.send(put()).await) {
            Err(StoreError::NotFound) => {}
            other => return other.map(drop),
        }
        match store_success(self.client.send(Request::new(Method::PUT, Some(&bucket), None)).await) {
            Ok(_) | Err(StoreError::AlreadyOwned) => {}
            Err(error) => return Err(error),
        }
        store_success(self.client.send(put()).await).map(drop)
    }

    pub(crate) async fn delete_own(&self, key: &str) -> Result<(), StoreError> {
        let bucket = self.prefix().own_bucket();
        let answer = self.client.send(Request::new(Method::DELETE, Some(&bucket), Some(key))).await;
        match store_success(answer) {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn find_label(&self, name: &BucketName) -> Result<Option<Label>, StoreError> {
        let Some(answer) = self.find_own(&label_key(name)).await? else { return Ok(None) };
        serde_json::from_slice(&answer.body).map(Some).map_err(|error| StoreError::Unexpected(error.into()))
    }

    pub(crate) async fn put_label(&self, name: &BucketName, label: &Label) -> Result<(), StoreError> {
        let body = serde_json::to_vec(label).map_err(|error| StoreError::Unexpected(error.into()))?;
        self.put_own(&label_key(name), body).await
    }

    pub(crate) async fn delete_label(&self, name: &BucketName) -> Result<(), StoreError> {
        self.delete_own(&label_key(name)).await
    }
}

fn label_key(name: &BucketName) -> String {
    format!("{LABELS}{name}.json")
}

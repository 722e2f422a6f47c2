use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use http::{Method, StatusCode};
use storage_hub_core::domain::{BucketRef, ObjectVersion};
use storage_hub_core::policy::PolicyDocument;
use storage_hub_core::ports::{BucketPresence, ObjectStore, StoreError, StoreLimits, VersionOutcome};
use storage_hub_s3_client::Request;
use storage_hub_s3_protocol::operation::{
    DeleteEntry, ListMultipartUploads, ListObjectVersions, ListObjects, Operation, UploadRef,
};
use storage_hub_s3_protocol::response::{parse_list_multipart_uploads, parse_list_object_versions, parse_list_objects};
use storage_hub_s3_protocol::types::ListPosition;

use crate::error::{store_refused, store_success, store_unanswered};
use crate::gateway::Gateway;
use crate::own_bucket::{LABELS, Label};
use crate::probe_result::MAX_KEY;

/// How many requests of one call are sent concurrently.
const CONCURRENT: usize = 8;
/// How often a bucket's uploads are listed and aborted, at most.
const ROUNDS: usize = 3;

/// An S3 service behind the hub's own port.
#[derive(Clone)]
pub struct GatewayObjectStore {
    gateway: Gateway,
}

impl GatewayObjectStore {
    /// Stores in this service.
    #[must_use]
    pub const fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// The service.
    #[must_use]
    pub const fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    async fn send(&self, request: Request<'_>) -> Result<storage_hub_s3_client::Answer, StoreError> {
        store_success(self.gateway.client.send(request).await)
    }

    async fn call(
        &self,
        operation: &Operation,
        bucket: &str,
        key: Option<&str>,
    ) -> Result<storage_hub_s3_client::Answer, StoreError> {
        store_success(self.gateway.client.call(operation, Some(bucket), key).await)
    }

    /// The label of a bucket that exists.
    async fn label_of(&self, bucket: &BucketRef) -> Result<Label, StoreError> {
        let label = self.gateway.find_label(&bucket.name).await?.filter(|label| label.id() == Some(bucket.id));
        match label {
            Some(label) => Ok(label),
            // Its creation was interrupted before the label, or the label was deleted.
            None if self.find_bucket(bucket).await? == BucketPresence::Present => Ok(Label::new(bucket.id)),
            None => Err(StoreError::NotFound),
        }
    }

    /// Whether a bucket has anything but unfinished uploads.
    async fn is_empty(&self, behind: &str) -> Result<bool, StoreError> {
        if self.gateway.probed().is_some_and(|probed| probed.result.versioning) {
            let list = ListObjectVersions { max_keys: 1, encode_urls: true, ..ListObjectVersions::default() };
            let answer = self.call(&Operation::ListObjectVersions(list), behind, None).await?;
            let listed = parse_list_object_versions(&answer.body).map_err(unreadable)?;
            return Ok(listed.page.items.is_empty());
        }
        let list = ListObjects { v2: true, max_keys: 1, encode_urls: true, ..ListObjects::default() };
        let answer = self.call(&Operation::ListObjects(list), behind, None).await?;
        Ok(parse_list_objects(&answer.body).map_err(unreadable)?.page.items.is_empty())
    }

    /// Aborts the unfinished uploads that the service lists: several services do not delete a bucket that has some.
    async fn abort_uploads(&self, behind: &str) -> Result<(), StoreError> {
        for _ in 0..ROUNDS {
            let list = ListMultipartUploads { max_uploads: 1000, encode_urls: true, ..ListMultipartUploads::default() };
            let answer = self.call(&Operation::ListMultipartUploads(list), behind, None).await?;
            let uploads = parse_list_multipart_uploads(&answer.body).map_err(unreadable)?.page.items;
            let aborts = stream::iter(uploads).map(|upload| async move {
                let key = upload.key.clone();
                let abort = UploadRef { key: upload.key, upload_id: upload.upload_id };
                match self.call(&Operation::AbortMultipartUpload(abort), behind, Some(&key)).await {
                    Ok(_) => Ok(true),
                    Err(StoreError::NotFound | StoreError::Refused(_)) => Ok(false),
                    Err(error) => Err(error),
                }
            });
            let aborted: Vec<bool> = aborts.buffer_unordered(CONCURRENT).try_collect().await?;
            if !aborted.contains(&true) {
                break;
            }
        }
        Ok(())
    }

    async fn delete_version(&self, behind: &str, version: &ObjectVersion) -> Result<VersionOutcome, StoreError> {
        let entry = DeleteEntry {
            key: version.key.to_string(),
            version_id: Some(version.version_id.to_string()),
            ..DeleteEntry::default()
        };
        let client = &self.gateway.client;
        let answer = client.call(&Operation::DeleteObject(entry), Some(behind), Some(version.key.as_str())).await;
        let answer = answer.map_err(store_unanswered)?;
        match answer.code() {
            _ if answer.is_success() => Ok(VersionOutcome::Deleted),
            "NoSuchVersion" | "NoSuchKey" | "InvalidVersionId" => Ok(VersionOutcome::Deleted),
            "ObjectLocked" => Ok(VersionOutcome::Protected),
            "InvalidRequest" | "AccessDenied" if answer.message.contains("WORM") || answer.message.contains("lock") => {
                Ok(VersionOutcome::Protected)
            }
            // A version id that the service cannot have given does not exist.
            "InvalidArgument" => Ok(VersionOutcome::Deleted),
            _ => Err(store_refused(&answer)),
        }
    }
}

impl GatewayObjectStore {
    /// Creates the bucket behind and its label.
    async fn create_once(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        if let Some(other) = self.gateway.find_label(&bucket.name).await?.and_then(|label| label.id())
            && other != bucket.id
            && self.find_bucket(&BucketRef { id: other, name: bucket.name.clone() }).await? == BucketPresence::Present
        {
            return Err(StoreError::AlreadyOwned);
        }
        // Some services answer that they created a bucket that exists.
        let existed = self.find_bucket(bucket).await? == BucketPresence::Present;
        let behind = self.gateway.behind(bucket);
        let created = self.send(Request::new(Method::PUT, Some(&behind), None)).await;
        match created {
            Ok(_) | Err(StoreError::AlreadyOwned) => {}
            // Somebody else is creating it, which not every service says.
            Err(_) if self.find_bucket(bucket).await? == BucketPresence::Present => {}
            Err(error) => return Err(error),
        }
        if self.gateway.find_label(&bucket.name).await?.and_then(|label| label.id()) != Some(bucket.id) {
            self.gateway.put_label(&bucket.name, &Label::new(bucket.id)).await?;
        }
        match created {
            Ok(_) if !existed => Ok(()),
            _ => Err(StoreError::AlreadyOwned),
        }
    }
}

#[async_trait]
impl ObjectStore for GatewayObjectStore {
    fn limits(&self) -> StoreLimits {
        let result = self.gateway.probe_result().unwrap_or_default();
        StoreLimits {
            max_key_bytes: MAX_KEY,
            max_key_segment_bytes: (!result.long_segments).then_some(255),
            takes_empty_segments: false,
            takes_dot_segments: false,
            takes_backslashes: result.backslashes,
            tells_buckets_by_id: true,
            takes_keys_below_keys: result.keys_below_keys,
            keeps_versions: result.versioning,
            writes_conditionally: result.conditional_writes,
            keeps_tags: result.tags,
            locks_objects: result.object_lock,
            expires_objects: result.lifecycle,
        }
    }

    /// Asks for a bucket of the hub's own: an answer needs the service, and a right signature for the right region.
    async fn ping(&self) -> Result<(), StoreError> {
        let bucket = self.gateway.prefix().own_bucket();
        let list = ListObjects { v2: true, max_keys: 1, ..ListObjects::default() };
        match self.call(&Operation::ListObjects(list), &bucket, None).await {
            Ok(_) | Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn find_bucket(&self, bucket: &BucketRef) -> Result<BucketPresence, StoreError> {
        let behind = self.gateway.behind(bucket);
        let answer = self.gateway.client.send(Request::new(Method::HEAD, Some(&behind), None)).await;
        let answer = answer.map_err(store_unanswered)?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(BucketPresence::Absent),
            _ if answer.is_success() => Ok(BucketPresence::Present),
            // Bucket names are everybody's on some services: this one is not the hub's.
            StatusCode::FORBIDDEN | StatusCode::MOVED_PERMANENTLY => Ok(BucketPresence::Present),
            _ => Err(store_refused(&answer)),
        }
    }

    /// versitygw answers 500 to one of two requests that create the same bucket concurrently. The repetition finds the bucket.
    async fn create_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        match self.create_once(bucket).await {
            Err(StoreError::Unexpected(_)) => self.create_once(bucket).await,
            other => other,
        }
    }

    async fn delete_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        let behind = self.gateway.behind(bucket);
        if !self.is_empty(&behind).await? {
            return Err(StoreError::NotEmpty);
        }
        self.abort_uploads(&behind).await?;
        self.send(Request::new(Method::DELETE, Some(&behind), None)).await?;
        let label = self.gateway.find_label(&bucket.name).await?;
        if label.is_some_and(|label| label.id() == Some(bucket.id)) {
            self.gateway.delete_label(&bucket.name).await?;
        }
        Ok(())
    }

    async fn list_buckets(&self) -> Result<Vec<String>, StoreError> {
        let own = self.gateway.prefix().own_bucket();
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let list = ListObjects {
                v2: true,
                prefix: LABELS.to_owned(),
                max_keys: 1000,
                encode_urls: true,
                after: after.take(),
                ..ListObjects::default()
            };
            let page = match self.call(&Operation::ListObjects(list), &own, None).await {
                Err(StoreError::NotFound) => break,
                answer => parse_list_objects(&answer?.body).map_err(unreadable)?.page,
            };
            let keys = page.items.iter().map(|item| item.key.as_str());
            names.extend(keys.filter_map(|key| key.strip_prefix(LABELS)?.strip_suffix(".json")).map(str::to_owned));
            match page.next {
                Some(ListPosition { key, .. }) => after = Some(ListPosition { key, id: None }),
                None => break,
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Keeps the policy with the label: the service is sent no policy, because only the hub has a key of it.
    async fn put_bucket_policy(&self, bucket: &BucketRef, policy: &PolicyDocument) -> Result<(), StoreError> {
        if self.find_bucket(bucket).await? == BucketPresence::Absent {
            return Err(StoreError::NotFound);
        }
        let mut label = self.label_of(bucket).await?;
        let policy = serde_json::from_str(&policy.to_string()).map_err(|error| StoreError::Unexpected(error.into()))?;
        label.policy = Some(policy);
        self.gateway.put_label(&bucket.name, &label).await
    }

    async fn find_bucket_policy(&self, bucket: &BucketRef) -> Result<Option<PolicyDocument>, StoreError> {
        Ok(self.label_of(bucket).await?.policy.map(PolicyDocument::new))
    }

    async fn put_object(&self, bucket: &BucketRef, key: &str, body: Vec<u8>) -> Result<(), StoreError> {
        self.limits().check_key(key)?;
        let behind = self.gateway.behind(bucket);
        self.send(Request::new(Method::PUT, Some(&behind), Some(key)).with_body(body)).await.map(drop)
    }

    async fn get_object(&self, bucket: &BucketRef, key: &str) -> Result<Vec<u8>, StoreError> {
        self.limits().check_key(key)?;
        let behind = self.gateway.behind(bucket);
        self.send(Request::new(Method::GET, Some(&behind), Some(key))).await.map(|answer| answer.body.into())
    }

    async fn delete_object(&self, bucket: &BucketRef, key: &str) -> Result<(), StoreError> {
        self.limits().check_key(key)?;
        let behind = self.gateway.behind(bucket);
        let answer = self.gateway.client.send(Request::new(Method::DELETE, Some(&behind), Some(key))).await;
        let answer = answer.map_err(store_unanswered)?;
        match (answer.is_success(), answer.code()) {
            (true, _) | (_, "NoSuchKey") => Ok(()),
            _ => Err(store_refused(&answer)),
        }
    }

    async fn delete_versions(
        &self,
        bucket: &BucketRef,
        versions: &[ObjectVersion],
    ) -> Result<Vec<VersionOutcome>, StoreError> {
        for version in versions {
            self.limits().check_key(version.key.as_str())?;
        }
        let behind = self.gateway.behind(bucket);
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        if self.find_bucket(bucket).await? == BucketPresence::Absent {
            return Err(StoreError::NotFound);
        }
        let deletions: Vec<_> = versions.iter().map(|version| self.delete_version(&behind, version)).collect();
        stream::iter(deletions).buffered(CONCURRENT).try_collect().await
    }

    /// Writes are bound to the bucket behind, whose name is never used again.
    async fn name_reservation(&self) -> Result<Duration, StoreError> {
        Ok(Duration::ZERO)
    }
}

fn unreadable(error: storage_hub_s3_protocol::error::S3Error) -> StoreError {
    StoreError::Unexpected(error.into())
}

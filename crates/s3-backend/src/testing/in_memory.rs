use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use storage_hub_core::domain::{BucketName, BucketRef};
use storage_hub_core::ports::Clock;
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CopyObject, CreateMultipartUpload, DeleteEntry, GetObject, GetObjectAttributes,
    ListMultipartUploads, ListObjectVersions, ListObjects, ListParts, ObjectVersionRef, PutObject, UploadPart,
    UploadPartCopy, UploadRef,
};
use storage_hub_s3_protocol::response::{Deleted, ObjectAttributes};
use storage_hub_s3_protocol::types::{
    ListPage, ListedObject, ListedUpload, ListedVersion, Millis, ObjectHead, Written,
};

use super::state::State;
use super::{multipart, objects, settings};
use crate::{
    BucketSetting, BucketSettingKind, ByteStream, Capabilities, FoundSetting, ObjectSetting, ObjectSettingKind,
    PartsPage, S3Backend, VerifiedBody, Write,
};

/// Minimum size of a part other than the last, in bytes: small, so that tests need little data.
const MIN_PART: u64 = 16;
/// Maximum size of a body, in bytes.
const MAX_BODY: u64 = 64 * 1024 * 1024;
/// Maximum length of a key, in bytes.
const MAX_KEY: usize = 1024;

/// A backend in memory. Clones share their content.
#[derive(Clone)]
pub struct InMemoryS3Backend {
    clock: Arc<dyn Clock>,
    capabilities: Arc<Capabilities>,
    state: Arc<Mutex<State>>,
}

impl InMemoryS3Backend {
    /// An empty backend that can do everything.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with(clock, true)
    }

    /// An empty backend without versioning, tags, object lock and lifecycle rules.
    #[must_use]
    pub fn limited(clock: Arc<dyn Clock>) -> Self {
        Self::with(clock, false)
    }

    fn with(clock: Arc<dyn Clock>, has_features: bool) -> Self {
        let capabilities = Capabilities {
            max_body_bytes: MAX_BODY,
            min_part_bytes: MIN_PART,
            max_key_bytes: MAX_KEY,
            any_key: true,
            exact: true,
            conditional_writes: true,
            conditional_copies: true,
            conditional_completions: true,
            conditional_deletes: true,
            versioning: has_features,
            tags: has_features,
            object_lock: has_features,
            lifecycle: has_features,
            attributes: true,
            checksums: ChecksumAlgorithm::ALL.to_vec(),
        };
        Self { clock, capabilities: Arc::new(capabilities), state: Arc::default() }
    }

    /// Creates a bucket. Returns whether it did: `false` when its id or name is in use.
    pub fn create_bucket(&self, bucket: &BucketRef) -> bool {
        self.lock().create_bucket(bucket)
    }

    /// Deletes a bucket without objects, and its unfinished uploads.
    ///
    /// # Errors
    /// `NoSuchBucket`, `BucketNotEmpty`.
    pub fn delete_bucket(&self, bucket: &BucketRef) -> S3Result<()> {
        self.lock().delete_bucket(bucket)
    }

    /// Whether there is a bucket of this name.
    #[must_use]
    pub fn has_bucket_named(&self, name: &BucketName) -> bool {
        self.lock().has_bucket_named(name)
    }

    /// The names of all buckets, in byte order.
    #[must_use]
    pub fn bucket_names(&self) -> Vec<String> {
        self.lock().bucket_names()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Millis {
        self.clock.now().millis()
    }
}

#[async_trait]
impl S3Backend for InMemoryS3Backend {
    fn capabilities(&self) -> Arc<Capabilities> {
        Arc::clone(&self.capabilities)
    }

    async fn get_object(&self, bucket: &BucketRef, input: GetObject) -> S3Result<(ObjectHead, ByteStream)> {
        objects::get(self, bucket, &input)
    }

    async fn head_object(&self, bucket: &BucketRef, input: GetObject) -> S3Result<ObjectHead> {
        objects::get(self, bucket, &input).map(|(head, _)| head)
    }

    async fn get_object_attributes(
        &self,
        bucket: &BucketRef,
        input: GetObjectAttributes,
    ) -> S3Result<ObjectAttributes> {
        objects::attributes(self, bucket, &input)
    }

    async fn list_objects(&self, bucket: &BucketRef, input: &ListObjects) -> S3Result<ListPage<ListedObject>> {
        objects::list(self, bucket, input)
    }

    async fn list_object_versions(
        &self,
        bucket: &BucketRef,
        input: &ListObjectVersions,
    ) -> S3Result<ListPage<ListedVersion>> {
        objects::list_versions(self, bucket, input)
    }

    async fn put_object(&self, write: Write<'_>, input: PutObject, body: VerifiedBody) -> S3Result<Written> {
        self.capabilities.check_options(Some(&input.tags), &input.lock)?;
        objects::put(self, write, input, body).await
    }

    async fn copy_object(&self, from: &BucketRef, write: Write<'_>, input: CopyObject) -> S3Result<Written> {
        self.capabilities.check_options(input.tags.as_ref(), &input.lock)?;
        objects::copy(self, from, write, input).await
    }

    async fn delete_objects(&self, write: Write<'_>, entries: Vec<DeleteEntry>) -> S3Result<Vec<S3Result<Deleted>>> {
        objects::delete(self, write, entries).await
    }

    async fn create_multipart_upload(&self, write: Write<'_>, input: CreateMultipartUpload) -> S3Result<String> {
        self.capabilities.check_options(Some(&input.tags), &input.lock)?;
        multipart::create(self, write, input).await
    }

    async fn upload_part(&self, write: Write<'_>, input: UploadPart, body: VerifiedBody) -> S3Result<Written> {
        multipart::upload_part(self, write, input, body).await
    }

    async fn upload_part_copy(&self, from: &BucketRef, write: Write<'_>, input: UploadPartCopy) -> S3Result<Written> {
        multipart::upload_part_copy(self, from, write, input).await
    }

    async fn complete_multipart_upload(&self, write: Write<'_>, input: CompleteMultipartUpload) -> S3Result<Written> {
        multipart::complete(self, write, input).await
    }

    async fn abort_multipart_upload(&self, write: Write<'_>, input: UploadRef) -> S3Result<()> {
        multipart::abort(self, write, &input).await
    }

    async fn list_parts(&self, bucket: &BucketRef, input: &ListParts) -> S3Result<PartsPage> {
        multipart::list_parts(self, bucket, input)
    }

    async fn list_multipart_uploads(
        &self,
        bucket: &BucketRef,
        input: &ListMultipartUploads,
    ) -> S3Result<ListPage<ListedUpload>> {
        multipart::list_uploads(self, bucket, input)
    }

    async fn find_bucket_setting(
        &self,
        bucket: &BucketRef,
        kind: BucketSettingKind,
    ) -> S3Result<Option<BucketSetting>> {
        settings::find_of_bucket(self, bucket, kind)
    }

    async fn put_bucket_setting(&self, write: Write<'_>, setting: BucketSetting) -> S3Result<()> {
        self.capabilities.check_bucket_setting(setting.kind())?;
        settings::put_of_bucket(self, write, setting).await
    }

    async fn delete_bucket_setting(&self, write: Write<'_>, kind: BucketSettingKind) -> S3Result<()> {
        self.capabilities.check_bucket_setting(kind)?;
        settings::delete_of_bucket(self, write, kind).await
    }

    async fn find_object_setting(
        &self,
        bucket: &BucketRef,
        object: ObjectVersionRef,
        kind: ObjectSettingKind,
    ) -> S3Result<FoundSetting> {
        settings::find_of_object(self, bucket, &object, kind)
    }

    async fn put_object_setting(
        &self,
        write: Write<'_>,
        object: ObjectVersionRef,
        setting: ObjectSetting,
        bypass_governance: bool,
    ) -> S3Result<Option<String>> {
        self.capabilities.check_object_setting(setting.kind())?;
        settings::put_of_object(self, write, object, setting, bypass_governance).await
    }
}

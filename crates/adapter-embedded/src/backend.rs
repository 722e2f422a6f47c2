//! [`S3Backend`] on the index and the blobs, one file per operation.
//!
//! A write goes through these steps: `receive` (or `copy`) makes its bytes durable, or keeps them in memory if they are few;
//! [`commit::confirm`] asks the guard; the index commits, with the permit, what the operation describes. Whatever fails
//! before the commit leaves no row, and its blob is deleted when it is dropped.

mod abort_upload;
mod attributes;
mod commit;
mod complete_upload;
mod copy_object;
mod create_upload;
mod delete_objects;
mod error;
mod expiration;
mod find;
mod get_object;
mod list_objects;
mod list_parts;
mod list_uploads;
mod list_versions;
mod put_object;
mod receive;
mod settings;
mod upload_part;

#[cfg(test)]
mod syncs;

use std::sync::Arc;

use async_trait::async_trait;
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::{
    BucketSetting, BucketSettingKind, ByteStream, Capabilities, FoundSetting, ObjectSetting, ObjectSettingKind,
    PartsPage, S3Backend, VerifiedBody, Write,
};
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CopyObject, CreateMultipartUpload, DeleteEntry, GetObject, GetObjectAttributes,
    ListMultipartUploads, ListObjectVersions, ListObjects, ListParts, ObjectVersionRef, PutObject, UploadPart,
    UploadPartCopy, UploadRef,
};
use storage_hub_s3_protocol::response::{Deleted, ObjectAttributes};
use storage_hub_s3_protocol::types::{ListPage, ListedObject, ListedUpload, ListedVersion, ObjectHead, Written};

use crate::index::uploads::MIN_PART;
use crate::object_store::MAX_KEY_BYTES;
use crate::store::EmbeddedStore;

/// Maximum size of a body, in bytes.
const MAX_BODY: u64 = 5 * 1024 * 1024 * 1024;

/// The embedded store behind the S3 endpoint.
#[derive(Clone)]
pub struct EmbeddedS3Backend {
    store: EmbeddedStore,
    capabilities: Arc<Capabilities>,
}

impl EmbeddedS3Backend {
    /// Wraps a store.
    #[must_use]
    pub fn new(store: EmbeddedStore) -> Self {
        let capabilities = Capabilities {
            max_body_bytes: MAX_BODY,
            min_part_bytes: MIN_PART,
            max_key_bytes: MAX_KEY_BYTES,
            any_key: true,
            exact: true,
            conditional_writes: true,
            conditional_copies: true,
            conditional_completions: true,
            conditional_deletes: true,
            versioning: true,
            tags: true,
            object_lock: true,
            lifecycle: true,
            attributes: true,
            checksums: ChecksumAlgorithm::ALL.to_vec(),
        };
        Self { store, capabilities: Arc::new(capabilities) }
    }
}

#[async_trait]
impl S3Backend for EmbeddedS3Backend {
    fn capabilities(&self) -> Arc<Capabilities> {
        Arc::clone(&self.capabilities)
    }

    async fn get_object(&self, bucket: &BucketRef, input: GetObject) -> S3Result<(ObjectHead, ByteStream)> {
        get_object::get(&self.store, bucket, input).await
    }

    async fn head_object(&self, bucket: &BucketRef, input: GetObject) -> S3Result<ObjectHead> {
        get_object::head(&self.store, bucket, input).await
    }

    async fn get_object_attributes(
        &self,
        bucket: &BucketRef,
        input: GetObjectAttributes,
    ) -> S3Result<ObjectAttributes> {
        attributes::get(&self.store, bucket, &input).await
    }

    async fn list_objects(&self, bucket: &BucketRef, input: &ListObjects) -> S3Result<ListPage<ListedObject>> {
        list_objects::list(&self.store, bucket, input).await
    }

    async fn list_object_versions(
        &self,
        bucket: &BucketRef,
        input: &ListObjectVersions,
    ) -> S3Result<ListPage<ListedVersion>> {
        list_versions::list(&self.store, bucket, input).await
    }

    async fn put_object(&self, write: Write<'_>, input: PutObject, body: VerifiedBody) -> S3Result<Written> {
        self.capabilities.check_options(Some(&input.tags), &input.lock)?;
        put_object::put(&self.store, write, input, body).await
    }

    async fn copy_object(&self, from: &BucketRef, write: Write<'_>, input: CopyObject) -> S3Result<Written> {
        self.capabilities.check_options(input.tags.as_ref(), &input.lock)?;
        copy_object::copy(&self.store, from, write, input).await
    }

    async fn delete_objects(&self, write: Write<'_>, entries: Vec<DeleteEntry>) -> S3Result<Vec<S3Result<Deleted>>> {
        delete_objects::delete(&self.store, write, entries).await
    }

    async fn create_multipart_upload(&self, write: Write<'_>, input: CreateMultipartUpload) -> S3Result<String> {
        self.capabilities.check_options(Some(&input.tags), &input.lock)?;
        create_upload::create(&self.store, write, input).await
    }

    async fn upload_part(&self, write: Write<'_>, input: UploadPart, body: VerifiedBody) -> S3Result<Written> {
        upload_part::put(&self.store, write, input, body).await
    }

    async fn upload_part_copy(&self, from: &BucketRef, write: Write<'_>, input: UploadPartCopy) -> S3Result<Written> {
        upload_part::copy(&self.store, from, write, input).await
    }

    async fn complete_multipart_upload(&self, write: Write<'_>, input: CompleteMultipartUpload) -> S3Result<Written> {
        complete_upload::complete(&self.store, write, input).await
    }

    async fn abort_multipart_upload(&self, write: Write<'_>, input: UploadRef) -> S3Result<()> {
        abort_upload::abort(&self.store, write, input).await
    }

    async fn list_parts(&self, bucket: &BucketRef, input: &ListParts) -> S3Result<PartsPage> {
        list_parts::list(&self.store, bucket, input).await
    }

    async fn find_bucket_setting(
        &self,
        bucket: &BucketRef,
        kind: BucketSettingKind,
    ) -> S3Result<Option<BucketSetting>> {
        settings::find_of_bucket(&self.store, bucket, kind).await
    }

    async fn put_bucket_setting(&self, write: Write<'_>, setting: BucketSetting) -> S3Result<()> {
        settings::put_of_bucket(&self.store, write, setting).await
    }

    async fn delete_bucket_setting(&self, write: Write<'_>, kind: BucketSettingKind) -> S3Result<()> {
        settings::delete_of_bucket(&self.store, write, kind).await
    }

    async fn find_object_setting(
        &self,
        bucket: &BucketRef,
        object: ObjectVersionRef,
        kind: ObjectSettingKind,
    ) -> S3Result<FoundSetting> {
        settings::find_of_object(&self.store, bucket, object, kind).await
    }

    async fn put_object_setting(
        &self,
        write: Write<'_>,
        object: ObjectVersionRef,
        setting: ObjectSetting,
        bypass_governance: bool,
    ) -> S3Result<Option<String>> {
        settings::put_of_object(&self.store, write, object, setting, bypass_governance).await
    }

    async fn list_multipart_uploads(
        &self,
        bucket: &BucketRef,
        input: &ListMultipartUploads,
    ) -> S3Result<ListPage<ListedUpload>> {
        list_uploads::list(&self.store, bucket, input).await
    }
}

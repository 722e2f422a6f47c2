//! The port of the endpoint.

mod copies;
mod deletions;
mod lists;
mod multipart;
mod narrowing;
mod reads;
mod settings;
mod writes;

use std::sync::Arc;

use async_trait::async_trait;
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::{
    BucketSetting, BucketSettingKind, ByteStream, Capabilities, FoundSetting, ObjectSetting, ObjectSettingKind,
    PartsPage, S3Backend, VerifiedBody, Write,
};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CopyObject, CreateMultipartUpload, DeleteEntry, GetObject, GetObjectAttributes,
    ListMultipartUploads, ListObjectVersions, ListObjects, ListParts, ObjectVersionRef, PutObject, UploadPart,
    UploadPartCopy, UploadRef,
};
use storage_hub_s3_protocol::response::{Deleted, ObjectAttributes};
use storage_hub_s3_protocol::types::{
    ListPage, ListedObject, ListedUpload, ListedVersion, ObjectHead, WriteConditions, Written,
};

use crate::gateway::Gateway;
use crate::probe_result::ProbeResult;

/// Serves the hub's endpoint from an S3 service.
#[derive(Clone)]
pub struct GatewayS3Backend {
    gateway: Gateway,
}

impl GatewayS3Backend {
    /// Serves from this service.
    #[must_use]
    pub const fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    /// The service.
    #[must_use]
    pub const fn gateway(&self) -> &Gateway {
        &self.gateway
    }
}

/// Refuses what a store lacks.
fn require(has: bool, what: &str) -> S3Result<()> {
    if has {
        return Ok(());
    }
    let message = format!("{what} are not implemented by the store behind this endpoint.");
    Err(S3Error::with_message(ErrorCode::NotImplemented, message))
}

/// Refuses preconditions that a store would ignore.
fn require_conditions(conditions: &WriteConditions, has: bool, what: &str) -> S3Result<()> {
    let asks = conditions.if_match.is_some() || conditions.if_none_match.is_some();
    require(has || !asks, what)
}

/// Refuses versions of a store that keeps none.
fn check_version(version_id: Option<&str>) -> S3Result<()> {
    match version_id {
        // It would be an empty parameter, which names no version.
        Some("") => Err(ErrorCode::NoSuchVersion.into()),
        _ => Ok(()),
    }
}

#[async_trait]
impl S3Backend for GatewayS3Backend {
    fn capabilities(&self) -> Arc<Capabilities> {
        let probed = self.gateway.probed();
        probed.map_or_else(|| Arc::new(ProbeResult::default().capabilities()), |probed| probed.capabilities.clone())
    }

    async fn get_object(&self, bucket: &BucketRef, input: GetObject) -> S3Result<(ObjectHead, ByteStream)> {
        self.read_object(bucket, input).await
    }

    async fn head_object(&self, bucket: &BucketRef, input: GetObject) -> S3Result<ObjectHead> {
        self.read_head(bucket, input).await
    }

    async fn get_object_attributes(
        &self,
        bucket: &BucketRef,
        input: GetObjectAttributes,
    ) -> S3Result<ObjectAttributes> {
        self.read_attributes(bucket, input).await
    }

    async fn list_objects(&self, bucket: &BucketRef, input: &ListObjects) -> S3Result<ListPage<ListedObject>> {
        self.list_current(bucket, input).await
    }

    async fn list_object_versions(
        &self,
        bucket: &BucketRef,
        input: &ListObjectVersions,
    ) -> S3Result<ListPage<ListedVersion>> {
        self.list_versions(bucket, input).await
    }

    async fn put_object(&self, write: Write<'_>, input: PutObject, body: VerifiedBody) -> S3Result<Written> {
        self.write_object(write, input, body).await
    }

    async fn copy_object(&self, from: &BucketRef, write: Write<'_>, input: CopyObject) -> S3Result<Written> {
        self.copy(from, write, input).await
    }

    async fn delete_objects(&self, write: Write<'_>, entries: Vec<DeleteEntry>) -> S3Result<Vec<S3Result<Deleted>>> {
        self.delete(write, entries).await
    }

    async fn create_multipart_upload(&self, write: Write<'_>, input: CreateMultipartUpload) -> S3Result<String> {
        self.create_upload(write, input).await
    }

    async fn upload_part(&self, write: Write<'_>, input: UploadPart, body: VerifiedBody) -> S3Result<Written> {
        self.write_part(write, input, body).await
    }

    async fn upload_part_copy(&self, from: &BucketRef, write: Write<'_>, input: UploadPartCopy) -> S3Result<Written> {
        self.copy_part(from, write, input).await
    }

    async fn complete_multipart_upload(&self, write: Write<'_>, input: CompleteMultipartUpload) -> S3Result<Written> {
        self.complete(write, input).await
    }

    async fn abort_multipart_upload(&self, write: Write<'_>, input: UploadRef) -> S3Result<()> {
        self.abort(write, input).await
    }

    async fn list_parts(&self, bucket: &BucketRef, input: &ListParts) -> S3Result<PartsPage> {
        self.parts(bucket, input).await
    }

    async fn list_multipart_uploads(
        &self,
        bucket: &BucketRef,
        input: &ListMultipartUploads,
    ) -> S3Result<ListPage<ListedUpload>> {
        self.list_uploads(bucket, input).await
    }

    async fn find_bucket_setting(
        &self,
        bucket: &BucketRef,
        kind: BucketSettingKind,
    ) -> S3Result<Option<BucketSetting>> {
        self.bucket_setting(bucket, kind).await
    }

    async fn put_bucket_setting(&self, write: Write<'_>, setting: BucketSetting) -> S3Result<()> {
        self.set_bucket_setting(write, setting).await
    }

    async fn delete_bucket_setting(&self, write: Write<'_>, kind: BucketSettingKind) -> S3Result<()> {
        self.remove_bucket_setting(write, kind).await
    }

    async fn find_object_setting(
        &self,
        bucket: &BucketRef,
        object: ObjectVersionRef,
        kind: ObjectSettingKind,
    ) -> S3Result<FoundSetting> {
        self.object_setting(bucket, object, kind).await
    }

    async fn put_object_setting(
        &self,
        write: Write<'_>,
        object: ObjectVersionRef,
        setting: ObjectSetting,
        bypass_governance: bool,
    ) -> S3Result<Option<String>> {
        self.set_object_setting(write, object, setting, bypass_governance).await
    }
}

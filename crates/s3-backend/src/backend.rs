use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CopyObject, CreateMultipartUpload, DeleteEntry, GetObject, GetObjectAttributes,
    ListMultipartUploads, ListObjectVersions, ListObjects, ListParts, ObjectVersionRef, PutObject, UploadPart,
    UploadPartCopy, UploadRef,
};
use storage_hub_s3_protocol::response::{Deleted, ObjectAttributes, PartsPage};
use storage_hub_s3_protocol::types::{ListPage, ListedObject, ListedUpload, ListedVersion, ObjectHead, Written};

use super::{
    BucketSetting, BucketSettingKind, Capabilities, FoundSetting, ObjectSetting, ObjectSettingKind, VerifiedBody, Write,
};

/// The bytes of an answer. An error breaks the answer off.
pub type ByteStream = Pin<Box<dyn Stream<Item = S3Result<Bytes>> + Send>>;

/// What keeps buckets' objects.
///
/// # Contract
/// - A bucket is found by its id, never by its name alone; without it, every method fails with `NoSuchBucket`.
/// - A write asks its guard after its body has ended and before anything becomes visible; what the guard refuses leaves
///   nothing. A body that fails leaves what was there before.
/// - Conditions are compared in the same transaction as the write.
/// - A write that was answered survives a crash. Readers see an object as a whole, never a mixture of two.
/// - A repeated completion of an upload answers as the first did for 24 hours.
/// - In a bucket that never had versioning, heads and results have no version, and lists show the version `null`. With
///   versioning, a write adds a version and a deletion without a version adds a delete marker; while it is suspended, both
///   replace the version `null`. Conditions are about the current version, which a delete marker makes absent, or about
///   the version that a deletion names.
/// - A request about a delete marker fails as [`versions`](super::versions) says. Deleting a version that does not exist
///   succeeds in buckets that have had versioning.
/// - What [`object_lock`](super::object_lock) protects is deleted by nobody: neither by clients nor by lifecycle rules.
/// - What the capabilities say is missing fails with `NotImplemented`.
/// - While the backend is unreachable or out of space, methods fail with `ServiceUnavailable`, `SlowDown` or
///   `InsufficientStorage` within a bounded time.
#[async_trait]
pub trait S3Backend: Send + Sync {
    /// The limits and features.
    fn capabilities(&self) -> Arc<Capabilities>;

    /// Reads an object. Range, part number and conditions are those of the input.
    ///
    /// # Errors
    /// `NoSuchKey`, `NoSuchVersion`, `NotModified` and `PreconditionFailed` (with `ETag` and `Last-Modified` headers),
    /// `InvalidRange`, `InvalidPartNumber`.
    async fn get_object(&self, bucket: &BucketRef, input: GetObject) -> S3Result<(ObjectHead, ByteStream)>;

    /// As [`get_object`](Self::get_object), without the bytes.
    async fn head_object(&self, bucket: &BucketRef, input: GetObject) -> S3Result<ObjectHead>;

    /// Reads the attributes of an object.
    async fn get_object_attributes(&self, bucket: &BucketRef, input: GetObjectAttributes)
    -> S3Result<ObjectAttributes>;

    /// Lists current objects in byte order of their keys. Items and common prefixes together are at most `max_keys`.
    async fn list_objects(&self, bucket: &BucketRef, input: &ListObjects) -> S3Result<ListPage<ListedObject>>;

    /// Lists versions: by key, the newest first. Unversioned buckets list every object with the version `null`.
    async fn list_object_versions(
        &self,
        bucket: &BucketRef,
        input: &ListObjectVersions,
    ) -> S3Result<ListPage<ListedVersion>>;

    /// Writes an object.
    ///
    /// # Errors
    /// What is wrong with the body; `PreconditionFailed`, `NoSuchKey` (If-Match without an object); what the guard
    /// returns.
    async fn put_object(&self, write: Write<'_>, input: PutObject, body: VerifiedBody) -> S3Result<Written>;

    /// Copies an object; both preconditions hold at the commit.
    async fn copy_object(&self, from: &BucketRef, write: Write<'_>, input: CopyObject) -> S3Result<Written>;

    /// Deletes objects, each for itself; the results are in the order of the entries. Deleting what does not exist
    /// succeeds.
    async fn delete_objects(&self, write: Write<'_>, entries: Vec<DeleteEntry>) -> S3Result<Vec<S3Result<Deleted>>>;

    /// Begins a multipart upload, and returns its id.
    async fn create_multipart_upload(&self, write: Write<'_>, input: CreateMultipartUpload) -> S3Result<String>;

    /// Writes a part, and replaces the one that has its number.
    async fn upload_part(&self, write: Write<'_>, input: UploadPart, body: VerifiedBody) -> S3Result<Written>;

    /// Copies bytes of an object into a part.
    async fn upload_part_copy(&self, from: &BucketRef, write: Write<'_>, input: UploadPartCopy) -> S3Result<Written>;

    /// Completes an upload.
    ///
    /// # Errors
    /// `NoSuchUpload`, `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`, `BadDigest`, `PreconditionFailed`.
    async fn complete_multipart_upload(&self, write: Write<'_>, input: CompleteMultipartUpload) -> S3Result<Written>;

    /// Aborts an upload and deletes its parts.
    async fn abort_multipart_upload(&self, write: Write<'_>, input: UploadRef) -> S3Result<()>;

    /// Lists the parts of an upload in the order of their numbers.
    async fn list_parts(&self, bucket: &BucketRef, input: &ListParts) -> S3Result<PartsPage>;

    /// Finds a setting of a bucket. `None`: it was never set, was deleted, or is not among the capabilities.
    async fn find_bucket_setting(&self, bucket: &BucketRef, kind: BucketSettingKind)
    -> S3Result<Option<BucketSetting>>;

    /// Sets a setting of a bucket.
    ///
    /// # Errors
    /// `InvalidBucketState`: see [`BucketSetting::check`].
    async fn put_bucket_setting(&self, write: Write<'_>, setting: BucketSetting) -> S3Result<()>;

    /// Deletes the tags or the lifecycle rules of a bucket. Other settings cannot be deleted: `MethodNotAllowed`.
    async fn delete_bucket_setting(&self, write: Write<'_>, kind: BucketSettingKind) -> S3Result<()>;

    /// Finds a setting of a version of an object. Without the capability it has no tags, and buckets no object lock.
    ///
    /// # Errors
    /// `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` (a delete marker); `InvalidRequest` for a lock in a bucket without
    /// object lock.
    async fn find_object_setting(
        &self,
        bucket: &BucketRef,
        object: ObjectVersionRef,
        kind: ObjectSettingKind,
    ) -> S3Result<FoundSetting>;

    /// Sets a setting of a version of an object, and returns that version, where the bucket keeps versions.
    /// `bypass_governance`: a governance retention may be shortened or removed.
    ///
    /// # Errors
    /// As [`find_object_setting`](Self::find_object_setting); `AccessDenied` and `InvalidRequest` for a retention, see
    /// [`object_lock::check_retention_change`](super::object_lock::check_retention_change).
    async fn put_object_setting(
        &self,
        write: Write<'_>,
        object: ObjectVersionRef,
        setting: ObjectSetting,
        bypass_governance: bool,
    ) -> S3Result<Option<String>>;

    /// Lists unfinished uploads: by key, the earliest first.
    async fn list_multipart_uploads(
        &self,
        bucket: &BucketRef,
        input: &ListMultipartUploads,
    ) -> S3Result<ListPage<ListedUpload>>;
}

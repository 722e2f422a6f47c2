use std::collections::BTreeSet;

use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumKind};
use crate::cors::CorsConfiguration;
use crate::lifecycle::LifecycleConfiguration;
use crate::object_lock::{ObjectLock, ObjectLockConfiguration, Retention};
use crate::tags::Tags;
use crate::types::{ByteRange, Description, IfRange, ListPosition, ReadConditions, WriteConditions};
use crate::versioning::VersioningState;

/// The input of `ListBuckets`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListBuckets {
    /// Only names that begin with this.
    pub prefix: String,
    /// Begin after this name (a decoded continuation token).
    pub after: Option<String>,
    /// 1 to 10,000; `None`: all, up to 10,000.
    pub max_buckets: Option<u32>,
    /// Only buckets of this region.
    pub region: Option<String>,
}

/// The input of `CreateBucket`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateBucket {
    /// The location constraint of the document; `None` without one.
    pub location: Option<String>,
    /// `x-amz-bucket-object-lock-enabled`: the bucket has versioning and object lock.
    pub object_lock: bool,
}

/// The input of `PutBucketVersioning`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutBucketVersioning {
    /// The state, from the document.
    pub state: VersioningState,
}

/// The input of `PutBucketTagging`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutBucketTagging {
    /// The tags, from the document.
    pub tags: Tags,
}

/// The input of `PutBucketLifecycleConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutBucketLifecycle {
    /// The document.
    pub configuration: LifecycleConfiguration,
}

/// The input of `PutObjectLockConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutObjectLockConfiguration {
    /// The document.
    pub configuration: ObjectLockConfiguration,
}

/// The input of `PutBucketCors`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutBucketCors {
    /// The document.
    pub configuration: CorsConfiguration,
}

/// The input of `ListObjects` and `ListObjectsV2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListObjects {
    /// Version 2 (`list-type=2`).
    pub v2: bool,
    /// Only keys that begin with this.
    pub prefix: String,
    /// Keys that have this after the prefix are rolled up. Not empty.
    pub delimiter: Option<String>,
    /// Where the page begins: `marker`, the decoded `continuation-token`, or else `start-after`.
    pub after: Option<ListPosition>,
    /// 0 to 1,000.
    pub max_keys: u32,
    /// `encoding-type=url`.
    pub encode_urls: bool,
    /// Whether owners are shown (always in version 1).
    pub fetch_owner: bool,
    /// What the answer repeats: `marker` (version 1).
    pub marker: Option<String>,
    /// What the answer repeats: `continuation-token` as it was sent.
    pub continuation_token: Option<String>,
    /// What the answer repeats: `start-after`.
    pub start_after: Option<String>,
}

/// The input of `ListObjectVersions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListObjectVersions {
    /// Only keys that begin with this.
    pub prefix: String,
    /// Keys that have this after the prefix are rolled up. Not empty.
    pub delimiter: Option<String>,
    /// `key-marker` and `version-id-marker`.
    pub after: Option<ListPosition>,
    /// 0 to 1,000.
    pub max_keys: u32,
    /// `encoding-type=url`.
    pub encode_urls: bool,
}

/// The input of `ListMultipartUploads`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListMultipartUploads {
    /// Only keys that begin with this.
    pub prefix: String,
    /// Keys that have this after the prefix are rolled up. Not empty.
    pub delimiter: Option<String>,
    /// `key-marker` and `upload-id-marker`.
    pub after: Option<ListPosition>,
    /// 0 to 1,000.
    pub max_uploads: u32,
    /// `encoding-type=url`.
    pub encode_urls: bool,
}

/// A version of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectVersionRef {
    /// The key.
    pub key: String,
    /// The version; `None`: the current one.
    pub version_id: Option<String>,
}

/// The input of `PutObjectTagging`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutObjectTagging {
    /// The object.
    pub object: ObjectVersionRef,
    /// The tags, from the document.
    pub tags: Tags,
}

/// The input of `PutObjectRetention`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutObjectRetention {
    /// The object.
    pub object: ObjectVersionRef,
    /// The retention, from the document; `None`: it is removed.
    pub retention: Option<Retention>,
    /// `x-amz-bypass-governance-retention`: governance retention may be shortened and removed.
    pub bypass_governance: bool,
}

/// The input of `PutObjectLegalHold`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutObjectLegalHold {
    /// The object.
    pub object: ObjectVersionRef,
    /// Whether there is a legal hold, from the document.
    pub legal_hold: bool,
}

/// The headers of the answer that a signed request may replace (`response-*`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseOverrides {
    /// Pairs of a lower-case header name and its value, valid as a header value.
    pub headers: Vec<(&'static str, String)>,
}

/// The input of `GetObject` and `HeadObject`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetObject {
    /// The key.
    pub key: String,
    /// The version; `None`: the current one.
    pub version_id: Option<String>,
    /// A single valid range. Several ranges, and malformed ones, are ignored.
    pub range: Option<ByteRange>,
    /// `If-Range`: where it does not hold, the range is ignored. See [`range_of`](Self::range_of).
    pub if_range: Option<IfRange>,
    /// 1 to 10,000.
    pub part_number: Option<u32>,
    /// The preconditions.
    pub conditions: ReadConditions,
    /// `x-amz-checksum-mode: ENABLED`.
    pub checksum_mode: bool,
    /// Refused for anonymous requests by the endpoint.
    pub overrides: ResponseOverrides,
}

/// An attribute of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectAttribute {
    /// `ETag`.
    Etag,
    /// `Checksum`.
    Checksum,
    /// `ObjectParts`.
    ObjectParts,
    /// `StorageClass`.
    StorageClass,
    /// `ObjectSize`.
    ObjectSize,
}

/// The input of `GetObjectAttributes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetObjectAttributes {
    /// The key.
    pub key: String,
    /// The version; `None`: the current one.
    pub version_id: Option<String>,
    /// At least one.
    pub attributes: BTreeSet<ObjectAttribute>,
    /// 0 to 1,000.
    pub max_parts: u32,
    /// Parts after this number.
    pub part_number_marker: u32,
    /// The preconditions.
    pub conditions: ReadConditions,
}

/// The input of `PutObject` besides the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutObject {
    /// The key.
    pub key: String,
    /// The description.
    pub description: Description,
    /// The preconditions.
    pub conditions: WriteConditions,
    /// `x-amz-tagging`.
    pub tags: Tags,
    /// `x-amz-object-lock-*`.
    pub lock: ObjectLock,
}

/// The source of a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopySource {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The version; `None`: the current one.
    pub version_id: Option<String>,
    /// `x-amz-copy-source-if-*`.
    pub conditions: ReadConditions,
}

/// The input of `CopyObject`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyObject {
    /// The key of the copy.
    pub key: String,
    /// What is copied.
    pub source: CopySource,
    /// The new description (`x-amz-metadata-directive: REPLACE`); `None`: that of the source.
    pub description: Option<Description>,
    /// The checksum to compute; `None`: that of the source is kept.
    pub checksum_algorithm: Option<ChecksumAlgorithm>,
    /// The preconditions on the object that the key has.
    pub conditions: WriteConditions,
    /// The new tags (`x-amz-tagging-directive: REPLACE`); `None`: those of the source.
    pub tags: Option<Tags>,
    /// `x-amz-object-lock-*`. The lock of the source is never copied.
    pub lock: ObjectLock,
}

/// An object to delete: the input of `DeleteObject`, and an entry of `DeleteObjects`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteEntry {
    /// The key.
    pub key: String,
    /// The version; `None`: the current one (a marker where the bucket has versioning).
    pub version_id: Option<String>,
    /// The preconditions: `if_match` only.
    pub conditions: WriteConditions,
    /// Whether the entry has a condition that is not implemented (a time or a size). The endpoint answers `NotImplemented`
    /// for the entry and never passes it on.
    pub unsupported: bool,
    /// `x-amz-bypass-governance-retention`: a version under governance retention may be deleted.
    pub bypass_governance: bool,
}

/// The input of `DeleteObjects`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteObjects {
    /// Only failures are reported.
    pub quiet: bool,
    /// `x-amz-bypass-governance-retention`, which every entry has too.
    pub bypass_governance: bool,
    /// 1 to 1,000 entries, from the document.
    pub objects: Vec<DeleteEntry>,
}

/// The input of `CreateMultipartUpload`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateMultipartUpload {
    /// The key.
    pub key: String,
    /// The description.
    pub description: Description,
    /// The algorithm and kind of its checksum, which are possible together.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
    /// `x-amz-tagging`.
    pub tags: Tags,
    /// `x-amz-object-lock-*`.
    pub lock: ObjectLock,
}

/// An unfinished upload: the input of `AbortMultipartUpload`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadRef {
    /// The key.
    pub key: String,
    /// The id.
    pub upload_id: String,
}

/// The input of `UploadPart` besides the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadPart {
    /// The upload.
    pub upload: UploadRef,
    /// 1 to 10,000.
    pub number: u32,
}

/// The input of `UploadPartCopy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadPartCopy {
    /// The upload.
    pub upload: UploadRef,
    /// 1 to 10,000.
    pub number: u32,
    /// What is copied.
    pub source: CopySource,
    /// The bytes of it, first and last included; `None`: all.
    pub range: Option<(u64, u64)>,
}

/// A part that `CompleteMultipartUpload` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedPart {
    /// 1 to 10,000, ascending.
    pub number: u32,
    /// Without quotes.
    pub etag: String,
    /// The checksum, where it is sent.
    pub checksum: Option<Checksum>,
}

/// The input of `CompleteMultipartUpload`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompleteMultipartUpload {
    /// The upload.
    pub upload: UploadRef,
    /// The parts, from the document: 1 to 10,000.
    pub parts: Vec<CompletedPart>,
    /// The preconditions.
    pub conditions: WriteConditions,
    /// The checksum that the object must have, where it is sent (`x-amz-checksum-*`).
    pub checksum: Option<(ChecksumAlgorithm, String)>,
    /// `x-amz-checksum-type`, where it is sent.
    pub checksum_kind: Option<ChecksumKind>,
    /// `x-amz-mp-object-size`, where it is sent.
    pub object_size: Option<u64>,
}

/// The input of `ListParts`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListParts {
    /// The upload.
    pub upload: UploadRef,
    /// Parts after this number.
    pub after: u32,
    /// 0 to 1,000.
    pub max_parts: u32,
}

use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::object_lock::ObjectLock;
use storage_hub_s3_protocol::tags::Tags;

use super::{BucketSettingKind, ObjectSettingKind};

/// The limits and features of a backend. The contract suite asserts each on both sides: what is missing answers
/// `NotImplemented`, and is never ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Maximum number of bytes of one body, an object's or a part's.
    pub max_body_bytes: u64,
    /// Minimum number of bytes of each part but the last.
    pub min_part_bytes: u64,
    /// Maximum length of a key in bytes.
    pub max_key_bytes: usize,
    /// Whether a key may have empty, `.` and `..` segments, and a `\`.
    pub any_key: bool,
    /// Whether the details in which S3 services differ are those that the contract states: any text in `Expires`, the
    /// version `null` in heads, checksums of single parts, the order and completeness of lists of uploads, `a` beside
    /// `a/b`, and completions that are repeated after the object was replaced. A gateway has those of its store.
    pub exact: bool,
    /// Whether writes can be conditional.
    pub conditional_writes: bool,
    /// Whether copies can be conditional on their target.
    pub conditional_copies: bool,
    /// Whether completions of uploads can be conditional.
    pub conditional_completions: bool,
    /// Whether deletions can be conditional.
    pub conditional_deletes: bool,
    /// Whether buckets can keep versions.
    pub versioning: bool,
    /// Whether objects and buckets can have tags.
    pub tags: bool,
    /// Whether buckets can have object lock.
    pub object_lock: bool,
    /// Whether buckets can have lifecycle rules.
    pub lifecycle: bool,
    /// Whether the attributes of objects can be read.
    pub attributes: bool,
    /// The algorithms whose checksums are kept with objects.
    pub checksums: Vec<ChecksumAlgorithm>,
}

impl Capabilities {
    /// Refuses tags and locks of a write that the backend cannot keep.
    ///
    /// # Errors
    /// `NotImplemented`.
    pub fn check_options(&self, tags: Option<&Tags>, lock: &ObjectLock) -> S3Result<()> {
        if !self.tags && tags.is_some_and(|tags| !tags.is_empty()) {
            return Err(missing("Tags are not implemented by the store behind this endpoint."));
        }
        if !self.object_lock && !lock.is_empty() {
            return Err(missing("Object lock is not implemented by the store behind this endpoint."));
        }
        Ok(())
    }

    /// Refuses a setting of a bucket that the backend does not have.
    ///
    /// # Errors
    /// `NotImplemented`.
    pub fn check_bucket_setting(&self, kind: BucketSettingKind) -> S3Result<()> {
        match kind {
            BucketSettingKind::Versioning if !self.versioning => {
                Err(missing("Versioning is not implemented by the store behind this endpoint."))
            }
            BucketSettingKind::Tags if !self.tags => {
                Err(missing("Tags are not implemented by the store behind this endpoint."))
            }
            BucketSettingKind::Lifecycle if !self.lifecycle => {
                Err(missing("Lifecycle rules are not implemented by the store behind this endpoint."))
            }
            BucketSettingKind::ObjectLock if !self.object_lock => {
                Err(missing("Object lock is not implemented by the store behind this endpoint."))
            }
            _ => Ok(()),
        }
    }

    /// Refuses a setting of objects that the backend does not have.
    ///
    /// # Errors
    /// `NotImplemented`.
    pub fn check_object_setting(&self, kind: ObjectSettingKind) -> S3Result<()> {
        match kind {
            ObjectSettingKind::Tags => self.check_bucket_setting(BucketSettingKind::Tags),
            ObjectSettingKind::Retention | ObjectSettingKind::LegalHold => {
                self.check_bucket_setting(BucketSettingKind::ObjectLock)
            }
        }
    }
}

fn missing(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::NotImplemented, message)
}

use std::time::Duration;

use async_trait::async_trait;

use super::Source;
use crate::domain::{BucketRef, ObjectVersion};
use crate::policy::PolicyDocument;

/// Why a call to the object store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The bucket, object, principal or policy does not exist.
    #[error("the store has no such bucket, object, principal or policy")]
    NotFound,
    /// A bucket with this name exists.
    #[error("the store already has a bucket with this name")]
    AlreadyOwned,
    /// The bucket holds objects or versions.
    #[error("the bucket is not empty")]
    NotEmpty,
    /// The store rejected the input, because it exceeds a limit or is malformed.
    #[error("the store rejected the input: {0}")]
    Refused(String),
    /// The store rejected the hub's own credentials.
    #[error("the store rejected the hub's own credentials: {0}")]
    AccessDenied(String),
    /// The store does not respond, or not in time, or reports that it is temporarily unable to.
    #[error("the store is not available")]
    Unavailable(#[source] Source),
    /// Anything else.
    #[error("the store returned an unexpected error")]
    Unexpected(#[source] Source),
}

/// Whether the store has a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketPresence {
    /// There is no bucket with this name.
    Absent,
    /// There is one, whoever created it.
    Present,
}

/// Limits of a store that S3 does not have. The contract suite asserts each on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// Maximum length of an object key, in bytes.
    pub max_key_bytes: usize,
    /// Maximum length of a key segment between two `/`, in bytes; `None` if only the whole key is limited.
    pub max_key_segment_bytes: Option<usize>,
    /// Whether keys with an empty segment (`a//b`, `/a`) are accepted.
    pub takes_empty_segments: bool,
    /// Whether keys with a segment `.` or `..` are accepted.
    pub takes_dot_segments: bool,
    /// Whether keys with a `\` are taken.
    pub takes_backslashes: bool,
    /// Whether a key may be a folder of another one: `a` beside `a/b`.
    pub takes_keys_below_keys: bool,
    /// Whether the store tells buckets apart by their ids. One that does finds only the bucket with the id that a call
    /// names. Others go by the name, and reach whichever bucket has it.
    pub tells_buckets_by_id: bool,
    /// Whether buckets can keep several versions of an object. Where not, each object has the version `null` alone.
    pub keeps_versions: bool,
    /// Whether a write can depend on what the key holds.
    pub writes_conditionally: bool,
    /// Whether buckets and objects can have tags.
    pub keeps_tags: bool,
    /// Whether versions can be protected from deletion.
    pub locks_objects: bool,
    /// Whether objects expire by the rules of their bucket.
    pub expires_objects: bool,
}

/// A key that a store does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// The key is empty or too long.
    #[error("object key must be 1 to {max} bytes long, got {got}")]
    Length {
        /// The maximum.
        max: usize,
        /// The length of the key.
        got: usize,
    },
    /// The text between two `/` is too long.
    #[error("each part of an object key between two `/` must be at most {max} bytes long, got {got}")]
    SegmentLength {
        /// The maximum.
        max: usize,
        /// The length of the part.
        got: usize,
    },
    /// The key begins with `/` or has `//` in it.
    #[error("object key must not begin with `/` or contain `//`")]
    EmptySegment,
    /// A part of the key is `.` or `..`.
    #[error("object key must not have `.` or `..` between two `/`")]
    DotSegment,
    /// The key has a backslash.
    #[error("object key must not contain a backslash")]
    Backslash,
}

impl StoreLimits {
    /// Checks that the store takes a key, and under no other name than its own.
    ///
    /// # Errors
    /// [`KeyRefusal`], which says what is wrong with the key.
    pub fn check_key(&self, key: &str) -> Result<(), KeyRefusal> {
        if key.is_empty() || key.len() > self.max_key_bytes {
            return Err(KeyRefusal::Length { max: self.max_key_bytes, got: key.len() });
        }
        if !self.takes_backslashes && key.contains('\\') {
            return Err(KeyRefusal::Backslash);
        }
        // A key may end with `/`: that is a folder, not an empty segment.
        for segment in key.strip_suffix('/').unwrap_or(key).split('/') {
            match self.max_key_segment_bytes {
                Some(max) if segment.len() > max => {
                    return Err(KeyRefusal::SegmentLength { max, got: segment.len() });
                }
                _ if segment.is_empty() && !self.takes_empty_segments => return Err(KeyRefusal::EmptySegment),
                _ if matches!(segment, "." | "..") && !self.takes_dot_segments => return Err(KeyRefusal::DotSegment),
                _ => {}
            }
        }
        Ok(())
    }
}

impl From<KeyRefusal> for StoreError {
    fn from(refusal: KeyRefusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}

/// What became of one version that was to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VersionOutcome {
    /// The version does not exist any more, or never did.
    Deleted,
    /// Object lock protects it: a retention period or a legal hold.
    Protected,
    /// The store kept it for another reason, which it gave.
    Failed(String),
}

/// The object store, as the hub itself uses it: with the rights of its administrator.
///
/// Every method can fail with [`StoreError::Unavailable`], [`StoreError::AccessDenied`] and [`StoreError::Unexpected`];
/// `# Errors` lists the others.
///
/// # Contract
/// - No call waits indefinitely: while the store is unreachable, it fails with [`StoreError::Unavailable`] within
///   seconds.
/// - A call that was interrupted may have had its effect; every call can be repeated.
/// - A bucket that contains anything is never deleted.
/// - A call for a bucket reaches the bucket with its id, or the one with its name, as
///   [`tells_buckets_by_id`](StoreLimits::tells_buckets_by_id) says.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// The limits of this store.
    fn limits(&self) -> StoreLimits;

    /// Checks that the store responds and accepts the hub's credentials.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Whether the store has a bucket in the place of this one: where it goes by names, a bucket of this name, whoever
    /// created it.
    async fn find_bucket(&self, bucket: &BucketRef) -> Result<BucketPresence, StoreError>;

    /// Creates a bucket.
    ///
    /// # Errors
    /// [`StoreError::AlreadyOwned`] if there is one with this name, whoever created it.
    async fn create_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError>;

    /// Aborts the unfinished uploads of a bucket without objects and versions, and deletes the bucket. Uploads of a
    /// bucket that is not empty stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotEmpty`].
    async fn delete_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError>;

    /// Lists the names of all buckets, including foreign ones, in byte order.
    async fn list_buckets(&self) -> Result<Vec<String>, StoreError>;

    /// Sets a bucket's policy, replacing any other.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket; [`StoreError::Refused`].
    async fn put_bucket_policy(&self, bucket: &BucketRef, policy: &PolicyDocument) -> Result<(), StoreError>;

    /// Finds a bucket's policy; `None` if it has none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket.
    async fn find_bucket_policy(&self, bucket: &BucketRef) -> Result<Option<PolicyDocument>, StoreError>;

    /// Writes a small object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket; [`StoreError::Refused`] for a key that exceeds the limits.
    async fn put_object(&self, bucket: &BucketRef, key: &str, body: Vec<u8>) -> Result<(), StoreError>;

    /// Reads a small object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket or object.
    async fn get_object(&self, bucket: &BucketRef, key: &str) -> Result<Vec<u8>, StoreError>;

    /// Deletes an object. Succeeds if there is none with this key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket.
    async fn delete_object(&self, bucket: &BucketRef, key: &str) -> Result<(), StoreError>;

    /// Deletes versions of objects for good, delete markers included; nothing that object lock protects. The outcomes
    /// are those of the versions, in their order. A call that failed may have deleted some of them.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the bucket; [`StoreError::Refused`], before anything is deleted, when a key is
    /// beyond the limits.
    async fn delete_versions(
        &self,
        bucket: &BucketRef,
        versions: &[ObjectVersion],
    ) -> Result<Vec<VersionOutcome>, StoreError>;

    /// For how long after the deletion of a bucket the store may still complete requests that it admitted before, or
    /// keep unfinished uploads, in a later bucket of the same name. Zero for a store whose writes are bound to the
    /// bucket itself.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn name_reservation(&self) -> Result<Duration, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: StoreLimits = StoreLimits {
        max_key_bytes: 1024,
        max_key_segment_bytes: Some(255),
        takes_empty_segments: false,
        takes_dot_segments: false,
        takes_backslashes: false,
        takes_keys_below_keys: true,
        tells_buckets_by_id: false,
        keeps_versions: true,
        writes_conditionally: true,
        keeps_tags: true,
        locks_objects: true,
        expires_objects: true,
    };
    const LOOSE: StoreLimits = StoreLimits {
        max_key_segment_bytes: None,
        takes_empty_segments: true,
        takes_dot_segments: true,
        takes_backslashes: true,
        ..STRICT
    };

    #[test]
    fn a_key_that_the_store_would_take_for_another_is_refused() {
        let long = "s".repeat(256);
        let table = [
            ("/x", KeyRefusal::EmptySegment),
            ("//host/x", KeyRefusal::EmptySegment),
            ("a//b", KeyRefusal::EmptySegment),
            ("a//", KeyRefusal::EmptySegment),
            ("/", KeyRefusal::EmptySegment),
            ("../other/x", KeyRefusal::DotSegment),
            ("a/../../other/x", KeyRefusal::DotSegment),
            ("a/./x", KeyRefusal::DotSegment),
            ("..", KeyRefusal::DotSegment),
            ("a\\b", KeyRefusal::Backslash),
            (long.as_str(), KeyRefusal::SegmentLength { max: 255, got: 256 }),
        ];
        for (key, refusal) in table {
            assert_eq!(STRICT.check_key(key), Err(refusal), "{key}");
            assert_eq!(LOOSE.check_key(key), Ok(()), "{key}");
        }
        for key in ["a", "a/", "a/b", "...", ".hidden", "a..b"] {
            assert_eq!(STRICT.check_key(key), Ok(()), "{key}");
        }
        for limits in [STRICT, LOOSE] {
            assert_eq!(limits.check_key(""), Err(KeyRefusal::Length { max: 1024, got: 0 }));
            assert_eq!(limits.check_key(&"a/".repeat(513)), Err(KeyRefusal::Length { max: 1024, got: 1026 }));
        }
    }
}

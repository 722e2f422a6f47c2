use async_trait::async_trait;

use super::Source;
use crate::domain::BucketName;
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
    /// The bucket holds objects, versions or unfinished uploads.
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
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// The limits of this store.
    fn limits(&self) -> StoreLimits;

    /// Checks that the store responds and accepts the hub's credentials.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Whether there is a bucket with this name, whoever created it.
    async fn find_bucket(&self, name: &BucketName) -> Result<BucketPresence, StoreError>;

    /// Creates a bucket.
    ///
    /// # Errors
    /// [`StoreError::AlreadyOwned`] if there is one with this name, whoever created it.
    async fn create_bucket(&self, name: &BucketName) -> Result<(), StoreError>;

    /// Deletes an empty bucket.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotEmpty`].
    async fn delete_bucket(&self, name: &BucketName) -> Result<(), StoreError>;

    /// Lists the names of all buckets, including foreign ones, in byte order.
    async fn list_buckets(&self) -> Result<Vec<String>, StoreError>;

    /// Sets a bucket's policy, replacing any other.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket; [`StoreError::Refused`].
    async fn put_bucket_policy(&self, name: &BucketName, policy: &PolicyDocument) -> Result<(), StoreError>;

    /// Finds a bucket's policy; `None` if it has none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket.
    async fn find_bucket_policy(&self, name: &BucketName) -> Result<Option<PolicyDocument>, StoreError>;

    /// Writes a small object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket; [`StoreError::Refused`] for a key that exceeds the limits.
    async fn put_object(&self, bucket: &BucketName, key: &str, body: Vec<u8>) -> Result<(), StoreError>;

    /// Reads a small object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket or object.
    async fn get_object(&self, bucket: &BucketName, key: &str) -> Result<Vec<u8>, StoreError>;

    /// Deletes an object. Succeeds if there is none with this key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such bucket.
    async fn delete_object(&self, bucket: &BucketName, key: &str) -> Result<(), StoreError>;
}

use async_trait::async_trait;

use super::Source;
use crate::domain::BucketName;
use crate::policy::PolicyDocument;

/// Why the store did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It has no such bucket, object, principal or policy.
    #[error("the store has no such thing")]
    NotFound,
    /// A bucket of this name is there already.
    #[error("the store has a bucket of this name already")]
    AlreadyOwned,
    /// The bucket holds objects, versions or unfinished uploads.
    #[error("the bucket is not empty")]
    NotEmpty,
    /// It refuses the input: beyond its limits, or malformed for it.
    #[error("the store refuses the input: {0}")]
    Refused(String),
    /// It refuses the hub's own credentials.
    #[error("the store refuses the hub's own credentials: {0}")]
    AccessDenied(String),
    /// It does not answer in time, or not at all, or says that it cannot now.
    #[error("the store is not available")]
    Unavailable(#[source] Source),
    /// Anything else.
    #[error("the store answered with an unexpected error")]
    Unexpected(#[source] Source),
}

/// Whether the store has a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketPresence {
    /// It has none of this name.
    Absent,
    /// It has one, whoever made it.
    Present,
}

/// What a store does not take though S3 does. The contract suite checks each on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// The longest object key, in bytes.
    pub max_key_bytes: usize,
    /// The longest part of a key between two `/`, in bytes; `None` when only the whole key is bounded.
    pub max_key_segment_bytes: Option<usize>,
    /// Whether keys with an empty part (`a//b`, `/a`) are taken.
    pub takes_empty_segments: bool,
    /// Whether keys with a part `.` or `..` are taken.
    pub takes_dot_segments: bool,
}

/// The object store, as the hub itself uses it: with the rights of its administrator.
///
/// # Contract
/// - No call waits for ever: with the store away, [`StoreError::Unavailable`] comes within seconds.
/// - A call that was cut off may have been carried out: each can be repeated.
/// - A bucket that holds anything is never removed.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// What it does not take.
    fn limits(&self) -> StoreLimits;

    /// Asks for a sign of life with the hub's credentials.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::AccessDenied`].
    async fn ping(&self) -> Result<(), StoreError>;

    /// Whether there is a bucket of this name, whoever made it.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn find_bucket(&self, name: &BucketName) -> Result<BucketPresence, StoreError>;

    /// Makes a bucket.
    ///
    /// # Errors
    /// [`StoreError::AlreadyOwned`] when there is one of this name, whoever made it.
    async fn create_bucket(&self, name: &BucketName) -> Result<(), StoreError>;

    /// Removes an empty bucket.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotEmpty`].
    async fn delete_bucket(&self, name: &BucketName) -> Result<(), StoreError>;

    /// The names of all buckets, the hub's or not, in byte order.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn list_buckets(&self) -> Result<Vec<String>, StoreError>;

    /// Writes a bucket's policy over whatever was there.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the bucket; [`StoreError::Refused`].
    async fn put_bucket_policy(&self, name: &BucketName, policy: &PolicyDocument) -> Result<(), StoreError>;

    /// A bucket's policy; `None` when it has none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the bucket.
    async fn find_bucket_policy(&self, name: &BucketName) -> Result<Option<PolicyDocument>, StoreError>;

    /// Writes a small object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the bucket; [`StoreError::Refused`] for a key beyond the limits.
    async fn put_object(&self, bucket: &BucketName, key: &str, body: Vec<u8>) -> Result<(), StoreError>;

    /// Reads a small object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the bucket or the object.
    async fn get_object(&self, bucket: &BucketName, key: &str) -> Result<Vec<u8>, StoreError>;

    /// Removes an object; one that is not there is removed already.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without the bucket.
    async fn delete_object(&self, bucket: &BucketName, key: &str) -> Result<(), StoreError>;
}

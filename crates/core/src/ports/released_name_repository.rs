use async_trait::async_trait;

use super::RecordError;
use crate::domain::{BucketName, ReleasedName, Timestamp};

/// The names of deleted buckets that are kept for their last owners, in a transaction.
///
/// A row restricts [`BucketRepository::insert`](super::BucketRepository::insert), which also deletes it: while the
/// owner has a bucket of the name, there is nothing to keep.
///
/// # Contract
/// - Every method fails with the database's [`RecordError`].
/// - Rows whose time has come restrict nobody, deleted or not.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ReleasedNameRepository: Send {
    /// Adds a name, or writes over the row that it has.
    async fn upsert(&mut self, released: &ReleasedName) -> Result<(), RecordError>;

    /// Finds a name, whether or not its time has come.
    async fn find(&mut self, name: &BucketName) -> Result<Option<ReleasedName>, RecordError>;

    /// Deletes a name.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] when it has no row.
    async fn delete(&mut self, name: &BucketName) -> Result<(), RecordError>;

    /// Deletes names whose time has come, up to `limit`, and returns how many. Rows that another transaction is about
    /// to change are left to the next call.
    async fn delete_expired(&mut self, now: Timestamp, limit: u16) -> Result<u64, RecordError>;
}

use async_trait::async_trait;

use super::RecordError;
use crate::domain::{Bucket, BucketEntry, BucketId, BucketName, BucketRecord, BucketState};

/// The buckets and their entries, in a transaction.
///
/// # Contract
/// - Names are unique: of two racing inserts one gets [`RecordError::AlreadyExists`].
/// - Both `find` calls keep the bucket's row as it is until the transaction ends.
/// - Entries come in the order of their grants.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait BucketRepository: Send {
    /// Adds a bucket with its entries.
    ///
    /// # Errors
    /// [`RecordError::AlreadyExists`] when the name is taken; [`RecordError::NotFound`] when its owner does not exist.
    async fn insert(&mut self, bucket: &Bucket, entries: &[BucketEntry]) -> Result<(), RecordError>;

    /// The bucket with this id.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find(&mut self, id: BucketId) -> Result<Option<BucketRecord>, RecordError>;

    /// The bucket with this name.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_by_name(&mut self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError>;

    /// Writes the state, `seen_absent` and `answered` of the bucket with this id; its entries stay.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] when there is none.
    async fn update(&mut self, bucket: &Bucket) -> Result<(), RecordError>;

    /// Removes the bucket and its entries.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] when there is none.
    async fn delete(&mut self, id: BucketId) -> Result<(), RecordError>;

    /// Moves the bucket with this id from one state to another; `false` when there is none, or in another state.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn transition(&mut self, id: BucketId, from: BucketState, to: BucketState) -> Result<bool, RecordError> {
        match self.find(id).await? {
            Some(mut record) if record.bucket.state == from => {
                record.bucket.state = to;
                self.update(&record.bucket).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Notes that the creation of the bucket with this id has been answered; nothing where there is none.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn mark_answered(&mut self, id: BucketId) -> Result<(), RecordError> {
        if let Some(mut record) = self.find(id).await? {
            record.bucket.answered = true;
            self.update(&record.bucket).await?;
        }
        Ok(())
    }
}

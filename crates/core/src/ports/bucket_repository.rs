use async_trait::async_trait;

use super::RecordError;
use crate::domain::{
    Bucket, BucketEntry, BucketId, BucketName, BucketRecord, BucketState, CorsRules, Timestamp, UserId,
};

/// The buckets and their entries, in a transaction.
///
/// Every method can fail with the [`RecordError`] of the database; `# Errors` lists only errors with a meaning of their
/// own.
///
/// # Contract
/// - Names are unique: of two concurrent inserts, one fails with [`RecordError::AlreadyExists`].
/// - A name that is [reserved](super::ReleasedNameRepository) at the new bucket's `created_at` is taken for everybody
///   but its last owner. An insert that races the deletion of the bucket and its reservation waits for both.
/// - A row that a `find` method returns does not change until the transaction ends.
/// - Entries are ordered by their grants.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait BucketRepository: Send {
    /// Inserts a bucket with its entries, and deletes the reservation of its name.
    ///
    /// # Errors
    /// [`RecordError::AlreadyExists`] if the name is taken or reserved for another user; [`RecordError::NotFound`] if the
    /// owner does not exist.
    async fn insert(&mut self, bucket: &Bucket, entries: &[BucketEntry]) -> Result<(), RecordError>;

    /// Finds the bucket with this id.
    async fn find(&mut self, id: BucketId) -> Result<Option<BucketRecord>, RecordError>;

    /// Finds the bucket with this name.
    async fn find_by_name(&mut self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError>;

    /// Overwrites the state, `seen_absent` and `answered` of the bucket with this id; its entries stay.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] if there is no such bucket.
    async fn update(&mut self, bucket: &Bucket) -> Result<(), RecordError>;

    /// Replaces the CORS rules of the bucket with this id; `None` removes them.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] if there is no such bucket.
    async fn update_cors<'a>(&mut self, id: BucketId, cors: Option<&'a CorsRules>) -> Result<(), RecordError>;

    /// Counts the names that a user holds at a moment: its buckets in every state, and the names that are reserved for
    /// it. Creating a bucket of a reserved name does not change the number.
    async fn count_names(&mut self, owner: UserId, now: Timestamp) -> Result<u64, RecordError>;

    /// Deletes the bucket and its entries.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] if there is no such bucket.
    async fn delete(&mut self, id: BucketId) -> Result<(), RecordError>;

    /// Moves the bucket with this id from one state to another. Returns `false` if there is no such bucket or it is in a
    /// state other than `from`.
    ///
    /// The default is the specification; an adapter overrides it to save a round trip.
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

    /// Marks the creation of the bucket with this id as answered. Does nothing if there is no such bucket.
    ///
    /// The default is the specification; an adapter overrides it to save a round trip.
    async fn mark_answered(&mut self, id: BucketId) -> Result<(), RecordError> {
        if let Some(mut record) = self.find(id).await? {
            record.bucket.answered = true;
            self.update(&record.bucket).await?;
        }
        Ok(())
    }
}

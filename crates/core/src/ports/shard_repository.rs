use async_trait::async_trait;

use super::RecordError;
use crate::acl::Grant;

/// One of the policies that together hold the buckets of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Whose buckets.
    pub grant: Grant,
    /// Which of the grant's shards, from 0.
    pub number: i32,
    /// How many bytes its buckets take in the policy document, those that are being made or released included.
    pub bytes: i64,
    /// Whether its policy has been written to the store at least once, so that it can be attached.
    pub written: bool,
}

/// The policy shards, in a transaction.
///
/// # Contract
/// - `list` keeps the shards of the grant as they are until the transaction ends, also when there is none yet: of two
///   racing writers that list and then upsert the same grant, the second sees what the first has written, or gets
///   [`RecordError::Conflict`].
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ShardRepository: Send {
    /// The shards of a grant, in the order of their numbers.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn list(&mut self, grant: &Grant) -> Result<Vec<Shard>, RecordError>;

    /// Adds a shard, or writes the bytes and `written` of the one with its grant and number.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn upsert(&mut self, shard: &Shard) -> Result<(), RecordError>;

    /// Takes bytes off a shard, down to 0; nothing where there is none.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn give_back(&mut self, grant: &Grant, number: i32, bytes: i64) -> Result<(), RecordError> {
        let shards = self.list(grant).await?;
        if let Some(mut shard) = shards.into_iter().find(|shard| shard.number == number) {
            shard.bytes = shard.bytes.saturating_sub(bytes).max(0);
            self.upsert(&shard).await?;
        }
        Ok(())
    }
}

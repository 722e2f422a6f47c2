use async_trait::async_trait;

use super::RecordError;
use crate::acl::Grant;

/// One of the policies that together contain the buckets of a grant. A policy has a maximum size in the store, so a grant
/// with many buckets needs several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The grant whose buckets the shard contains.
    pub grant: Grant,
    /// The shard's number among those of the grant, from 0.
    pub number: i32,
    /// The bytes that its buckets take in the policy document, including those that are being created or released.
    pub bytes: i64,
    /// Whether its policy was written to the store at least once, so that it can be attached to a principal.
    pub written: bool,
}

/// The policy shards, in a transaction.
///
/// Every method can fail with the [`RecordError`] of the database.
///
/// # Contract
/// - The shards of a grant that was listed do not change until the transaction ends, even if there were none: of two
///   concurrent writers that list and then upsert the same grant, the second sees what the first has written, or fails
///   with [`RecordError::Conflict`].
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ShardRepository: Send {
    /// Lists the shards of a grant, ordered by their numbers.
    async fn list(&mut self, grant: &Grant) -> Result<Vec<Shard>, RecordError>;

    /// Inserts a shard, or overwrites `bytes` and `written` of the one with its grant and number.
    async fn upsert(&mut self, shard: &Shard) -> Result<(), RecordError>;

    /// Subtracts bytes from a shard, down to 0. Does nothing if there is no such shard.
    ///
    /// The default is the specification; an adapter overrides it to save a round trip.
    async fn give_back(&mut self, grant: &Grant, number: i32, bytes: i64) -> Result<(), RecordError> {
        let shards = self.list(grant).await?;
        if let Some(mut shard) = shards.into_iter().find(|shard| shard.number == number) {
            shard.bytes = shard.bytes.saturating_sub(bytes).max(0);
            self.upsert(&shard).await?;
        }
        Ok(())
    }
}

use async_trait::async_trait;

use super::{
    BucketRepository, InstallationRepository, Lease, LeaseRequest, Outbox, RecordError, ReleasedNameRepository,
    ShardRepository, StoreProbeRepository, TaskKey, UserRepository,
};

/// Begins transactions on the records.
///
/// # Contract
/// - A transaction sees its own writes, and no uncommitted write of another.
/// - After [`Transaction::commit`] has returned `Ok`, its writes are durable, also across a crash. A transaction that was
///   rolled back or dropped leaves nothing behind.
/// - A write that returns nothing may be sent together with the next statement; its error may then arrive with that, or
///   with the commit.
/// - A row that a transaction has read (`find…` of a repository) cannot be changed by another until it ends.
/// - No call waits indefinitely: while the database is unreachable or locked, it fails with
///   [`RecordError::Unavailable`] within seconds.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// [`RecordError::Unavailable`] if there is no connection.
    async fn begin(&self) -> Result<Box<dyn Transaction>, RecordError>;

    /// [`Outbox::lease`] in a transaction of its own, if the task's `done` is behind `generation`; otherwise `None`.
    ///
    /// The default is the specification; an adapter overrides it to save round trips.
    ///
    /// # Errors
    /// As [`begin`](Self::begin) and [`Transaction::commit`].
    async fn lease_behind(
        &self,
        generation: i64,
        key: &TaskKey,
        request: LeaseRequest,
    ) -> Result<Option<Lease>, RecordError> {
        let mut transaction = self.begin().await?;
        let behind = transaction.outbox().find(key).await?.is_some_and(|state| state.done < generation);
        let lease = match behind {
            true => transaction.outbox().lease(key, request).await?,
            false => None,
        };
        transaction.commit().await?;
        Ok(lease)
    }

    /// [`Outbox::complete`] in a transaction of its own, with a [relaxed commit](Transaction::commit_relaxed).
    ///
    /// The default is the specification; an adapter overrides it to save round trips.
    ///
    /// # Errors
    /// As [`begin`](Self::begin) and [`Transaction::commit`].
    async fn complete(&self, lease: &Lease) -> Result<bool, RecordError> {
        let mut transaction = self.begin().await?;
        let kept = transaction.outbox().complete(lease).await?;
        transaction.commit_relaxed().await?;
        Ok(kept)
    }
}

/// A transaction on the records: gives access to the repositories. It is rolled back if it is dropped.
#[async_trait]
pub trait Transaction: Send {
    /// The users, in this transaction.
    fn users(&mut self) -> &mut dyn UserRepository;

    /// The buckets, in this transaction.
    fn buckets(&mut self) -> &mut dyn BucketRepository;

    /// The reserved names of deleted buckets, in this transaction.
    fn released_names(&mut self) -> &mut dyn ReleasedNameRepository;

    /// The policy shards, in this transaction.
    fn shards(&mut self) -> &mut dyn ShardRepository;

    /// The outbox, in this transaction.
    fn outbox(&mut self) -> &mut dyn Outbox;

    /// The identity of the installation, in this transaction.
    fn installation(&mut self) -> &mut dyn InstallationRepository;

    /// The probe of the store, in this transaction.
    fn store_probe(&mut self) -> &mut dyn StoreProbeRepository;

    /// Makes every write of this transaction durable.
    ///
    /// # Errors
    /// [`RecordError`]; then nothing was written. After [`RecordError::Unavailable`] it is not known whether the commit
    /// took place.
    async fn commit(self: Box<Self>) -> Result<(), RecordError>;

    /// As [`commit`](Self::commit), but without waiting until the writes are durable: a crash of the database within the
    /// next moments may undo them, together with everything that was committed after them. For writes that can be lost
    /// because they will simply be repeated.
    ///
    /// The default waits; an adapter overrides it if its database can do better.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    async fn commit_relaxed(self: Box<Self>) -> Result<(), RecordError> {
        self.commit().await
    }
}

use async_trait::async_trait;

use super::{
    BucketRepository, InstallationRepository, Lease, LeaseRequest, Outbox, RecordError, ShardRepository, TaskKey,
    UserRepository,
};

/// Begins transactions on the records.
///
/// # Contract
/// - A transaction sees its own writes, and no uncommitted write of another.
/// - What was written is there after [`Transaction::commit`] has answered `Ok`, also after a crash; nothing of it is
///   there when the transaction was rolled back or dropped.
/// - A write that gives nothing back may be sent with what follows, and its error come with that, or with the commit.
/// - A writer that reads a row first (`find…` of a repository) keeps others from changing that row until it ends.
/// - Neither call waits for ever: with the database away or locked, [`RecordError::Unavailable`] comes within seconds.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// [`RecordError::Unavailable`] when no connection is to be had.
    async fn begin(&self) -> Result<Box<dyn Transaction>, RecordError>;

    /// [`Outbox::lease`] in a transaction of its own, of a task whose `done` is behind a generation; `None` as well where
    /// it is not.
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
    /// # Errors
    /// As [`begin`](Self::begin) and [`Transaction::commit`].
    async fn complete(&self, lease: &Lease) -> Result<bool, RecordError> {
        let mut transaction = self.begin().await?;
        let kept = transaction.outbox().complete(lease).await?;
        transaction.commit_relaxed().await?;
        Ok(kept)
    }
}

/// A transaction: hands out the repositories; commits, or is rolled back when dropped.
#[async_trait]
pub trait Transaction: Send {
    /// The users, in this transaction.
    fn users(&mut self) -> &mut dyn UserRepository;

    /// The buckets, in this transaction.
    fn buckets(&mut self) -> &mut dyn BucketRepository;

    /// The policy shards, in this transaction.
    fn shards(&mut self) -> &mut dyn ShardRepository;

    /// The work that is to be carried out in the store, in this transaction.
    fn outbox(&mut self) -> &mut dyn Outbox;

    /// The identity of the installation, in this transaction.
    fn installation(&mut self) -> &mut dyn InstallationRepository;

    /// Makes every write of this transaction last.
    ///
    /// # Errors
    /// [`RecordError`]; then nothing was written, or (`Unavailable`) it is not known whether it was.
    async fn commit(self: Box<Self>) -> Result<(), RecordError>;

    /// As [`commit`](Self::commit), for what would be done again without harm if it were lost: a crash of the database
    /// itself within the next moments may take all of it back, together with whatever was committed after it.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    async fn commit_relaxed(self: Box<Self>) -> Result<(), RecordError> {
        self.commit().await
    }
}

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::RecordError;
use crate::acl::Grant;
use crate::domain::{BucketId, Timestamp, UserId};

/// The part of the object store that a task makes equal to the records. Each key has one row in the outbox, however often
/// its subject changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskKey {
    /// A user's principal: its secret, its status and its policies.
    Principal(UserId),
    /// One policy shard of a grant, by its number.
    Shard(Grant, i32),
    /// A bucket: whether it exists, and its bucket policy.
    Bucket(BucketId),
}

/// A string that is not a [`TaskKey`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the key of an outbox task")]
pub struct TaskKeyError(pub String);

impl TaskKey {
    /// Parses the output of [`Display`](fmt::Display), which is the key of the row.
    ///
    /// # Errors
    /// [`TaskKeyError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, TaskKeyError> {
        let read = || {
            let (kind, rest) = text.split_once(':')?;
            match kind {
                "principal" => rest.parse().ok().map(Self::Principal),
                "bucket" => rest.parse().ok().map(Self::Bucket),
                "shard" => {
                    let (number, grant) = rest.split_once(':')?;
                    Some(Self::Shard(Grant::parse(grant).ok()?, number.parse().ok()?))
                }
                _ => None,
            }
        };
        read().ok_or_else(|| TaskKeyError(text.to_owned()))
    }
}

impl fmt::Display for TaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(user) => write!(f, "principal:{user}"),
            Self::Shard(grant, number) => write!(f, "shard:{number}:{grant}"),
            Self::Bucket(bucket) => write!(f, "bucket:{bucket}"),
        }
    }
}

/// How far the store has followed a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskState {
    /// The number of times the task was enqueued: the generation that is wanted.
    pub generation: i64,
    /// The last generation that the store is known to have.
    pub done: i64,
}

/// What a worker asks for when it leases a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseRequest {
    /// Identifies the worker's lease: another lease has another token.
    pub token: Uuid,
    /// The current time.
    pub now: Timestamp,
    /// How long after `now` the lease expires.
    pub lease_duration: Duration,
    /// How long after `now` the task is to be verified if this lease takes over an expired one.
    pub verify_after: Duration,
}

/// The right of one worker to run a task until the lease expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The task.
    pub key: TaskKey,
    /// Identifies the lease: that of another worker has another token.
    pub token: Uuid,
    /// The task's generation when it was leased.
    pub generation: i64,
    /// The number of failures since the task last succeeded.
    pub attempts: i32,
}

/// A task that is pending or due, for the reconciler and for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTask {
    /// The task.
    pub key: TaskKey,
    /// How far the store has followed it.
    pub state: TaskState,
    /// The number of failures since it last succeeded.
    pub attempts: i32,
    /// The error of the last failure.
    pub last_error: Option<String>,
}

/// The tasks that make the object store equal to the records, in a transaction.
///
/// Every method can fail with the [`RecordError`] of the database.
///
/// # Contract
/// - There is one row per key. `enqueue` inserts it with generation 1 and `done` 0, or increments its generation. Only
///   `delete` deletes a row, so that the generations of a key only grow.
/// - `lease` gives a task to one worker at a time. Until the lease was ended by `complete` or `release`, or has expired,
///   every other `lease` of the key returns `None`. Of two concurrent calls, one gets `None` or
///   [`RecordError::Conflict`].
/// - An expired lease can be taken over. The worker that lost it may still write to the store; therefore a takeover
///   marks the task to be verified, that is to run once more, `verify_after` later. A task whose lease has expired is
///   due even if it is not pending, because its worker may have died halfway.
/// - Leasing a task whose verification is due clears that mark; `release` sets it again, for `retry_at`.
/// - `complete` and `release` with a token that is no longer that of the row change nothing and return `false`.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Outbox: Send {
    /// Enqueues a task, for the first time or again, and returns its new generation.
    async fn enqueue(&mut self, key: &TaskKey, now: Timestamp) -> Result<i64, RecordError>;

    /// Finds the state of a task; `None` if there is no such row.
    async fn find(&mut self, key: &TaskKey) -> Result<Option<TaskState>, RecordError>;

    /// Leases a task; `None` if there is no such row or another worker holds its lease. The task need not be pending: one
    /// that is done can be leased to be verified.
    async fn lease(&mut self, key: &TaskKey, request: LeaseRequest) -> Result<Option<Lease>, RecordError>;

    /// [`enqueue`](Self::enqueue), then [`lease`](Self::lease).
    ///
    /// The default is the specification; an adapter overrides it to save a round trip.
    async fn enqueue_and_lease(
        &mut self,
        key: &TaskKey,
        request: LeaseRequest,
    ) -> Result<(i64, Option<Lease>), RecordError> {
        let generation = self.enqueue(key, request.now).await?;
        Ok((generation, self.lease(key, request).await?))
    }

    /// Ends the lease of a task that was applied: sets `done` to the lease's generation, and clears failures, error and
    /// `retry_at`. Returns `false` and changes nothing if the lease was lost.
    async fn complete(&mut self, lease: &Lease) -> Result<bool, RecordError>;

    /// Ends the lease of a task that failed: counts the failure, stores `error`, and makes the task due again at
    /// `retry_at`. Returns `false` and changes nothing if the lease was lost.
    async fn release(&mut self, lease: &Lease, error: &str, retry_at: Timestamp) -> Result<bool, RecordError>;

    /// Deletes the row of a task whose subject was deleted.
    async fn delete(&mut self, key: &TaskKey) -> Result<(), RecordError>;

    /// Lists at most `limit` tasks that are due at `now`, the longest waiting first: those that are pending, whose
    /// verification is due, or whose lease has expired, except those that are leased or whose `retry_at` is later.
    async fn list_due(&mut self, now: Timestamp, limit: u16) -> Result<Vec<PendingTask>, RecordError>;

    /// Lists at most `limit` pending tasks, the longest waiting first, including those that are leased or not due yet.
    async fn list_pending(&mut self, limit: u16) -> Result<Vec<PendingTask>, RecordError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_key_reads_what_it_writes() {
        let id = Uuid::from_u128(7);
        for key in [
            TaskKey::Principal(UserId::new(id)),
            TaskKey::Bucket(BucketId::new(id)),
            TaskKey::Shard(Grant::parse("team: red").unwrap(), 12),
        ] {
            assert_eq!(TaskKey::parse(&key.to_string()), Ok(key));
        }
        for text in ["", "bucket", "bucket:x", "shard:a:b", "shard:1:", "other:1"] {
            assert!(TaskKey::parse(text).is_err(), "{text:?}");
        }
    }
}

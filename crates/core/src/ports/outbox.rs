use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::RecordError;
use crate::acl::Grant;
use crate::domain::{BucketId, Timestamp, UserId};

/// What is to be made equal in the store. One row of the outbox each, however often it changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskKey {
    /// A user's principal: its secret, its status, the policies that it has.
    Principal(UserId),
    /// One policy shard of a grant.
    Shard(Grant, i32),
    /// A bucket: made or removed, and its bucket policy.
    Bucket(BucketId),
}

/// A string that is no [`TaskKey`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no task of the outbox")]
pub struct TaskKeyError(pub String);

impl TaskKey {
    /// Reads what [`Display`](fmt::Display) wrote: the key of the outbox's row.
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

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskState {
    /// How often it was changed: what is wanted.
    pub generation: i64,
    /// The last generation that the store has.
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

/// The right to carry out one task until a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Which task.
    pub key: TaskKey,
    /// Whose lease: another worker's has another token.
    pub token: Uuid,
    /// The generation at the moment of leasing.
    pub generation: i64,
    /// How often the task failed since it last succeeded.
    pub attempts: i32,
}

/// A task that waits to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTask {
    /// Which task.
    pub key: TaskKey,
    /// Where it stands.
    pub state: TaskState,
    /// How often it failed since it last succeeded.
    pub attempts: i32,
    /// What it failed with last.
    pub last_error: Option<String>,
}

/// The work that is to be carried out in the store, in a transaction.
///
/// # Contract
/// - One row a key. `enqueue` adds it with generation 1, done 0, or adds one to its generation; a row is never removed
///   but by `remove`, so that a key's generations only grow.
/// - `lease` gives the task to one worker at a time: while a lease is neither ended by `complete` or `release` nor
///   past its time, every other `lease` of the key answers `None`, and of two racing ones one gets `None` or
///   [`RecordError::Conflict`].
/// - A lease that is past its time may be taken over. Whoever lost it may still write to the store, late: therefore a
///   takeover marks the task to be carried out once more, `verify_after` from then. A task whose lease is past its time
///   is due, pending or not: its worker may have died halfway.
/// - Leasing a task that is due to be verified takes that mark away; `release` puts it back, for `retry_at`.
/// - `complete` and `release` with a token that is no longer the row's change nothing and answer `false`.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Outbox: Send {
    /// Asks for a task to be carried out (again) and returns its new generation.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn enqueue(&mut self, key: &TaskKey, now: Timestamp) -> Result<i64, RecordError>;

    /// Where the task stands; `None` when there is no such row.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find(&mut self, key: &TaskKey) -> Result<Option<TaskState>, RecordError>;

    /// Leases the task; `None` when there is no such row or another worker holds its lease. The task need not be
    /// pending: a done one can be leased to be verified.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn lease(&mut self, key: &TaskKey, request: LeaseRequest) -> Result<Option<Lease>, RecordError>;

    /// [`enqueue`](Self::enqueue), and then [`lease`](Self::lease).
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn enqueue_and_lease(
        &mut self,
        key: &TaskKey,
        request: LeaseRequest,
    ) -> Result<(i64, Option<Lease>), RecordError> {
        let generation = self.enqueue(key, request.now).await?;
        Ok((generation, self.lease(key, request).await?))
    }

    /// Notes that the store has the lease's generation: `done` becomes it, attempts 0, no error, no longer put off, and
    /// the lease ends. Returns false, and changes nothing, when the lease was lost.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn complete(&mut self, lease: &Lease) -> Result<bool, RecordError>;

    /// Gives the lease back undone: one attempt more, `error` noted, not due again before `retry_at`. Returns false,
    /// and changes nothing, when the lease was lost.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn release(&mut self, lease: &Lease, error: &str, retry_at: Timestamp) -> Result<bool, RecordError>;

    /// Removes the row of a task whose subject is gone.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn delete(&mut self, key: &TaskKey) -> Result<(), RecordError>;

    /// The tasks to carry out now, the longest waiting first, at most `limit`: those whose `done` is behind their
    /// generation, which are to be verified by `now`, or whose lease is past its time; neither leased at `now` nor put
    /// off beyond it.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn list_due(&mut self, now: Timestamp, limit: u16) -> Result<Vec<PendingTask>, RecordError>;

    /// The tasks whose `done` is behind their generation, the longest waiting first, at most `limit`, leased or put off
    /// or not.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
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

//! The worker of the outbox: makes the object store equal to the records, one task at a time.
//!
//! # Why an outbox
//! The records (users, buckets, policy shards) and the object store cannot change in one transaction. A use case
//! therefore writes the wanted state together with a *task*, a row of the outbox, in one transaction. After the commit a
//! worker applies the task: it reads the state that is wanted *now*, writes it to the store, and completes the task. If
//! the process dies or the store is unreachable, the task stays pending, and the reconciler of any replica runs it later.
//!
//! A task names what has to be made equal (a principal, a policy shard, a bucket), never what has to be done. Every task
//! can therefore run twice, and a later run needs no knowledge of an earlier one.
//!
//! # States of a task
//! ```text
//!                enqueue (generation + 1)
//!                         │
//!                         ▼
//!        lease       ┌─────────┐
//!   ┌────────────────│ pending │◄───────────────┐
//!   │                └─────────┘                │
//!   ▼                                           │ retry_at has passed
//! ┌────────┐  release (it failed)        ┌────────────┐
//! │ leased │────────────────────────────►│ put off    │
//! └────────┘                             │ to retry_at│
//!   │   │                                └────────────┘
//!   │   └── the lease expires ──► pending for any worker, and marked to be verified
//!   │
//!   └────── complete ──► done ── enqueue ──► pending
//! ```
//! - **Generation**: the number of times the task was enqueued. `done` is the last generation that the store is known to
//!   have; the task is pending while `done < generation`. A row only grows in generation and is deleted only together
//!   with its subject, so a worker can wait for "done with my generation".
//! - **Lease**: the right of one worker to run the task until a moment, identified by a token. It outlasts all calls to
//!   the store that one run makes. Only the token's holder can complete or release the task.
//! - **Verification**: a worker that lost its lease may still be writing to the store, and its write may arrive after
//!   that of the worker which took over. A takeover therefore marks the task to run once more, `verify_after` later.
//!   The late worker itself notices on completion ([`Run::LeaseLost`]) and enqueues the task again. If it wrote to a
//!   bucket that is deleted by then, it requeues the bucket that has the name now.
//!
//! # Order of locks
//! Transactions lock rows in this order, so that two of them never wait for each other:
//! 1. users
//! 2. buckets
//! 3. policy shards
//! 4. the outbox
//!
//! A worker that completes a task and writes to the records reads the record first for this reason, although it only
//! needs it afterwards.
//!
//! # Which function when
//! | function | for | waits for other workers |
//! |---|---|---|
//! | [`enqueue`] | the transaction of a use case: adds the task and leases it if it is free | no |
//! | [`apply_and_wait`] | after that commit: the caller needs the task done before it answers | up to `wait_timeout` |
//! | [`apply_if_pending`] | a task that somebody else enqueued and that this caller depends on | up to `wait_timeout` |
//! | [`run_due`] | the reconciler: one attempt at a task that is due | no, it skips a leased task |
//! | [`complete`] | the end of a run that also writes to the records, in that transaction | |
//! | [`complete_in_own_transaction`] | the end of a run that writes nothing else | |
//!
//! Several requests of one process that wait for the same task take turns ([`progress`](super::progress)): one polls the
//! database and runs the task, the others hear of its end.

mod bucket;
pub(super) mod principal;
mod shard;

use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Either, select};

use super::fault::Fault;
use super::retry::retrying;
use crate::context::{Ports, Settings};
use crate::domain::{Bucket, BucketRecord};
use crate::ports::{Lease, LeaseRequest, RecordError, TaskKey, Transaction};

/// How often a waiting request polls the task when no worker of this process wakes it.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How long a failed task waits for its first retry. The wait doubles with each further failure.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// After how many failures the wait stops growing: at about a minute.
const RETRIES: u32 = 6;

/// A task that was written to the outbox, in a transaction that is committed by now.
#[derive(Debug)]
pub(super) struct EnqueuedTask {
    key: TaskKey,
    generation: i64,
    lease: Option<Lease>,
    bucket: Option<BucketRecord>,
}

impl EnqueuedTask {
    /// Adds the bucket as the transaction left it, so that the worker need not read it again.
    pub(super) fn with_bucket(self, bucket: BucketRecord) -> Self {
        Self { bucket: Some(bucket), ..self }
    }
}

/// The worker that applied a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CompletedBy {
    /// This call, including the follow-up tasks unless the outcome says otherwise.
    ThisWorker(TaskOutcome),
    /// Another worker, which may still be applying the follow-up tasks.
    OtherWorker,
}

/// The result of a task that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TaskOutcome {
    /// The store has the state that was wanted when the lease was taken, or refused it and the records say so now.
    Applied,
    /// The store has the wanted state, and a follow-up task was enqueued that is still pending.
    FollowUpPending,
    /// The bucket was created, and its owner has access to it.
    BucketCreated(Bucket),
    /// The bucket was deleted, also from the policies, and its name is available again.
    NameReleased,
}

/// What became of one run of a leased task.
enum Run {
    /// The worker still held the lease when it completed the task.
    Completed(TaskOutcome),
    /// Another worker took the lease over: whether the store has the wanted state is for that worker to say.
    LeaseLost,
}

impl Run {
    /// [`Run::Completed`] when the lease was still held.
    fn completed_if(held: bool, outcome: TaskOutcome) -> Self {
        if held { Self::Completed(outcome) } else { Self::LeaseLost }
    }

    /// [`TaskOutcome::Applied`] when the lease was still held.
    fn applied_if(held: bool) -> Self {
        Self::completed_if(held, TaskOutcome::Applied)
    }
}

/// Enqueues a task in this transaction, and leases it unless another worker holds the lease.
pub(super) async fn enqueue(
    ports: &Ports,
    transaction: &mut dyn Transaction,
    key: TaskKey,
) -> Result<EnqueuedTask, RecordError> {
    let (generation, lease) = transaction.outbox().enqueue_and_lease(&key, lease_request(ports)).await?;
    Ok(EnqueuedTask { key, generation, lease, bucket: None })
}

/// Applies an enqueued task, or waits until another worker has applied it.
///
/// # Errors
/// [`Fault`]; the task stays in the outbox, where the reconciler retries it. [`Fault::Pending`] when another worker
/// took longer than a request waits.
pub(super) async fn apply_and_wait(ports: &Ports, task: EnqueuedTask) -> Result<CompletedBy, Fault> {
    let EnqueuedTask { key, generation, lease, bucket } = task;
    if let Some(lease) = lease {
        // The lease was taken after the change was written, in the same transaction: `bucket` includes the change.
        if let Run::Completed(outcome) = run_leased(ports, &lease, bucket).await? {
            return Ok(CompletedBy::ThisWorker(outcome));
        }
    }
    let wait_timeout = ports.settings.wait_timeout;
    let deadline = ports.clock.now().after(wait_timeout);
    let waiter = ports.progress.wait_for(&key);
    let Either::Left((_turn, _)) = select(waiter.turn.lock(), ports.clock.sleep(wait_timeout)).await else {
        return Err(Fault::Pending);
    };
    loop {
        if waiter.is_done(generation) {
            return Ok(CompletedBy::OtherWorker);
        }
        let listener = waiter.listen();
        match retrying(ports, || poll(ports, &key, generation)).await? {
            Poll::Done => return Ok(CompletedBy::OtherWorker),
            Poll::Leased(lease) => {
                if let Run::Completed(outcome) = run_leased(ports, &lease, None).await? {
                    return Ok(CompletedBy::ThisWorker(outcome));
                }
            }
            Poll::HeldElsewhere => {
                if ports.clock.now() >= deadline {
                    return Err(Fault::Pending);
                }
                select(listener, ports.clock.sleep(POLL_INTERVAL)).await;
            }
        }
    }
}

/// The state in which a waiting worker finds a task.
enum Poll {
    /// The store has the wanted generation.
    Done,
    /// Nobody held the lease; this worker holds it now.
    Leased(Lease),
    /// Another worker holds the lease.
    HeldElsewhere,
}

async fn poll(ports: &Ports, key: &TaskKey, generation: i64) -> Result<Poll, RecordError> {
    if let Some(lease) = ports.unit_of_work.lease_behind(generation, key, lease_request(ports)).await? {
        return Ok(Poll::Leased(lease));
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    let state = transaction.outbox().find(key).await?;
    transaction.commit().await?;
    Ok(if state.is_none_or(|state| state.done >= generation) { Poll::Done } else { Poll::HeldElsewhere })
}

/// Applies a task of the outbox if it is pending, or waits until another worker has applied it.
///
/// # Errors
/// As [`apply_and_wait`].
pub(super) async fn apply_if_pending(ports: &Ports, key: TaskKey) -> Result<(), Fault> {
    let state = retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        let state = transaction.outbox().find(&key).await?;
        transaction.commit().await?;
        Ok::<_, RecordError>(state)
    });
    match state.await? {
        Some(state) if state.done < state.generation => {
            let task = EnqueuedTask { key, generation: state.generation, lease: None, bucket: None };
            apply_and_wait(ports, task).await.map(drop)
        }
        _ => Ok(()),
    }
}

/// Runs a task that is due (pending, or to be verified) once, unless another worker holds its lease.
pub(super) async fn run_due(ports: &Ports, key: &TaskKey) -> Result<(), Fault> {
    let lease = retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        let lease = transaction.outbox().lease(key, lease_request(ports)).await?;
        transaction.commit().await?;
        Ok::<_, RecordError>(lease)
    });
    match lease.await? {
        Some(lease) => run_leased(ports, &lease, None).await.map(drop),
        None => Ok(()),
    }
}

fn lease_request(ports: &Ports) -> LeaseRequest {
    let Settings { lease_duration, verify_after, .. } = *ports.settings;
    LeaseRequest { token: ports.ids.lease_token(), now: ports.clock.now(), lease_duration, verify_after }
}

/// Runs a leased task, and releases the lease if it fails. `bucket` is the task's bucket as it was when the lease was
/// taken, if that is known.
#[tracing::instrument(level = "debug", name = "task", skip_all, fields(task.key = %lease.key, task.generation = lease.generation))]
async fn run_leased(ports: &Ports, lease: &Lease, mut bucket: Option<BucketRecord>) -> Result<Run, Fault> {
    // Only the first attempt takes `bucket`: a later one must read it again, because an earlier one may have changed it.
    let run = retrying(ports, || dispatch(ports, lease, bucket.take())).await;
    if let Err(fault) = &run {
        release_lease(ports, lease, fault).await;
    }
    let done = matches!(run, Ok(Run::Completed(_))).then_some(lease.generation);
    ports.progress.announce(&lease.key, done);
    run
}

/// Boxed, because a bucket's task applies the tasks of its shards.
fn dispatch<'a>(ports: &'a Ports, lease: &'a Lease, bucket: Option<BucketRecord>) -> BoxFuture<'a, Result<Run, Fault>> {
    async move {
        match &lease.key {
            TaskKey::Bucket(id) => bucket::run(ports, lease, *id, bucket).await,
            TaskKey::Shard(grant, number) => shard::run(ports, lease, grant, *number).await,
            TaskKey::Principal(id) => principal::run(ports, lease, *id).await,
        }
    }
    .boxed()
}

/// Releases the lease of a task that failed, to be retried after a wait that grows with the number of failures.
async fn release_lease(ports: &Ports, lease: &Lease, fault: &Fault) {
    let attempts = i64::from(RETRIES).min(lease.attempts.into());
    let wait = FIRST_RETRY.saturating_mul(1 << attempts.clamp(0, i64::from(RETRIES)));
    let (key, error) = (&lease.key, describe(fault));
    let released = async {
        let mut transaction = ports.unit_of_work.begin().await?;
        transaction.outbox().release(lease, &error, ports.clock.now().after(wait)).await?;
        transaction.commit().await
    };
    match released.await {
        Ok(()) => {
            let retry_in_ms = wait.as_millis();
            tracing::warn!(task.key = %key, retry_in_ms, error, "task {key} failed and will be retried");
        }
        Err(records) => {
            let records = describe(&records);
            tracing::warn!(task.key = %key, error, records.error = records, "task {key} failed; its lease will expire");
        }
    }
}

/// Completes a task whose generation the store has; `false` when the lease was lost. Then the task is enqueued once
/// more, because the worker that took the lease over may have written to the store before this one did.
async fn complete(ports: &Ports, transaction: &mut dyn Transaction, lease: &Lease) -> Result<bool, RecordError> {
    let held = transaction.outbox().complete(lease).await?;
    if !held {
        let key = &lease.key;
        tracing::warn!(task.key = %key, "task {key} lost its lease while it ran and was requeued");
        transaction.outbox().enqueue(&lease.key, ports.clock.now()).await?;
    }
    Ok(held)
}

/// [`complete`] in a transaction of its own. Its commit is relaxed: if it is lost, the task only runs once more.
async fn complete_in_own_transaction(ports: &Ports, lease: &Lease) -> Result<bool, RecordError> {
    if ports.unit_of_work.complete(lease).await? {
        return Ok(true);
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    let held = complete(ports, transaction.as_mut(), lease).await?;
    transaction.commit().await?;
    Ok(held)
}

/// Whether the task was not enqueued again since its lease was taken.
async fn is_newest(transaction: &mut dyn Transaction, lease: &Lease) -> Result<bool, RecordError> {
    let state = transaction.outbox().find(&lease.key).await?;
    Ok(state.is_some_and(|state| state.generation == lease.generation))
}

/// An error with all its sources, on one line.
pub(super) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

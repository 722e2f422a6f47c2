//! Carrying out the outbox: one task at a time by whoever holds its lease, a request's worker or the reconciler.

mod bucket;
pub(super) mod principal;
mod shard;

use std::sync::Mutex;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Either, select};

use super::fault::Fault;
use super::retry::retrying;
use crate::domain::{BucketRecord, Timestamp};
use crate::ports::{Lease, Ports, RecordError, TaskKey, Transaction};

/// How often a waiting request looks again when nobody in this process wakes it.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// The first wait after a failure; it doubles up to the last.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const RETRIES: u32 = 6;

/// A change that was written into the outbox, in a transaction that is now committed.
#[derive(Debug)]
pub(super) struct Change {
    key: TaskKey,
    generation: i64,
    lease: Option<Lease>,
    seen: Option<BucketRecord>,
}

impl Change {
    /// Notes a bucket as it is when the change is committed: who carries its task out need not read it again.
    pub(super) fn of(self, bucket: BucketRecord) -> Self {
        Self { seen: Some(bucket), ..self }
    }
}

/// Who brought a change to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worker {
    /// This call, with all that follows from the task unless it says otherwise.
    This(Done),
    /// Another one, which may still be busy with what follows from the task.
    Another,
}

/// What became of a task that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// The store has what was wanted when the lease was taken, or has refused it and the records say so now.
    Settled,
    /// The store has it, and another task follows from it, which is not done yet.
    ThisButMore,
    /// A bucket was made, and its owner has access to it.
    Made,
    /// A bucket is gone, from the policies too, and its name is free.
    Freed,
}

/// What became of a leased task; `None` when the lease was lost meanwhile: whether the store has what is wanted is for
/// others to say.
type Performed = Option<Done>;

/// [`Done::Settled`] when the lease was kept.
fn settled(kept: bool) -> Performed {
    kept.then_some(Done::Settled)
}

/// Asks for a task in this transaction, and takes its lease at once where nobody else has it.
pub(super) async fn enqueue(
    ports: &Ports,
    transaction: &mut dyn Transaction,
    key: TaskKey,
) -> Result<Change, RecordError> {
    let (token, now) = (ports.ids.lease_token(), ports.clock.now());
    let settings = &ports.settings;
    let enqueued = transaction.outbox().enqueue_and_lease(&key, token, now, settings.lease, settings.verify_after);
    let (generation, lease) = enqueued.await?;
    Ok(Change { key, generation, lease, seen: None })
}

/// Carries out a change, or waits until another worker has.
///
/// # Errors
/// [`Fault`]; the task stays in the outbox and the reconciler goes on with it. [`Fault::Pending`] when another worker
/// took longer than a request waits.
pub(super) async fn carry_out(ports: &Ports, change: Change) -> Result<Worker, Fault> {
    let Change { key, generation, lease, seen } = change;
    if let Some(lease) = lease {
        // A lease is taken after the change was written down: what it saw holds the change.
        if let Some(done) = perform(ports, &lease, seen).await? {
            return Ok(Worker::This(done));
        }
    }
    let deadline = ports.clock.now().after(ports.settings.patience);
    let waiter = ports.progress.wait_for(&key);
    let Either::Left((_turn, _)) = select(waiter.turn.lock(), ports.clock.sleep(ports.settings.patience)).await else {
        return Err(Fault::Pending);
    };
    loop {
        if waiter.is_done(generation) {
            return Ok(Worker::Another);
        }
        let listener = waiter.listen();
        match retrying(ports, || look(ports, &key, generation)).await? {
            Seen::Done => return Ok(Worker::Another),
            Seen::Free(lease) => {
                if let Some(done) = perform(ports, &lease, None).await? {
                    return Ok(Worker::This(done));
                }
            }
            Seen::Held => {
                if ports.clock.now() >= deadline {
                    return Err(Fault::Pending);
                }
                select(listener, ports.clock.sleep(LOOK_AGAIN)).await;
            }
        }
    }
}

/// How a worker finds a task.
enum Seen {
    /// The store has what was wanted.
    Done,
    /// It was nobody's, and is this worker's now.
    Free(Lease),
    /// Another worker has it.
    Held,
}

async fn look(ports: &Ports, key: &TaskKey, generation: i64) -> Result<Seen, RecordError> {
    let (token, now, settings) = (ports.ids.lease_token(), ports.clock.now(), &ports.settings);
    let lease = ports.unit_of_work.lease_behind(generation, key, token, now, settings.lease, settings.verify_after);
    if let Some(lease) = lease.await? {
        return Ok(Seen::Free(lease));
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    let state = transaction.outbox().find(key).await?;
    transaction.commit().await?;
    Ok(if state.is_none_or(|state| state.done >= generation) { Seen::Done } else { Seen::Held })
}

/// Carries out whatever is wanted of a task now; nothing where it is done.
///
/// # Errors
/// As [`carry_out`].
pub(super) async fn settle(ports: &Ports, key: TaskKey) -> Result<(), Fault> {
    let state = retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        let state = transaction.outbox().find(&key).await?;
        transaction.commit().await?;
        Ok::<_, RecordError>(state)
    });
    match state.await? {
        Some(state) if state.done < state.generation => {
            let change = Change { key, generation: state.generation, lease: None, seen: None };
            carry_out(ports, change).await.map(drop)
        }
        _ => Ok(()),
    }
}

/// Carries out a task that is due, pending or to be verified, unless another worker has it.
pub(super) async fn attempt(ports: &Ports, key: &TaskKey) -> Result<(), Fault> {
    let lease = retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        let lease = take_lease(ports, transaction.as_mut(), key).await?;
        transaction.commit().await?;
        Ok::<_, RecordError>(lease)
    });
    match lease.await? {
        Some(lease) => perform(ports, &lease, None).await.map(drop),
        None => Ok(()),
    }
}

async fn take_lease(
    ports: &Ports,
    transaction: &mut dyn Transaction,
    key: &TaskKey,
) -> Result<Option<Lease>, RecordError> {
    let (token, now) = (ports.ids.lease_token(), ports.clock.now());
    let settings = &ports.settings;
    transaction.outbox().lease(key, token, now, settings.lease, settings.verify_after).await
}

/// Does a leased task once, and gives the lease back whatever comes of it. `seen` is its bucket as it was when the lease
/// was taken, if that is known.
async fn perform(ports: &Ports, lease: &Lease, seen: Option<BucketRecord>) -> Result<Performed, Fault> {
    // Every task can be done twice; what was seen counts for the first time only.
    let seen = Mutex::new(seen);
    let first = || seen.lock().ok().and_then(|mut seen| seen.take());
    let outcome = retrying(ports, || dispatch(ports, lease, first())).await;
    if let Err(fault) = &outcome {
        give_back(ports, lease, fault).await;
    }
    let done = matches!(outcome, Ok(Some(_))).then_some(lease.generation);
    ports.progress.announce(&lease.key, done);
    outcome
}

/// Boxed, because a bucket's task carries out its shards' tasks.
fn dispatch<'a>(
    ports: &'a Ports,
    lease: &'a Lease,
    seen: Option<BucketRecord>,
) -> BoxFuture<'a, Result<Performed, Fault>> {
    async move {
        match &lease.key {
            TaskKey::Bucket(id) => bucket::perform(ports, lease, *id, seen).await,
            TaskKey::Shard(grant, number) => shard::perform(ports, lease, grant, *number).await,
            TaskKey::Principal(id) => principal::perform(ports, lease, *id).await,
        }
    }
    .boxed()
}

async fn give_back(ports: &Ports, lease: &Lease, fault: &Fault) {
    let released = async {
        let mut transaction = ports.unit_of_work.begin().await?;
        let attempts = i64::from(RETRIES).min(lease.attempts.into());
        let wait = FIRST_RETRY.saturating_mul(1 << attempts.clamp(0, i64::from(RETRIES)));
        let retry_at: Timestamp = ports.clock.now().after(wait);
        let known = transaction.outbox().release(lease, &describe(fault), retry_at).await?;
        transaction.commit().await?;
        Ok::<_, RecordError>(known)
    };
    match released.await {
        Ok(_) => tracing::warn!(task = %lease.key, error = describe(fault), "a task failed and will be tried again"),
        Err(error) => tracing::warn!(
            task = %lease.key, error = describe(fault), records = describe(&error),
            "a task failed; its lease runs out by itself",
        ),
    }
}

/// Ends a lease whose generation the store has. A lease that was lost meanwhile is no success: whoever has it now may
/// have written before this worker did, so the task is asked for once more.
async fn complete(ports: &Ports, transaction: &mut dyn Transaction, lease: &Lease) -> Result<bool, RecordError> {
    let kept = transaction.outbox().complete(lease).await?;
    if !kept {
        tracing::warn!(task = %lease.key, "a lease was lost while its task was carried out; it is carried out again");
        transaction.outbox().enqueue(&lease.key, ports.clock.now()).await?;
    }
    Ok(kept)
}

/// As [`complete`], in a transaction of its own: lost, the task would be carried out once more.
async fn end(ports: &Ports, lease: &Lease) -> Result<bool, RecordError> {
    if ports.unit_of_work.complete(lease).await? {
        return Ok(true);
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    let kept = complete(ports, transaction.as_mut(), lease).await?;
    transaction.commit().await?;
    Ok(kept)
}

/// Whether nothing more was asked of a task since its lease was taken.
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

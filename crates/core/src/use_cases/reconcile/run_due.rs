use futures::stream::{self, StreamExt as _};

use crate::context::Ports;
use crate::use_cases::fault::Fault;
use crate::use_cases::task;

/// The result of one pass of the reconciler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Tasks that were applied, or that another worker had leased in the meantime.
    pub done: usize,
    /// Tasks that failed and will be retried.
    pub failed: usize,
}

/// Number of tasks that one query returns.
const BATCH: u16 = 100;
/// Number of tasks that run concurrently.
const CONCURRENCY: usize = 4;

/// Runs every task of the outbox that is due: those that a process that died, or a store that was unreachable, has left.
///
/// # Errors
/// [`Fault::Records`] if the outbox cannot be read. A task that fails is counted, and retried later.
#[tracing::instrument(level = "debug", name = "reconcile", skip_all)]
pub async fn run_due(ports: &Ports) -> Result<Pass, Fault> {
    delete_expired_names(ports).await?;
    let mut pass = Pass::default();
    loop {
        let mut transaction = ports.unit_of_work.begin().await?;
        let due = transaction.outbox().list_due(ports.clock.now(), BATCH).await?;
        transaction.commit().await?;
        let last = due.len() < usize::from(BATCH);
        let runs = stream::iter(due).map(|due| async move { task::run_due(ports, &due.key).await });
        let outcomes: Vec<_> = runs.buffer_unordered(CONCURRENCY).collect().await;
        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        pass.failed += failed;
        pass.done += outcomes.len() - failed;
        if last {
            return Ok(pass);
        }
    }
}

/// Deletes the reservations of names that have expired. They restrict nobody; only their rows are left.
async fn delete_expired_names(ports: &Ports) -> Result<(), Fault> {
    loop {
        let mut transaction = ports.unit_of_work.begin().await?;
        let deleted = transaction.released_names().delete_expired(ports.clock.now(), BATCH).await?;
        transaction.commit_relaxed().await?;
        if deleted < u64::from(BATCH) {
            return Ok(());
        }
    }
}

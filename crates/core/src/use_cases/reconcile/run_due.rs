use futures::stream::{self, StreamExt as _};

use crate::context::Ports;
use crate::use_cases::fault::Fault;
use crate::use_cases::task;

/// What one pass of the reconciler did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Tasks that were carried out, or that another worker had meanwhile.
    pub done: usize,
    /// Tasks that failed and will be tried again.
    pub failed: usize,
}

/// How many tasks one read brings.
const BATCH: u16 = 100;
/// How many are carried out at a time.
const AT_ONCE: usize = 4;

/// Carries out every task of the outbox that is due: what a process that died, or a store that was away, has left.
///
/// # Errors
/// [`Fault::Records`] when the outbox cannot be read. A task that fails is put off, noted and counted.
pub async fn run_due(ports: &Ports) -> Result<Pass, Fault> {
    let mut pass = Pass::default();
    loop {
        let mut transaction = ports.unit_of_work.begin().await?;
        let due = transaction.outbox().list_due(ports.clock.now(), BATCH).await?;
        transaction.commit().await?;
        let last = due.len() < usize::from(BATCH);
        let runs = stream::iter(due).map(|due| async move { task::run_due(ports, &due.key).await });
        let outcomes: Vec<_> = runs.buffer_unordered(AT_ONCE).collect().await;
        let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        pass.failed += failed;
        pass.done += outcomes.len() - failed;
        if last {
            return Ok(pass);
        }
    }
}

//! A second writer, who has to wait or to give way while the first one keeps a row.

#![expect(clippy::unwrap_used, clippy::panic, reason = "this is for tests")]

use std::time::Duration;

use futures::future::BoxFuture;
use storage_hub_core::ports::{RecordError, Transaction};
use tokio::task::JoinHandle;

use crate::records::Records;

/// How long a second writer is given to show that nobody keeps it from writing. One that is kept out is not waited for.
const CHANCE: Duration = Duration::from_millis(300);

/// A writer that has begun while the first one has not ended.
pub(crate) struct SecondWriter(JoinHandle<Result<(), RecordError>>);

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Second {
    /// It waited, and wrote then.
    Wrote,
    /// It was refused.
    GaveWay,
}

/// Starts a transaction that is to be kept from what the first one has found.
///
/// # Panics
/// When it is committed before the first one has ended.
pub(crate) async fn second_writer(
    records: &Records,
    work: impl for<'a> Fn(&'a mut dyn Transaction) -> BoxFuture<'a, Result<(), RecordError>> + Send + Sync + 'static,
) -> SecondWriter {
    let records = records.clone();
    let mut running = tokio::spawn(async move { records.try_write(work).await });
    match tokio::time::timeout(CHANCE, &mut running).await {
        Err(_) => SecondWriter(running),
        Ok(ended) => {
            let ended = ended.unwrap();
            assert!(ended.is_err(), "the second writer wrote what the first one keeps");
            SecondWriter(tokio::spawn(async { ended }))
        }
    }
}

impl SecondWriter {
    /// Waits for its end, once the first one has ended.
    pub(crate) async fn end(self) -> Second {
        match self.0.await.unwrap() {
            Ok(()) => Second::Wrote,
            Err(RecordError::Conflict(_) | RecordError::Unavailable(_)) => Second::GaveWay,
            Err(error) => panic!("the second writer got {error:?}"),
        }
    }
}

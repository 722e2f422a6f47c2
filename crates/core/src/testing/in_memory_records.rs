use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use futures::channel::oneshot;
use futures::future::{Either, select};
use futures::lock::{Mutex as WriterLock, OwnedMutexGuard};

use crate::ports::{RecordError, Transaction, UnitOfWork};

mod bucket_repository;
mod directory;
mod installation_repository;
mod outbox;
mod released_name_repository;
mod shard_repository;
mod store_probe_repository;
mod tables;
mod transaction;
mod user_repository;

use tables::Tables;
use transaction::InMemoryTransaction;

/// The records in memory. One transaction writes at a time, to a copy that replaces the original on commit.
///
/// Clones share the same records.
#[derive(Clone, Default)]
pub struct InMemoryRecords {
    committed: Arc<Mutex<Arc<Tables>>>,
    writer: Arc<WriterLock<()>>,
}

impl InMemoryRecords {
    /// How long `begin` waits for the previous transaction.
    const PATIENCE: Duration = Duration::from_secs(3);

    /// Records without a row.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn read(&self) -> Arc<Tables> {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, tables: Tables) {
        *self.committed.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(tables);
    }

    async fn become_writer(&self) -> Result<OwnedMutexGuard<()>, RecordError> {
        if let Some(writer) = self.writer.try_lock_owned() {
            return Ok(writer);
        }
        // Core has no runtime with a timer: a thread waits, and ends when it is no longer needed.
        let (expired, timer) = oneshot::channel();
        let (_needed, until_dropped) = mpsc::channel::<()>();
        thread::spawn(move || {
            if until_dropped.recv_timeout(Self::PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
                let _ = expired.send(());
            }
        });
        match select(self.writer.clone().lock_owned(), timer).await {
            Either::Left((writer, _)) => Ok(writer),
            Either::Right(_) => Err(RecordError::Unavailable("another writer does not end".into())),
        }
    }
}

#[async_trait]
impl UnitOfWork for InMemoryRecords {
    async fn begin(&self) -> Result<Box<dyn Transaction>, RecordError> {
        let writer = self.become_writer().await?;
        let tables = Tables::clone(&self.read());
        Ok(Box::new(InMemoryTransaction::new(self.clone(), tables, writer)))
    }
}

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use storage_hub_core::ports::RecordError;

use crate::connection::{Connection, Connector};

/// A few connections that all reads of one statement share.
///
/// A connection carries the statements of many callers one after the other without waiting for an answer in between,
/// so that under load one system call sends or receives several. Nothing that takes long, waits for a lock or spans
/// statements may go here: it would keep all that are behind it.
pub(crate) struct ReadLanes {
    lanes: Box<[Lane]>,
    turn: AtomicUsize,
}

#[derive(Default)]
pub(crate) struct Lane {
    connection: Mutex<Option<Arc<Connection>>>,
    /// Held by whoever makes the connection, so that one is made and not one for each who waits.
    connecting: tokio::sync::Mutex<()>,
}

impl ReadLanes {
    const MOST: usize = 4;

    /// Some of so many connections; of one alone, none.
    pub(crate) fn of(pool_size: NonZeroUsize) -> Self {
        let lanes = Self::MOST.min(pool_size.get() / 2);
        Self { lanes: (0..lanes).map(|_| Lane::default()).collect(), turn: AtomicUsize::new(0) }
    }

    pub(crate) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// How many are connected.
    pub(crate) fn open(&self) -> usize {
        self.lanes.iter().filter(|lane| lane.current().is_some()).count()
    }

    /// The next lane; `None` where there are none.
    pub(crate) fn next(&self) -> Option<&Lane> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(self.lanes.len())?;
        self.lanes.get(turn)
    }
}

impl Lane {
    /// Its connection, which is made where there is none.
    pub(crate) async fn connection(&self, connector: &Connector) -> Result<Arc<Connection>, RecordError> {
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        let _connecting = self.connecting.lock().await;
        if let Some(connection) = self.current() {
            return Ok(connection);
        }
        let made = Arc::new(connector.connect().await?);
        *self.lock() = Some(made.clone());
        Ok(made)
    }

    /// Has the next one make another connection than this, which does not answer.
    pub(crate) fn discard(&self, connection: &Arc<Connection>) {
        self.lock().take_if(|current| Arc::ptr_eq(current, connection));
    }

    fn current(&self) -> Option<Arc<Connection>> {
        self.lock().as_ref().filter(|connection| !connection.is_closed()).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Connection>>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

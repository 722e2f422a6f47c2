//! Read lanes: connections that are shared by all reads of one statement, by pipelining.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use storage_hub_core::ports::RecordError;

use crate::connection::{Connection, Connector};

/// The shared connections.
///
/// Each carries the statements of many callers one after the other, without waiting for answers in between, so that
/// under load one system call sends or receives several. A statement that takes long, waits for a lock, or belongs to
/// a transaction must not use them, because it would delay all statements behind it.
pub(crate) struct ReadLanes {
    lanes: Box<[Lane]>,
    turn: AtomicUsize,
}

#[derive(Default)]
pub(crate) struct Lane {
    connection: Mutex<Option<Arc<Connection>>>,
    /// Held while a connection is opened, so that one is opened and not one per waiting caller.
    connecting: tokio::sync::Mutex<()>,
}

impl ReadLanes {
    const MOST: usize = 4;

    /// Takes a share of this number of connections; none of a single one.
    pub(crate) fn of(pool_size: NonZeroUsize) -> Self {
        let lanes = Self::MOST.min(pool_size.get() / 2);
        Self { lanes: (0..lanes).map(|_| Lane::default()).collect(), turn: AtomicUsize::new(0) }
    }

    pub(crate) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// The number of open connections.
    pub(crate) fn open(&self) -> usize {
        self.lanes.iter().filter(|lane| lane.current().is_some()).count()
    }

    /// The next lane, round robin; `None` when there are none.
    pub(crate) fn next(&self) -> Option<&Lane> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(self.lanes.len())?;
        self.lanes.get(turn)
    }
}

impl Lane {
    /// Returns the connection of the lane, and opens it when there is none.
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

    /// Discards this unresponsive connection, so that the next caller opens a new one.
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

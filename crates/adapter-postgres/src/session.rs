//! A pooled connection in use, and how its statements are bounded in time.

use std::future::Future;

use deadpool::managed::Object;
use diesel::QueryResult;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::AsyncPgConnection;
use storage_hub_core::ports::RecordError;
use tokio::time::timeout;

use crate::PgOptions;
use crate::connection::{Connection, Connector};
use crate::error::{record_error, too_long, unreadable};

/// A connection taken from the pool. `release` returns it. Dropping closes it, because a statement may still be
/// running on it.
pub(crate) struct Session(Option<Object<Connector>>);

impl Session {
    pub(crate) const fn new(object: Object<Connector>) -> Self {
        Self(Some(object))
    }

    /// The connection to run statements on.
    pub(crate) fn statements(&self) -> Result<&AsyncPgConnection, RecordError> {
        let connection: &Connection = self.0.as_ref().ok_or_else(|| unreadable("the connection was released"))?;
        Ok(&connection.statements)
    }

    /// Returns the connection to the pool. No transaction may be open and no statement running.
    pub(crate) fn release(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

/// Whether the connection was closed before the statement could take effect, as all pooled connections are after a
/// restart of the database.
pub(crate) fn is_lost(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection, _) => true,
        Error::DatabaseError(_, information) => information.message().starts_with("terminating connection"),
        _ => false,
    }
}

/// The state of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing was sent yet.
    Fresh,
    /// Every statement has succeeded.
    Good,
    /// A statement is running or was abandoned, so the state on the server is unknown.
    Running,
    /// A statement has failed, and the whole transaction with it.
    Failed,
}

/// Runs a statement of a transaction within the maximum duration of a call, and tracks how it ended.
pub(crate) async fn bounded<T>(
    progress: &mut Progress,
    statement: impl Future<Output = QueryResult<T>>,
) -> Result<T, RecordError> {
    let before = std::mem::replace(progress, Progress::Running);
    let result = timeout(PgOptions::CALL, statement).await.map_err(too_long)?;
    *progress = if result.is_ok() { before } else { Progress::Failed };
    result.map_err(record_error)
}

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

/// A connection that was taken from the pool. It goes back when it is released; dropped otherwise it is closed, because
/// nobody knows what still runs on it.
pub(crate) struct Session(Option<Object<Connector>>);

impl Session {
    pub(crate) const fn new(object: Object<Connector>) -> Self {
        Self(Some(object))
    }

    /// What statements are run on.
    pub(crate) fn statements(&self) -> Result<&AsyncPgConnection, RecordError> {
        let connection: &Connection = self.0.as_ref().ok_or_else(|| unreadable("the connection was given back"))?;
        Ok(&connection.statements)
    }

    /// Gives the connection back, with no transaction open and no statement running.
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

/// Whether the connection was gone before the statement could do anything, as it is with all connections of the pool
/// after the database was restarted.
pub(crate) fn is_lost(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection, _) => true,
        Error::DatabaseError(_, information) => information.message().starts_with("terminating connection"),
        _ => false,
    }
}

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing was sent yet.
    Fresh,
    /// Every statement has succeeded.
    Good,
    /// A statement runs, or was given up: nobody knows what the server does.
    Running,
    /// A statement has failed, and all of it with that.
    Failed,
}

/// Runs a statement of a transaction within the time that any call may take, and notes how it ended.
pub(crate) async fn bounded<T>(
    progress: &mut Progress,
    statement: impl Future<Output = QueryResult<T>>,
) -> Result<T, RecordError> {
    let before = std::mem::replace(progress, Progress::Running);
    let result = timeout(PgOptions::CALL, statement).await.map_err(too_long)?;
    *progress = if result.is_ok() { before } else { Progress::Failed };
    result.map_err(record_error)
}

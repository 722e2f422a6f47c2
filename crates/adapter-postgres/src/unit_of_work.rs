use async_trait::async_trait;
use diesel_async::methods::{ExecuteDsl, LoadQuery};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use storage_hub_core::ports::{
    BucketRepository, Outbox, RecordError, ShardRepository, Transaction, UnitOfWork, UserRepository,
};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::error::unreadable;
use crate::session::{Progress, Session, bounded};
use crate::{PgOptions, PgRecords};

#[async_trait]
impl UnitOfWork for PgRecords {
    async fn begin(&self) -> Result<Box<dyn Transaction>, RecordError> {
        let session = Some(self.begin_session().await?);
        let runtime = self.connector.runtime.clone();
        Ok(Box::new(PgTransaction { session, progress: Progress::Good, runtime }))
    }
}

/// A transaction at READ COMMITTED: what is found is locked, so that nothing that was read changes until the end.
pub(crate) struct PgTransaction {
    session: Option<Session>,
    progress: Progress,
    runtime: Handle,
}

impl PgTransaction {
    fn parts(&mut self) -> Result<(&mut AsyncPgConnection, &mut Progress), RecordError> {
        if self.progress == Progress::Running {
            // The answer that would come is the one to the statement that was given up.
            return Err(unreadable("a statement of this transaction was given up: it is rolled back"));
        }
        let session = self.session.as_mut().ok_or_else(|| unreadable("the transaction has ended"))?;
        Ok((session.statements()?, &mut self.progress))
    }

    /// The rows of a statement.
    pub(crate) async fn load<'q, S, R>(&mut self, statement: S) -> Result<Vec<R>, RecordError>
    where
        S: Send + LoadQuery<'q, AsyncPgConnection, R> + 'q,
        R: Send + 'static,
    {
        let (connection, progress) = self.parts()?;
        bounded(progress, statement.load(connection)).await
    }

    /// The row of a statement that gives one at most.
    pub(crate) async fn load_one<'q, S, R>(&mut self, statement: S) -> Result<Option<R>, RecordError>
    where
        S: Send + LoadQuery<'q, AsyncPgConnection, R> + 'q,
        R: Send + 'static,
    {
        Ok(self.load(statement).await?.pop())
    }

    /// How many rows a statement has changed.
    pub(crate) async fn execute<'q, S>(&mut self, statement: S) -> Result<usize, RecordError>
    where
        S: Send + ExecuteDsl<AsyncPgConnection> + 'q,
    {
        let (connection, progress) = self.parts()?;
        bounded(progress, statement.execute(connection)).await
    }

    /// As [`execute`](Self::execute), for a statement that is to change one row.
    pub(crate) async fn execute_one<'q, S>(&mut self, statement: S) -> Result<(), RecordError>
    where
        S: Send + ExecuteDsl<AsyncPgConnection> + 'q,
    {
        if self.execute(statement).await? == 0 { Err(RecordError::NotFound) } else { Ok(()) }
    }
}

#[async_trait]
impl Transaction for PgTransaction {
    fn users(&mut self) -> &mut dyn UserRepository {
        self
    }

    fn buckets(&mut self) -> &mut dyn BucketRepository {
        self
    }

    fn shards(&mut self) -> &mut dyn ShardRepository {
        self
    }

    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }

    async fn commit(mut self: Box<Self>) -> Result<(), RecordError> {
        // The server answers the commit of a transaction that has failed with success, and rolls it back.
        if self.progress != Progress::Good {
            return Err(unreadable("a statement of this transaction failed: it is rolled back"));
        }
        let (connection, progress) = self.parts()?;
        bounded(progress, connection.batch_execute("COMMIT")).await?;
        if let Some(session) = self.session.take() {
            session.release();
        }
        Ok(())
    }
}

impl Drop for PgTransaction {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        // On a connection that may be busy a rollback would wait: it is closed, and the server does the same.
        if self.progress != Progress::Running {
            self.runtime.spawn(roll_back(session));
        }
    }
}

/// Ends a transaction and gives its connection back. Cut off at any point, the connection is closed.
async fn roll_back(mut session: Session) {
    let Ok(connection) = session.statements() else { return };
    if matches!(timeout(PgOptions::CALL, connection.batch_execute("ROLLBACK")).await, Ok(Ok(()))) {
        session.release();
    }
}

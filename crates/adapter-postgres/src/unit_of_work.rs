use async_trait::async_trait;
use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures::FutureExt as _;
use futures::future::{BoxFuture, join, join_all};
use storage_hub_core::ports::{
    BucketRepository, InstallationRepository, Lease, LeaseRequest, Outbox, RecordError, ShardRepository, TaskKey,
    Transaction, UnitOfWork, UserRepository,
};
use tokio::time::timeout;

use crate::error::{record_error, too_long, unreadable};
use crate::session::{Progress, Session, bounded, is_lost};
use crate::statement::{Changes, Rows, Work, statements};
use crate::{PgOptions, PgRecords};

statements! {
    // Prepared like all others: a simple query would overtake a statement that is still to be prepared.
    Commit { } -> () = "COMMIT";

    RelaxCommit { } -> () = "SET LOCAL synchronous_commit = off";
}

#[async_trait]
impl UnitOfWork for PgRecords {
    async fn begin(&self) -> Result<Box<dyn Transaction>, RecordError> {
        let session = Some(self.session().await?);
        let records = self.clone();
        Ok(Box::new(PgTransaction { records, session, progress: Progress::Fresh, later: Vec::new() }))
    }

    async fn lease_behind(
        &self,
        generation: i64,
        key: &TaskKey,
        request: LeaseRequest,
    ) -> Result<Option<Lease>, RecordError> {
        self.lease_alone(generation, key, request).await
    }

    async fn complete(&self, lease: &Lease) -> Result<bool, RecordError> {
        self.complete_alone(lease).await
    }
}

/// A transaction at READ COMMITTED: what is found is locked, so that nothing that was read changes until the end.
///
/// `BEGIN` travels with its first statement, and what gives nothing back with what comes after it: every answer that is
/// waited for costs a round trip.
pub(crate) struct PgTransaction {
    records: PgRecords,
    session: Option<Session>,
    progress: Progress,
    later: Vec<Later>,
}

/// A change that goes with the next statement, or with the commit.
type Later = Box<dyn for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<usize>> + Send + Sync>;

impl PgTransaction {
    /// The rows of a statement.
    pub(crate) async fn load<S, R>(&mut self, statement: S) -> Result<Vec<R>, RecordError>
    where
        S: Rows<R>,
        R: Send + 'static,
    {
        self.run(|connection| statement.load_on(connection)).await
    }

    /// The row of a statement that gives one at most.
    pub(crate) async fn load_one<S, R>(&mut self, statement: S) -> Result<Option<R>, RecordError>
    where
        S: Rows<R>,
        R: Send + 'static,
    {
        Ok(self.load(statement).await?.pop())
    }

    /// How many rows `lock` has, and those of a statement that is carried out once it has them.
    pub(crate) async fn lock_and_load<L, S, R>(&mut self, lock: L, statement: S) -> Result<(usize, Vec<R>), RecordError>
    where
        L: Changes,
        S: Rows<R>,
        R: Send + 'static,
    {
        // Sent in this order; the server sees to the second only then, as a statement of its own.
        self.run(|connection| {
            // In this order, as in `in_order`.
            let both = join(lock.execute_on(connection), statement.load_on(connection));
            both.map(|(locked, rows)| Ok((locked?, rows?))).boxed()
        })
        .await
    }

    /// How many rows a statement has changed.
    pub(crate) async fn execute<S>(&mut self, statement: S) -> Result<usize, RecordError>
    where
        S: Changes,
    {
        self.run(|connection| statement.execute_on(connection)).await
    }

    /// Has a statement carried out with the next one: its error is that one's, or the commit's.
    pub(crate) fn execute_later<S: Changes>(&mut self, statement: S) -> Result<(), RecordError> {
        self.later.push(Box::new(move |connection| statement.execute_on(connection)));
        Ok(())
    }

    /// As [`execute`](Self::execute), for a statement that is to change one row.
    pub(crate) async fn execute_one<S>(&mut self, statement: S) -> Result<(), RecordError>
    where
        S: Changes,
    {
        if self.execute(statement).await? == 0 { Err(RecordError::NotFound) } else { Ok(()) }
    }

    /// Does work behind what was put off, in one go.
    async fn run<T: Send + 'static>(&mut self, work: impl Work<T>) -> Result<T, RecordError> {
        self.run_with(PgRecords::RETRIES, work).await
    }

    async fn run_with<T: Send + 'static>(&mut self, retries: usize, work: impl Work<T>) -> Result<T, RecordError> {
        let later = std::mem::take(&mut self.later);
        let work = behind(later, work);
        match self.progress {
            Progress::Fresh => self.begin_with(retries, work).await,
            // The answer that would come is the one to the statement that was given up.
            Progress::Running => Err(unreadable("a statement of this transaction was given up: it is rolled back")),
            Progress::Good | Progress::Failed => {
                let session = self.session.as_mut().ok_or_else(|| unreadable("the transaction has ended"))?;
                bounded(&mut self.progress, work(session.statements()?)).await
            }
        }
    }

    /// Begins and does the first work at once, on another connection where the first one turns out to be gone.
    async fn begin_with<T: Send>(&mut self, retries: usize, work: impl Work<T>) -> Result<T, RecordError> {
        self.progress = Progress::Running;
        let mut session = self.session.take().ok_or_else(|| unreadable("the transaction has ended"))?;
        let beginning = async {
            let mut lost = 0;
            loop {
                let connection = session.statements()?;
                match join(begin(connection), work(connection)).await {
                    (Ok(()), result) => return Ok((session, result)),
                    // Nothing of it lasts: what was sent behind has run in no transaction that was committed.
                    (Err(error), _) if is_lost(&error) && lost < retries => {
                        lost += 1;
                        session = self.records.session().await?;
                    }
                    (Err(error), _) => return Err(record_error(error)),
                }
            }
        };
        let (session, result) = timeout(PgOptions::CALL, beginning).await.map_err(too_long)??;
        self.session = Some(session);
        self.progress = if result.is_ok() { Progress::Good } else { Progress::Failed };
        result.map_err(record_error)
    }

    async fn end(mut self) -> Result<(), RecordError> {
        match self.progress {
            Progress::Fresh if self.later.is_empty() => {}
            // What may have been committed is not done again.
            Progress::Fresh | Progress::Good => {
                self.run_with(0, |connection| Commit {}.execute_on(connection)).await?;
            }
            // The server answers the commit of a transaction that has failed with success, and rolls it back.
            Progress::Running | Progress::Failed => {
                return Err(unreadable("a statement of this transaction failed: it is rolled back"));
            }
        }
        if let Some(session) = self.session.take() {
            session.release();
        }
        Ok(())
    }
}

async fn begin(mut connection: &AsyncPgConnection) -> QueryResult<()> {
    connection.batch_execute("BEGIN").await
}

/// Work that is sent behind changes.
fn behind<T: Send + 'static>(changes: Vec<Later>, work: impl Work<T>) -> impl Work<T> {
    work_of(move |connection| in_order(changes.iter().map(|change| change(connection)).collect(), work(connection)))
}

/// Has the compiler see that a closure takes any connection.
fn work_of<T, F: for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync>(work: F) -> F {
    work
}

/// Sends all of it in this order, and gives what the last one gives, or the first error.
fn in_order<'c, T: Send + 'c>(
    first: Vec<BoxFuture<'c, QueryResult<usize>>>,
    last: BoxFuture<'c, QueryResult<T>>,
) -> BoxFuture<'c, QueryResult<T>> {
    if first.is_empty() {
        return last;
    }
    // Polled in this order, each sends itself, once it is prepared: who prepares keeps the others from the statements of
    // the connection. The server does nothing more behind one that failed.
    let all = join(join_all(first), last);
    all.map(|(first, last)| first.into_iter().collect::<QueryResult<Vec<_>>>().and(last)).boxed()
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

    fn installation(&mut self) -> &mut dyn InstallationRepository {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), RecordError> {
        self.end().await
    }

    async fn commit_relaxed(mut self: Box<Self>) -> Result<(), RecordError> {
        if self.progress != Progress::Fresh || !self.later.is_empty() {
            self.execute_later(RelaxCommit {})?;
        }
        self.end().await
    }
}

impl Drop for PgTransaction {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        match self.progress {
            Progress::Fresh => session.release(),
            Progress::Good | Progress::Failed => {
                self.records.connector.runtime.spawn(roll_back(session));
            }
            // On a connection that may be busy a rollback would wait: it is closed, and the server does the same.
            Progress::Running => {}
        }
    }
}

/// Ends a transaction and gives its connection back. Cut off at any point, the connection is closed.
async fn roll_back(session: Session) {
    let Ok(mut connection) = session.statements() else { return };
    if matches!(timeout(PgOptions::CALL, connection.batch_execute("ROLLBACK")).await, Ok(Ok(()))) {
        session.release();
    }
}

//! Transactions, pipelined: `BEGIN` is sent with the first statement, and statements without a result with the next
//! one, because every awaited answer costs a round trip.

use async_trait::async_trait;
use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures::FutureExt as _;
use futures::future::{BoxFuture, join, join_all};
use storage_hub_core::ports::{
    BucketRepository, InstallationRepository, Lease, LeaseRequest, Outbox, RecordError, ReleasedNameRepository,
    ShardRepository, StoreProbeRepository, TaskKey, Transaction, UnitOfWork, UserRepository,
};
use tokio::time::timeout;

use crate::error::{record_error, too_long, unreadable};
use crate::session::{Progress, Session, bounded, is_lost};
use crate::statement::{Changes, Rows, Work, statements};
use crate::{PgOptions, PgRecords};

statements! {
    // Prepared like all others, because a simple query would overtake a statement that is still being prepared.
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

/// A transaction at READ COMMITTED. Rows that are found are locked, so that nothing that was read changes before the
/// end.
pub(crate) struct PgTransaction {
    records: PgRecords,
    session: Option<Session>,
    progress: Progress,
    later: Vec<Later>,
}

/// A change that is sent with the next statement or with the commit.
type Later = Box<dyn for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<usize>> + Send + Sync>;

impl PgTransaction {
    /// Runs a statement and returns its rows.
    pub(crate) async fn load<S, R>(&mut self, statement: S) -> Result<Vec<R>, RecordError>
    where
        S: Rows<R>,
        R: Send + 'static,
    {
        self.run(|connection| statement.load_on(connection)).await
    }

    /// Runs a statement that returns at most one row.
    pub(crate) async fn load_one<S, R>(&mut self, statement: S) -> Result<Option<R>, RecordError>
    where
        S: Rows<R>,
        R: Send + 'static,
    {
        Ok(self.load(statement).await?.pop())
    }

    /// Runs `lock` and then a second statement, in one round trip. Returns the number of locked rows and the rows of
    /// the second.
    pub(crate) async fn lock_and_load<L, S, R>(&mut self, lock: L, statement: S) -> Result<(usize, Vec<R>), RecordError>
    where
        L: Changes,
        S: Rows<R>,
        R: Send + 'static,
    {
        // Sent together, in this order: the server starts the second only when the first has its locks, as a statement
        // with a snapshot of its own.
        self.run(|connection| {
            // `join` polls in this order; see `in_order`.
            let both = join(lock.execute_on(connection), statement.load_on(connection));
            both.map(|(locked, rows)| Ok((locked?, rows?))).boxed()
        })
        .await
    }

    /// Returns an error that no statement gave. The transaction cannot be committed after it.
    pub(crate) fn fail(&mut self, error: RecordError) -> RecordError {
        self.progress = Progress::Failed;
        error
    }

    /// Runs a statement and returns the number of changed rows.
    pub(crate) async fn execute<S>(&mut self, statement: S) -> Result<usize, RecordError>
    where
        S: Changes,
    {
        self.run(|connection| statement.execute_on(connection)).await
    }

    /// Sends a statement with the next one. Its error becomes that of the next statement or of the commit.
    pub(crate) fn execute_later<S: Changes>(&mut self, statement: S) -> Result<(), RecordError> {
        self.later.push(Box::new(move |connection| statement.execute_on(connection)));
        Ok(())
    }

    /// Like [`execute`](Self::execute), for a statement that must change exactly one row.
    pub(crate) async fn execute_one<S>(&mut self, statement: S) -> Result<(), RecordError>
    where
        S: Changes,
    {
        if self.execute(statement).await? == 0 { Err(RecordError::NotFound) } else { Ok(()) }
    }

    /// Sends the deferred statements and then this work, in one go.
    async fn run<T: Send + 'static>(&mut self, work: impl Work<T>) -> Result<T, RecordError> {
        self.run_with(PgRecords::RETRIES, work).await
    }

    async fn run_with<T: Send + 'static>(&mut self, retries: usize, work: impl Work<T>) -> Result<T, RecordError> {
        let later = std::mem::take(&mut self.later);
        let work = behind(later, work);
        match self.progress {
            Progress::Fresh => self.begin_with(retries, work).await,
            // The next answer on the connection would be that of the abandoned statement.
            Progress::Running => Err(unreadable("a statement of this transaction was abandoned, so it is rolled back")),
            Progress::Good | Progress::Failed => {
                let session = self.session.as_mut().ok_or_else(|| unreadable("the transaction has ended"))?;
                bounded(&mut self.progress, work(session.statements()?)).await
            }
        }
    }

    /// Begins the transaction with its first work, on another connection when the first one turns out to be closed.
    async fn begin_with<T: Send>(&mut self, retries: usize, work: impl Work<T>) -> Result<T, RecordError> {
        self.progress = Progress::Running;
        let mut session = self.session.take().ok_or_else(|| unreadable("the transaction has ended"))?;
        let beginning = async {
            let mut lost = 0;
            loop {
                let connection = session.statements()?;
                match join(begin(connection), work(connection)).await {
                    (Ok(()), result) => return Ok((session, result)),
                    // Retrying is safe: what was sent before ran in no transaction that was committed.
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
            // Do not retry a commit, because it may have been committed.
            Progress::Fresh | Progress::Good => {
                self.run_with(0, |connection| Commit {}.execute_on(connection)).await?;
            }
            // The server answers COMMIT of a failed transaction with success, and rolls it back.
            Progress::Running | Progress::Failed => {
                return Err(unreadable("a statement of this transaction failed, so it is rolled back"));
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

/// Work that is sent after deferred changes.
fn behind<T: Send + 'static>(changes: Vec<Later>, work: impl Work<T>) -> impl Work<T> {
    work_of(move |connection| in_order(changes.iter().map(|change| change(connection)).collect(), work(connection)))
}

/// Lets the compiler infer that a closure accepts a connection of any lifetime.
fn work_of<T, F: for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync>(work: F) -> F {
    work
}

/// Sends all statements in this order and returns the result of the last one, or the first error.
fn in_order<'c, T: Send + 'c>(
    first: Vec<BoxFuture<'c, QueryResult<usize>>>,
    last: BoxFuture<'c, QueryResult<T>>,
) -> BoxFuture<'c, QueryResult<T>> {
    if first.is_empty() {
        return last;
    }
    // Polled in this order, each sends itself once it is prepared. A statement that is being prepared keeps the later
    // ones from the connection. After an error the server skips the rest.
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

    fn released_names(&mut self) -> &mut dyn ReleasedNameRepository {
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

    fn store_probe(&mut self) -> &mut dyn StoreProbeRepository {
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
            // A rollback on a busy connection would have to wait. Closing it makes the server roll back as well.
            Progress::Running => {}
        }
    }
}

/// Ends a transaction and releases its connection. When cancelled at any point, the connection is closed.
async fn roll_back(session: Session) {
    let Ok(mut connection) = session.statements() else { return };
    if matches!(timeout(PgOptions::CALL, connection.batch_execute("ROLLBACK")).await, Ok(Ok(()))) {
        session.release();
    }
}

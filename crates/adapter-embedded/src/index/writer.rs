//! Group commit: tasks that wait for the one writer share a transaction, and so one sync of the disk.
//!
//! Tasks are queued. Whoever finds no leader becomes the leader: a thread that takes all queued tasks (at most
//! [`TASKS_PER_COMMIT`]), runs each in a savepoint of one transaction, commits, answers them, and repeats until the queue is
//! empty. A task that fails rolls back its own savepoint only. Under no load a task is a transaction of its own.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use storage_hub_sqlite_pool::{Pool, PoolError};
use tokio::sync::oneshot;

use super::IndexError;

/// Maximum number of tasks of one transaction.
const TASKS_PER_COMMIT: usize = 128;
/// Time after which a transaction takes no further task, because those in it wait for its end.
const LONGEST_GROUP: Duration = Duration::from_millis(100);

/// Copies the write-ahead log into the file every 16 MiB instead of 4 MiB: with the bytes of small objects in the index, a few
/// groups would fill it, and each copy costs two syncs.
const CHECKPOINT: &str = "PRAGMA wal_autocheckpoint = 4000";

/// The writer of an index.
pub(super) struct Writer {
    pool: Arc<Pool>,
    queue: Arc<Mutex<Queue>>,
    patience: Duration,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Queued>,
    /// Whether a leader is running, or about to.
    has_leader: bool,
}

/// A queued task. A caller that has waited for too long takes the task out, so that it is never run.
type Queued = Arc<Mutex<Option<Box<dyn Task>>>>;

/// A task with the channel of its caller.
trait Task: Send {
    /// Runs it in a savepoint. Fails when the transaction cannot go on: SQLite rolls all of it back when the disk is full or
    /// fails.
    fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), IndexError>;
    /// Answers its caller: after the commit, or why there was none.
    fn answer(self: Box<Self>, committed: Result<(), Arc<IndexError>>);
}

struct Pending<R, F> {
    task: Option<F>,
    result: Option<Result<R, IndexError>>,
    caller: oneshot::Sender<Result<R, IndexError>>,
}

impl<R: Send, F> Task for Pending<R, F>
where
    F: FnOnce(&mut SqliteConnection) -> Result<R, IndexError> + Send,
{
    fn run(&mut self, connection: &mut SqliteConnection) -> Result<(), IndexError> {
        self.result = self.task.take().map(|task| connection.transaction(task));
        let cause = "another change of the same transaction failed";
        match self.result {
            Some(Err(IndexError::Full(_))) => Err(IndexError::Full(cause.into())),
            Some(Err(IndexError::Disk(_))) => Err(IndexError::Disk(cause.into())),
            _ => Ok(()),
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), Arc<IndexError>>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(IndexError::Failed("the task was not run".into())),
            // Its own error says more than that of the group.
            (Err(_), Some(Err(error))) => Err(error),
            (Err(error), _) => Err(copy(&error)),
        };
        // The caller may have gone; the change is made all the same.
        let _ = self.caller.send(result);
    }
}

impl Writer {
    /// A writer on a pool of one connection, whose callers wait for at most `patience` until their task is begun.
    pub(super) fn new(pool: Pool, patience: Duration) -> Self {
        Self { pool: Arc::new(pool), queue: Arc::default(), patience }
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Runs a task in a transaction, and returns after the commit. The task is run even when the future is dropped.
    pub(super) async fn write<R: Send + 'static>(
        &self,
        task: impl FnOnce(&mut SqliteConnection) -> Result<R, IndexError> + Send + 'static,
    ) -> Result<R, IndexError> {
        let (caller, answer) = oneshot::channel();
        let task: Box<dyn Task> = Box::new(Pending { task: Some(task), result: None, caller });
        let queued: Queued = Arc::new(Mutex::new(Some(task)));
        let lead = {
            let mut queue = lock(&self.queue);
            queue.waiting.push_back(Arc::clone(&queued));
            !std::mem::replace(&mut queue.has_leader, true)
        };
        if lead {
            self.lead();
        }
        let lost = |_| IndexError::Failed("a task of the index writer was cut short".into());
        let mut answer = answer;
        match tokio::time::timeout(self.patience, &mut answer).await {
            Ok(answered) => answered.map_err(lost)?,
            Err(_) => {
                // Dropped only after the lock is released.
                let taken = lock(&queued).take();
                match taken {
                    Some(_) => Err(IndexError::Unavailable("the index writer is busy".into())),
                    // It has begun, so its end must be awaited.
                    None => answer.await.map_err(lost)?,
                }
            }
        }
    }

    /// Starts a leader, which ends when the queue is empty.
    fn lead(&self) {
        let (pool, queue) = (Arc::clone(&self.pool), Arc::clone(&self.queue));
        tokio::spawn(async move {
            loop {
                let tasks = Arc::clone(&queue);
                match pool.run(move |connection| commit_all(connection, &tasks)).await {
                    Ok(last) if last.is_done => {
                        // Whoever is answered may close the store, and expects that the file is closed too.
                        drop(pool);
                        return last.answer();
                    }
                    // A connection whose transaction failed is given back to the pool, which closes it if need be.
                    Ok(failed) => failed.answer(),
                    Err(error @ PoolError::Unavailable(_)) => return fail_waiting(&queue, error.into()),
                    // A task panicked, and its group was dropped. The others are still to be run.
                    Err(PoolError::CutShort(_)) => tokio::task::yield_now().await,
                }
            }
        });
    }
}

/// Tasks that were run in one transaction, and what became of it.
struct Group {
    tasks: Vec<Box<dyn Task>>,
    committed: Result<(), Arc<IndexError>>,
    /// Whether no further task was waiting, so that the leader has resigned.
    is_done: bool,
}

impl Group {
    fn answer(self) {
        for task in self.tasks {
            task.answer(self.committed.clone());
        }
    }
}

/// Commits groups until the queue is empty, or until a commit fails. Returns the last group, which is yet to be answered.
fn commit_all(connection: &mut SqliteConnection, queue: &Mutex<Queue>) -> Group {
    let mut last = Group { tasks: Vec::new(), committed: Ok(()), is_done: true };
    // A setting of the connection, not of the file. If it fails, commits only copy the log into the file more often.
    let _ = connection.batch_execute(CHECKPOINT);
    while let Some(first) = next(queue) {
        last.answer();
        last = commit_group(connection, queue, first);
        if last.committed.is_err() {
            return Group { is_done: false, ..last };
        }
    }
    last
}

/// Answers every waiting task with an error, and resigns.
fn fail_waiting(queue: &Mutex<Queue>, error: IndexError) {
    let error = Arc::new(error);
    let waiting = {
        let mut queue = lock(queue);
        queue.has_leader = false;
        std::mem::take(&mut queue.waiting)
    };
    for queued in waiting {
        let task = lock(&queued).take();
        if let Some(task) = task {
            task.answer(Err(Arc::clone(&error)));
        }
    }
}

/// The next task; `None` resigns, in the same critical section that found the queue empty.
fn next(queue: &Mutex<Queue>) -> Option<Box<dyn Task>> {
    let mut queue = lock(queue);
    loop {
        let Some(queued) = queue.waiting.pop_front() else {
            queue.has_leader = false;
            return None;
        };
        if let Some(task) = lock(&queued).take() {
            return Some(task);
        }
    }
}

fn next_of_group(queue: &Mutex<Queue>) -> Option<Box<dyn Task>> {
    let mut queue = lock(queue);
    while let Some(queued) = queue.waiting.pop_front() {
        if let Some(task) = lock(&queued).take() {
            return Some(task);
        }
    }
    None
}

/// Runs and commits a task together with those that are waiting.
fn commit_group(connection: &mut SqliteConnection, queue: &Mutex<Queue>, first: Box<dyn Task>) -> Group {
    let mut tasks = vec![first];
    let committed = connection.immediate_transaction(|connection| {
        let (started, mut at) = (Instant::now(), 0);
        while let Some(task) = tasks.get_mut(at) {
            task.run(connection)?;
            at += 1;
            if at < TASKS_PER_COMMIT
                && started.elapsed() < LONGEST_GROUP
                && let Some(task) = next_of_group(queue)
            {
                tasks.push(task);
            }
        }
        Ok::<_, IndexError>(())
    });
    Group { tasks, committed: committed.map_err(Arc::new), is_done: true }
}

/// The error of a commit for each of its tasks.
fn copy(error: &Arc<IndexError>) -> IndexError {
    let source = Box::new(Shared(Arc::clone(error)));
    match **error {
        IndexError::Full(_) => IndexError::Full(source),
        IndexError::Unavailable(_) => IndexError::Unavailable(source),
        IndexError::Disk(_) => IndexError::Disk(source),
        _ => IndexError::Failed(source),
    }
}

/// An error that several callers get.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Shared(Arc<IndexError>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use diesel::prelude::*;
    use futures::future::join_all;
    use storage_hub_sqlite_pool::ConnectOptions;
    use tempfile::TempDir;

    use super::*;

    async fn writer(folder: &TempDir) -> Writer {
        let url = folder.path().join("db").to_str().unwrap().to_owned();
        let options = ConnectOptions { url, busy_timeout: Duration::from_secs(5), read_only: false };
        let pool = Pool::new(options, 1, Duration::from_secs(5));
        pool.run(|connection| connection.batch_execute("CREATE TABLE t (a INTEGER UNIQUE)")).await.unwrap().unwrap();
        Writer::new(pool, Duration::from_secs(5))
    }

    fn insert(connection: &mut SqliteConnection, number: i32) -> Result<i32, IndexError> {
        diesel::sql_query(format!("INSERT INTO t VALUES ({number})")).execute(connection)?;
        Ok(number)
    }

    async fn count(writer: &Writer) -> i64 {
        let count = diesel::dsl::sql::<diesel::sql_types::BigInt>("SELECT count(*) FROM t");
        writer.write(move |connection| Ok(count.get_result(connection)?)).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn tasks_that_wait_together_are_all_committed_but_for_those_that_fail() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder).await;
        // The leader is held up until all others are queued.
        let (go, gone) = mpsc::channel::<()>();
        let held = writer.write(move |connection| {
            gone.recv().unwrap();
            insert(connection, -1)
        });
        let others = (0..300).map(|number| writer.write(move |connection| insert(connection, number / 2)));
        let release = async { go.send(()).unwrap() };
        let (held, others, ()) = futures::future::join3(held, join_all(others), release).await;
        assert_eq!(held.unwrap(), -1);
        assert_eq!(others.iter().filter(|result| result.is_ok()).count(), 150);
        assert_eq!(count(&writer).await, 151);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_panic_fails_its_group_and_the_next_task_is_run() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder).await;
        let failed = writer.write(|_| -> Result<(), IndexError> { panic!("on purpose") }).await;
        assert!(matches!(failed, Err(IndexError::Failed(_))), "{failed:?}");
        assert_eq!(writer.write(|connection| insert(connection, 1)).await.unwrap(), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_task_that_waited_for_too_long_is_never_run() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = writer(&folder).await;
        writer.patience = Duration::from_millis(50);
        let (go, gone) = mpsc::channel::<()>();
        let held = writer.write(move |connection| {
            gone.recv().unwrap();
            insert(connection, 1)
        });
        let late = async {
            let late = writer.write(|connection| insert(connection, 2)).await;
            go.send(()).unwrap();
            late
        };
        let (held, late) = futures::future::join(held, late).await;
        assert!(matches!(late, Err(IndexError::Unavailable(_))), "{late:?}");
        assert_eq!(held.unwrap(), 1);
        assert_eq!(count(&writer).await, 1);
    }
}

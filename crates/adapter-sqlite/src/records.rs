use std::path::Path;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::result::QueryResult;
use storage_hub_core::ports::{MigrationState, PoolState, RecordError};
use storage_hub_sqlite_pool::{Pool, PoolCounts};

use crate::database_file;
use crate::error::{OpenError, pool_error, record_error};
use crate::inspection::applied;
use crate::migrations::{migrate, state_of};

/// How long a call waits for a connection; for writers, how long they wait for the writer before them.
pub(crate) const WAIT_TIMEOUT: Duration = Duration::from_secs(4);

/// The records in one SQLite file.
pub struct SqliteRecords {
    /// One connection, whose holder is the writer.
    pub(crate) writer: Pool,
    readers: Pool,
}

impl SqliteRecords {
    /// Maximum number of concurrent readers. More of them did not raise the throughput.
    const READERS: usize = 4;

    /// Opens a database file and applies pending migrations. A missing file is created with mode 0600.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        migrate(path).await?;
        let options = database_file::connect_options(path).map_err(|error| OpenError::open(path, error))?;
        let pool = |size| Pool::new(options.clone(), size, WAIT_TIMEOUT);
        Ok(Self { writer: pool(1), readers: pool(Self::READERS) })
    }

    /// Counts the connections of the writer and of the readers.
    #[must_use]
    pub fn pools(&self) -> [(&'static str, PoolState); 2] {
        [("records_writer", pool_state(&self.writer)), ("records_readers", pool_state(&self.readers))]
    }

    /// Whether its tables are still those of this release: another process may have migrated them meanwhile.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    pub async fn migration_state(&self) -> Result<MigrationState, RecordError> {
        let applied = self.read(applied).await?;
        state_of(Path::new("records"), &applied).map_err(|error| RecordError::Unexpected(error.into()))
    }

    /// Runs one reading statement, or several in a transaction. A failure closes the connection, because the transaction may
    /// still be open.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, RecordError> {
        let mut connection = self.readers.get().await.map_err(pool_error)?;
        let found = connection.run(statement).await.map_err(pool_error)?.map_err(record_error)?;
        connection.give_back();
        Ok(found)
    }
}

fn pool_state(pool: &Pool) -> PoolState {
    let PoolCounts { size, idle, used, waiting } = pool.counts();
    PoolState { most: size, idle, used, waiting }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures::FutureExt;
    use futures::future::join_all;
    use storage_hub_core::ports::Directory;

    use super::*;

    /// This happens when a client hangs up; the web server's workers have runtimes of one thread, too.
    #[tokio::test]
    async fn an_abandoned_read_does_not_block_others() {
        let folder = tempfile::tempdir().unwrap();
        let records = SqliteRecords::open(&folder.path().join("records.sqlite")).await.unwrap();
        // Open all connections by borrowing them together.
        let all = join_all((0..SqliteRecords::READERS).map(|_| records.readers.get())).await;
        all.into_iter().for_each(|connection| connection.unwrap().give_back());
        let (release, held) = mpsc::channel::<()>();
        let (began, begun) = mpsc::channel::<()>();
        let reading = records.read(move |_| {
            let _ = began.send(());
            let _ = held.recv();
            Ok(())
        });
        assert!(reading.now_or_never().is_none());
        begun.recv().unwrap();
        let [_, (_, state)] = records.pools();
        assert_eq!(state, PoolState { most: 4, idle: 3, used: 1, waiting: 0 });

        for ping in join_all((0..SqliteRecords::READERS * 2).map(|_| records.ping())).await {
            ping.unwrap();
        }
        release.send(()).unwrap();
        // The place of the abandoned read is free again.
        let all = join_all((0..SqliteRecords::READERS).map(|_| records.readers.get())).await;
        assert!(all.iter().all(Result::is_ok));
        let mut waiting = Box::pin(records.ping());
        assert!((&mut waiting).now_or_never().is_none());
        let [_, (_, state)] = records.pools();
        assert_eq!((state.used, state.waiting), (4, 1));
        drop(waiting);
        assert_eq!(records.pools()[1].1.waiting, 0);
    }
}

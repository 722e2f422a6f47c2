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

/// How long a call waits for a connection, or a writer for the one before it.
pub(crate) const WAIT_TIMEOUT: Duration = Duration::from_secs(4);

/// The records in one SQLite file.
pub struct SqliteRecords {
    /// One connection: who has it is the writer.
    pub(crate) writer: Pool,
    readers: Pool,
}

impl SqliteRecords {
    /// How many read at once. More gained nothing.
    const READERS: usize = 4;

    /// Opens a database file: makes it, for its owner alone, when it is not there, and brings its tables up to date.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        migrate(path).await?;
        let options = database_file::connect_options(path).map_err(|error| OpenError::open(path, error))?;
        let pool = |size| Pool::new(options.clone(), size, WAIT_TIMEOUT);
        Ok(Self { writer: pool(1), readers: pool(Self::READERS) })
    }

    /// How its connections stand: the one that writes, and those that read.
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

    /// Runs what reads: one statement, or some in a transaction of their own. Failing, it closes its connection.
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

    /// As it happens to a request whose client hangs up: on a runtime of one thread, as the web server's workers are.
    #[tokio::test]
    async fn a_read_that_nobody_waits_for_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let records = SqliteRecords::open(&folder.path().join("records.sqlite")).await.unwrap();
        // All connections are there, so that the next read begins at once.
        for ping in join_all((0..SqliteRecords::READERS * 2).map(|_| records.ping())).await {
            ping.unwrap();
        }
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
        // Its place is free again.
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

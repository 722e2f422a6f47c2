use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::result::QueryResult;
use storage_hub_core::ports::{
    BucketRepository, InstallationRepository, Outbox, RecordError, ReleasedNameRepository, ShardRepository,
    StoreProbeRepository, Transaction, UnitOfWork, UserRepository,
};
use storage_hub_sqlite_pool::Connection;

use crate::error::{pool_error, record_error};
use crate::records::{SqliteRecords, WAIT_TIMEOUT};

#[async_trait]
impl UnitOfWork for SqliteRecords {
    async fn begin(&self) -> Result<Box<dyn Transaction>, RecordError> {
        let begun = tokio::time::timeout(WAIT_TIMEOUT, async {
            let mut connection = self.writer.get().await.map_err(pool_error)?;
            // Take the write lock now: SQLite refuses the lock to a transaction that read first when another one has written
            // meanwhile.
            let begin = |connection: &mut SqliteConnection| {
                AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")
            };
            connection.run(begin).await.map_err(pool_error)?.map_err(record_error)?;
            Ok(connection)
        });
        match begun.await {
            Ok(Ok(connection)) => Ok(Box::new(SqliteTransaction { connection, failed: false })),
            // Another process has held the write lock for longer than the busy timeout.
            Ok(Err(RecordError::Conflict(source))) => Err(RecordError::Unavailable(source)),
            Ok(Err(error)) => Err(error),
            Err(elapsed) => Err(RecordError::Unavailable(elapsed.into())),
        }
    }
}

/// A transaction of the only writer. Dropping it closes its connection, and SQLite rolls back.
pub(crate) struct SqliteTransaction {
    connection: Connection,
    failed: bool,
}

impl SqliteTransaction {
    /// Runs statements on the transaction's connection. After a failure, or a call that was not awaited to its end, the
    /// transaction can no longer be committed.
    pub(crate) async fn run<T: Send + 'static>(
        &mut self,
        statements: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, RecordError> {
        let failed_before = std::mem::replace(&mut self.failed, true);
        let result = self.connection.run(statements).await.map_err(pool_error);
        let result = result.and_then(|result| result.map_err(record_error));
        self.failed = failed_before || result.is_err();
        result
    }

    /// Returns an error that no statement gave. The transaction cannot be committed after it.
    pub(crate) fn fail(&mut self, error: RecordError) -> RecordError {
        self.failed = true;
        error
    }

    /// Runs statements that return the number of changed rows; none is [`RecordError::NotFound`].
    pub(crate) async fn change_one(
        &mut self,
        statements: impl FnOnce(&mut SqliteConnection) -> QueryResult<usize> + Send + 'static,
    ) -> Result<(), RecordError> {
        match self.run(statements).await? {
            0 => Err(RecordError::NotFound),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Transaction for SqliteTransaction {
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
        let Self { mut connection, failed } = *self;
        if failed {
            return Err(RecordError::Unexpected(
                "the transaction was rolled back because one of its statements failed".into(),
            ));
        }
        let committed = connection.run(AnsiTransactionManager::commit_transaction).await.map_err(pool_error)?;
        committed.map_err(record_error)?;
        connection.give_back();
        Ok(())
    }
}

use async_trait::async_trait;
use futures::lock::OwnedMutexGuard;

use super::InMemoryRecords;
use super::tables::Tables;
use crate::ports::{
    BucketRepository, InstallationRepository, Outbox, RecordError, ReleasedNameRepository, ShardRepository,
    StoreProbeRepository, Transaction, UniqueKey, UserRepository,
};

/// A copy of the records that this transaction writes to, and the lock under which it replaces the original.
pub(super) struct InMemoryTransaction {
    records: InMemoryRecords,
    pub(super) tables: Tables,
    failed: bool,
    _writer: OwnedMutexGuard<()>,
}

impl InMemoryTransaction {
    pub(super) const fn new(records: InMemoryRecords, tables: Tables, writer: OwnedMutexGuard<()>) -> Self {
        Self { records, tables, failed: false, _writer: writer }
    }

    /// The error of a write that violates a unique key. From then on the transaction can only be rolled back.
    pub(super) const fn already_exists(&mut self, key: UniqueKey) -> RecordError {
        self.failed = true;
        RecordError::AlreadyExists(key)
    }

    /// The error of an impossible write. From then on the transaction can only be rolled back.
    pub(super) fn unexpected(&mut self, what: &str) -> RecordError {
        self.failed = true;
        RecordError::Unexpected(what.into())
    }
}

#[async_trait]
impl Transaction for InMemoryTransaction {
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
        if self.failed {
            return Err(RecordError::Unexpected("a write of this transaction failed: it is rolled back".into()));
        }
        self.records.replace(self.tables);
        Ok(())
    }
}

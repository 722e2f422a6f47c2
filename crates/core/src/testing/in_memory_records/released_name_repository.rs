use async_trait::async_trait;

use super::transaction::InMemoryTransaction;
use crate::domain::{BucketName, ReleasedName, Timestamp};
use crate::ports::{RecordError, ReleasedNameRepository};

#[async_trait]
impl ReleasedNameRepository for InMemoryTransaction {
    async fn upsert(&mut self, released: &ReleasedName) -> Result<(), RecordError> {
        self.tables.released_names.insert(released.name.clone(), released.clone());
        Ok(())
    }

    async fn find(&mut self, name: &BucketName) -> Result<Option<ReleasedName>, RecordError> {
        Ok(self.tables.released_names.get(name).cloned())
    }

    async fn delete(&mut self, name: &BucketName) -> Result<(), RecordError> {
        self.tables.released_names.remove(name).map(drop).ok_or(RecordError::NotFound)
    }

    async fn delete_expired(&mut self, now: Timestamp, limit: u16) -> Result<u64, RecordError> {
        let rows = self.tables.released_names.values().filter(|released| released.reserved_until <= now);
        let expired: Vec<_> = rows.take(limit.into()).map(|released| released.name.clone()).collect();
        for name in &expired {
            self.tables.released_names.remove(name);
        }
        Ok(expired.len() as u64)
    }
}

use async_trait::async_trait;

use super::transaction::InMemoryTransaction;
use crate::acl::Grant;
use crate::ports::{RecordError, Shard, ShardRepository};

#[async_trait]
impl ShardRepository for InMemoryTransaction {
    async fn list(&mut self, grant: &Grant) -> Result<Vec<Shard>, RecordError> {
        Ok(self.tables.shards.values().filter(|shard| shard.grant == *grant).cloned().collect())
    }

    async fn upsert(&mut self, shard: &Shard) -> Result<(), RecordError> {
        self.tables.shards.insert((shard.grant.clone(), shard.number), shard.clone());
        Ok(())
    }
}

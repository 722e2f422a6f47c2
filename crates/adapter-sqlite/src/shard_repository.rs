use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};
use storage_hub_core::acl::Grant;
use storage_hub_core::ports::{RecordError, Shard, ShardRepository};

use crate::schema::shards;
use crate::unit_of_work::SqliteTransaction;

#[async_trait]
impl ShardRepository for SqliteTransaction {
    async fn list(&mut self, grant: &Grant) -> Result<Vec<Shard>, RecordError> {
        let grant = grant.clone();
        self.run(move |connection| {
            let found: Vec<(i32, i64, bool)> = shards::table
                .filter(shards::grant.eq(grant.as_str()))
                .order(shards::number)
                .select((shards::number, shards::bytes, shards::written))
                .load(connection)?;
            let shard = |(number, bytes, written)| Shard { grant: grant.clone(), number, bytes, written };
            Ok(found.into_iter().map(shard).collect())
        })
        .await
    }

    async fn upsert(&mut self, shard: &Shard) -> Result<(), RecordError> {
        let key = (shards::grant.eq(shard.grant.as_str().to_owned()), shards::number.eq(shard.number));
        let columns = (shards::bytes.eq(shard.bytes), shards::written.eq(shard.written));
        self.run(move |connection| {
            diesel::insert_into(shards::table)
                .values((key, columns))
                .on_conflict((shards::grant, shards::number))
                .do_update()
                .set(columns)
                .execute(connection)
                .map(drop)
        })
        .await
    }
}

use async_trait::async_trait;
use diesel::prelude::{ExpressionMethods, QueryDsl, RunQueryDsl};
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use storage_hub_core::acl::Grant;
use storage_hub_core::ports::{RecordError, Shard, ShardRepository};
use storage_hub_sqlite_pool::statements;

use crate::schema::shards;
use crate::unit_of_work::SqliteTransaction;

statements! {
    UpsertShard { grant: String as Text, number: i32 as Integer, bytes: i64 as BigInt, written: bool as Bool } -> () =
        "INSERT INTO shards (\"grant\", number, bytes, written) VALUES (?, ?, ?, ?) \
         ON CONFLICT (\"grant\", number) DO UPDATE SET bytes = excluded.bytes, written = excluded.written";

    GiveBack { bytes: i64 as BigInt, grant: String as Text, number: i32 as Integer } -> () =
        "UPDATE shards SET bytes = max(bytes - ?, 0) WHERE \"grant\" = ? AND number = ?";
}

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
        let Shard { grant, number, bytes, written } = shard.clone();
        let statement = UpsertShard { grant: grant.into(), number, bytes, written };
        self.run(move |connection| statement.execute(connection)).await.map(drop)
    }

    async fn give_back(&mut self, grant: &Grant, number: i32, bytes: i64) -> Result<(), RecordError> {
        let statement = GiveBack { bytes, grant: grant.as_str().to_owned(), number };
        self.run(move |connection| statement.execute(connection)).await.map(drop)
    }
}

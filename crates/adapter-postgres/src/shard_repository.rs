//! Policy shards: which buckets a shard holds and how many bytes they take.

use async_trait::async_trait;
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use storage_hub_core::acl::Grant;
use storage_hub_core::ports::{RecordError, Shard, ShardRepository};

use crate::statement::statements;
use crate::unit_of_work::PgTransaction;

statements! {
    // A row cannot be locked before it exists, so an advisory lock stands in for it. Its first number separates these
    // locks from others in the database.
    LockGrant { grant: String as Text } -> () = "SELECT pg_advisory_xact_lock(1398227810, hashtext(?))";

    ListShards { grant: String as Text } -> (Integer, BigInt, Bool) =
        "SELECT number, bytes, written FROM shards WHERE \"grant\" = ? ORDER BY number FOR NO KEY UPDATE";

    UpsertShard {
        grant: String as Text,
        number: i32 as Integer,
        bytes: i64 as BigInt,
        written: bool as Bool,
    } -> () =
        "INSERT INTO shards (\"grant\", number, bytes, written) VALUES (?, ?, ?, ?) \
         ON CONFLICT (\"grant\", number) DO UPDATE SET bytes = excluded.bytes, written = excluded.written";

    GiveBack { bytes: i64 as BigInt, grant: String as Text, number: i32 as Integer } -> () =
        "UPDATE shards SET bytes = GREATEST(bytes - ?, 0) WHERE \"grant\" = ? AND number = ?";
}

#[async_trait]
impl ShardRepository for PgTransaction {
    async fn list(&mut self, grant: &Grant) -> Result<Vec<Shard>, RecordError> {
        let text = grant.as_str().to_owned();
        let (lock, list) = (LockGrant { grant: text.clone() }, ListShards { grant: text });
        let (_, rows): (_, Vec<(i32, i64, bool)>) = self.lock_and_load(lock, list).await?;
        let shard = |(number, bytes, written)| Shard { grant: grant.clone(), number, bytes, written };
        Ok(rows.into_iter().map(shard).collect())
    }

    async fn upsert(&mut self, shard: &Shard) -> Result<(), RecordError> {
        let Shard { grant, number, bytes, written } = shard.clone();
        self.execute_later(UpsertShard { grant: grant.into(), number, bytes, written })
    }

    async fn give_back(&mut self, grant: &Grant, number: i32, bytes: i64) -> Result<(), RecordError> {
        self.execute_later(GiveBack { bytes, grant: grant.as_str().to_owned(), number })
    }
}

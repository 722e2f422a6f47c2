//! Buckets with their entries, in transactions that lock the rows they read.

use async_trait::async_trait;
use diesel::data_types::PgTimestamp;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use storage_hub_core::domain::{
    Bucket, BucketEntry, BucketId, BucketName, BucketRecord, BucketState, CorsRules, Timestamp, UserId,
};
use storage_hub_core::ports::{BucketRepository, RecordError, UniqueKey};
use uuid::Uuid;

use crate::released_name_repository::DeleteReleasedName;
use crate::rows::{BucketColumns, BucketRow, bucket_columns, bucket_entries, to_sql};
use crate::statement::statements;
use crate::unit_of_work::PgTransaction;

statements! {
    InsertBucket {
        id: Uuid as SqlUuid,
        name: String as Text,
        owner_id: Uuid as SqlUuid,
        state: &'static str as Text,
        seen_absent: bool as Bool,
        answered: bool as Bool,
        created_at: PgTimestamp as Timestamptz,
        grants: Vec<String> as Array<Text>,
        accesses: Vec<&'static str> as Array<Text>,
        shards: Vec<Option<i32>> as Array<Nullable<Integer>>,
    } -> () =
        "WITH made AS (INSERT INTO buckets (id, name, owner_id, state, seen_absent, answered, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id) \
         INSERT INTO bucket_entries (bucket_id, \"grant\", access, shard) \
         SELECT made.id, entry.\"grant\", entry.access, entry.shard \
         FROM made, unnest(?, ?, ?) AS entry (\"grant\", access, shard)";

    CountReservations { name: String as Text, owner_id: Uuid as SqlUuid, now: PgTimestamp as Timestamptz } -> BigInt =
        "SELECT count(*) FROM released_names WHERE name = ? AND owner_id <> ? AND reserved_until > ?";

    CountNames { owner_id: Uuid as SqlUuid, holder_id: Uuid as SqlUuid, now: PgTimestamp as Timestamptz } -> BigInt =
        "SELECT (SELECT count(*) FROM buckets WHERE owner_id = ?) \
         + (SELECT count(*) FROM released_names WHERE owner_id = ? AND reserved_until > ?)";

    LockBucket { id: Uuid as SqlUuid } -> SqlUuid = "SELECT id FROM buckets WHERE id = ? FOR NO KEY UPDATE";

    LockBucketByName { name: String as Text } -> SqlUuid =
        "SELECT id FROM buckets WHERE name = ? FOR NO KEY UPDATE";

    FindBucket { id: Uuid as SqlUuid } -> BucketColumns = concat!(
        "SELECT ", bucket_columns!(), " FROM buckets b JOIN users o ON o.id = b.owner_id CROSS JOIN ",
        bucket_entries!(), " WHERE b.id = ?"
    );

    FindBucketByName { name: String as Text } -> BucketColumns = concat!(
        "SELECT ", bucket_columns!(), " FROM buckets b JOIN users o ON o.id = b.owner_id CROSS JOIN ",
        bucket_entries!(), " WHERE b.name = ?"
    );

    UpdateBucket {
        state: &'static str as Text,
        seen_absent: bool as Bool,
        answered: bool as Bool,
        id: Uuid as SqlUuid,
    } -> () = "UPDATE buckets SET state = ?, seen_absent = ?, answered = ? WHERE id = ?";

    UpdateCors { cors: Option<String> as Nullable<Text>, id: Uuid as SqlUuid } -> () =
        "UPDATE buckets SET cors = ? WHERE id = ?";

    Transition { to: &'static str as Text, id: Uuid as SqlUuid, from: &'static str as Text } -> () =
        "UPDATE buckets SET state = ? WHERE id = ? AND state = ?";

    MarkAnswered { id: Uuid as SqlUuid } -> () = "UPDATE buckets SET answered = true WHERE id = ?";

    DeleteBucket { id: Uuid as SqlUuid } -> () = "DELETE FROM buckets WHERE id = ?";
}

#[async_trait]
impl BucketRepository for PgTransaction {
    async fn insert(&mut self, bucket: &Bucket, entries: &[BucketEntry]) -> Result<(), RecordError> {
        let statement = InsertBucket {
            id: bucket.id.uuid(),
            name: bucket.name.as_str().to_owned(),
            owner_id: bucket.owner.uuid(),
            state: bucket.state.as_str(),
            seen_absent: bucket.seen_absent,
            answered: bucket.answered,
            created_at: to_sql(bucket.created_at),
            grants: entries.iter().map(|entry| entry.grant.as_str().to_owned()).collect(),
            accesses: entries.iter().map(|entry| entry.access.as_str()).collect(),
            shards: entries.iter().map(|entry| entry.shard).collect(),
        };
        let reserved = CountReservations {
            name: bucket.name.as_str().to_owned(),
            owner_id: bucket.owner.uuid(),
            now: to_sql(bucket.created_at),
        };
        // In this order: an insert waits for a transaction that deletes the bucket of this name, and only a statement
        // that begins after that sees the reservation which the same transaction writes.
        let (_, reservations) = self.lock_and_load(statement, reserved).await?;
        if reservations.first().is_none_or(|count: &i64| *count > 0) {
            return Err(self.fail(RecordError::AlreadyExists(UniqueKey::BucketName)));
        }
        self.execute_later(DeleteReleasedName { name: bucket.name.as_str().to_owned() })
    }

    // Lock the bucket first, then read what belongs to it. A statement that waits for a lock sees the locked row as it
    // is afterwards, but all other rows as they were before.
    async fn find(&mut self, id: BucketId) -> Result<Option<BucketRecord>, RecordError> {
        let id = id.uuid();
        locked(self.lock_and_load(LockBucket { id }, FindBucket { id }).await?)
    }

    async fn find_by_name(&mut self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError> {
        let name = name.as_str().to_owned();
        let (lock, find) = (LockBucketByName { name: name.clone() }, FindBucketByName { name });
        locked(self.lock_and_load(lock, find).await?)
    }

    async fn update(&mut self, bucket: &Bucket) -> Result<(), RecordError> {
        let Bucket { id, state, seen_absent, answered, .. } = bucket;
        let (seen_absent, answered) = (*seen_absent, *answered);
        self.execute_one(UpdateBucket { state: state.as_str(), seen_absent, answered, id: id.uuid() }).await
    }

    async fn update_cors<'a>(&mut self, id: BucketId, cors: Option<&'a CorsRules>) -> Result<(), RecordError> {
        let cors = cors.map(serde_json::to_string).transpose();
        let cors = cors.map_err(|error| RecordError::Unexpected(error.into()))?;
        self.execute_one(UpdateCors { cors, id: id.uuid() }).await
    }

    async fn count_names(&mut self, owner: UserId, now: Timestamp) -> Result<u64, RecordError> {
        let (owner_id, now) = (owner.uuid(), to_sql(now));
        let count: Option<i64> = self.load_one(CountNames { owner_id, holder_id: owner_id, now }).await?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }

    async fn delete(&mut self, id: BucketId) -> Result<(), RecordError> {
        self.execute_one(DeleteBucket { id: id.uuid() }).await
    }

    async fn transition(&mut self, id: BucketId, from: BucketState, to: BucketState) -> Result<bool, RecordError> {
        let (from, to) = (from.as_str(), to.as_str());
        Ok(self.execute(Transition { to, id: id.uuid(), from }).await? > 0)
    }

    async fn mark_answered(&mut self, id: BucketId) -> Result<(), RecordError> {
        self.execute_later(MarkAnswered { id: id.uuid() })
    }
}

/// The bucket whose row was locked. Without a locked row, the bucket that was read got this name only afterwards, and
/// does not count.
fn locked((locked, found): (usize, Vec<BucketRow>)) -> Result<Option<BucketRecord>, RecordError> {
    let found = found.into_iter().next().filter(|_| locked > 0);
    found.map(BucketRow::record).transpose()
}

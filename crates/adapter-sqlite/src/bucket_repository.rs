use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::{OptionalExtension, QueryDsl, RunQueryDsl};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use storage_hub_core::domain::{Bucket, BucketEntry, BucketId, BucketName, BucketRecord, CorsRules, Timestamp, UserId};
use storage_hub_core::ports::{BucketRepository, RecordError, UniqueKey};
use storage_hub_sqlite_pool::statements;

use crate::bucket_row::{
    BucketRecordRow, BucketRecordTypes, BucketRow, EntryRow, bucket_record, bucket_record_columns,
};
use crate::released_name_repository::DeleteReleasedName;
use crate::schema::{bucket_entries, buckets};
use crate::unit_of_work::SqliteTransaction;

statements! {
    FindBucket { id: String as Text } -> BucketRecordTypes = concat!(
        "SELECT ", bucket_record_columns!(), " FROM buckets AS b JOIN users AS o ON o.id = b.owner_id WHERE b.id = ?"
    );

    FindBucketByName { name: String as Text } -> BucketRecordTypes = concat!(
        "SELECT ", bucket_record_columns!(), " FROM buckets AS b JOIN users AS o ON o.id = b.owner_id WHERE b.name = ?"
    );

    UpdateBucket { state: &'static str as Text, seen_absent: bool as Bool, answered: bool as Bool, id: String as Text }
        -> () = "UPDATE buckets SET state = ?, seen_absent = ?, answered = ? WHERE id = ?";

    UpdateCors { cors: Option<String> as Nullable<Text>, id: String as Text } -> () =
        "UPDATE buckets SET cors = ? WHERE id = ?";

    CountReservations { name: String as Text, owner_id: String as Text, now: i64 as BigInt } -> BigInt =
        "SELECT count(*) FROM released_names WHERE name = ? AND owner_id <> ? AND reserved_until > ?";

    CountNames { owner_id: String as Text, holder_id: String as Text, now: i64 as BigInt } -> BigInt =
        "SELECT (SELECT count(*) FROM buckets WHERE owner_id = ?) \
         + (SELECT count(*) FROM released_names WHERE owner_id = ? AND reserved_until > ?)";

    MarkBucketAnswered { id: String as Text } -> () = "UPDATE buckets SET answered = 1 WHERE id = ?";
}

#[async_trait]
impl BucketRepository for SqliteTransaction {
    async fn insert(&mut self, bucket: &Bucket, entries: &[BucketEntry]) -> Result<(), RecordError> {
        let row = BucketRow::new(bucket);
        let entries: Vec<_> = entries.iter().map(|entry| EntryRow::new(bucket, entry)).collect();
        let (name, owner_id) = (bucket.name.to_string(), bucket.owner.to_string());
        let reserved = CountReservations { name: name.clone(), owner_id, now: bucket.created_at.millis() };
        if self.run(move |connection| reserved.get_result::<i64>(connection)).await? > 0 {
            return Err(self.fail(RecordError::AlreadyExists(UniqueKey::BucketName)));
        }
        self.run(move |connection| {
            DeleteReleasedName { name }.execute(connection)?;
            diesel::insert_into(buckets::table).values(row).execute(connection)?;
            for entry in entries {
                diesel::insert_into(bucket_entries::table).values(entry).execute(connection)?;
            }
            Ok(())
        })
        .await
    }

    async fn find(&mut self, id: BucketId) -> Result<Option<BucketRecord>, RecordError> {
        let statement = FindBucket { id: id.to_string() };
        self.run(move |connection| statement.find(connection)).await
    }

    async fn find_by_name(&mut self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError> {
        let statement = FindBucketByName { name: name.as_str().to_owned() };
        self.run(move |connection| statement.find(connection)).await
    }

    async fn update(&mut self, bucket: &Bucket) -> Result<(), RecordError> {
        let statement = UpdateBucket {
            state: bucket.state.as_str(),
            seen_absent: bucket.seen_absent,
            answered: bucket.answered,
            id: bucket.id.to_string(),
        };
        self.change_one(move |connection| statement.execute(connection)).await
    }

    async fn update_cors<'a>(&mut self, id: BucketId, cors: Option<&'a CorsRules>) -> Result<(), RecordError> {
        let cors = cors.map(serde_json::to_string).transpose();
        let cors = cors.map_err(|error| RecordError::Unexpected(error.into()))?;
        let statement = UpdateCors { cors, id: id.to_string() };
        self.change_one(move |connection| statement.execute(connection)).await
    }

    async fn count_names(&mut self, owner: UserId, now: Timestamp) -> Result<u64, RecordError> {
        let owner_id = owner.to_string();
        let statement = CountNames { owner_id: owner_id.clone(), holder_id: owner_id, now: now.millis() };
        let count: i64 = self.run(move |connection| statement.get_result(connection)).await?;
        Ok(count.unsigned_abs())
    }

    async fn delete(&mut self, id: BucketId) -> Result<(), RecordError> {
        self.change_one(move |connection| diesel::delete(buckets::table.find(id.to_string())).execute(connection)).await
    }

    async fn mark_answered(&mut self, id: BucketId) -> Result<(), RecordError> {
        let statement = MarkBucketAnswered { id: id.to_string() };
        self.run(move |connection| statement.execute(connection)).await.map(drop)
    }
}

impl FindBucket {
    /// Finds the bucket, inside or outside a transaction.
    pub(crate) fn find(self, connection: &mut SqliteConnection) -> QueryResult<Option<BucketRecord>> {
        self.get_result::<BucketRecordRow>(connection).optional()?.map(bucket_record).transpose()
    }
}

impl FindBucketByName {
    /// Finds the bucket, inside or outside a transaction.
    pub(crate) fn find(self, connection: &mut SqliteConnection) -> QueryResult<Option<BucketRecord>> {
        self.get_result::<BucketRecordRow>(connection).optional()?.map(bucket_record).transpose()
    }
}

use async_trait::async_trait;
use diesel::SqliteConnection;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use diesel::result::QueryResult;
use storage_hub_core::domain::{Bucket, BucketEntry, BucketId, BucketName, BucketRecord};
use storage_hub_core::ports::{BucketRepository, RecordError};

use crate::bucket_row::{BucketRow, EntryRow, bucket_record, entries_column};
use crate::schema::{bucket_entries, buckets, users};
use crate::unit_of_work::SqliteTransaction;

#[async_trait]
impl BucketRepository for SqliteTransaction {
    async fn insert(&mut self, bucket: &Bucket, entries: &[BucketEntry]) -> Result<(), RecordError> {
        let row = BucketRow::new(bucket);
        let entries: Vec<_> = entries.iter().map(|entry| EntryRow::new(bucket, entry)).collect();
        self.run(move |connection| {
            diesel::insert_into(buckets::table).values(row).execute(connection)?;
            diesel::insert_into(bucket_entries::table).values(entries).execute(connection)?;
            Ok(())
        })
        .await
    }

    async fn find(&mut self, id: BucketId) -> Result<Option<BucketRecord>, RecordError> {
        self.run(move |connection| find_bucket(connection, id)).await
    }

    async fn find_by_name(&mut self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError> {
        let name = name.as_str().to_owned();
        self.run(move |connection| {
            let found = buckets::table
                .inner_join(users::table)
                .filter(buckets::name.eq(name))
                .select((BucketRow::as_select(), users::access_key, entries_column()))
                .first(connection);
            found.optional()?.map(bucket_record).transpose()
        })
        .await
    }

    async fn update(&mut self, bucket: &Bucket) -> Result<(), RecordError> {
        let id = bucket.id.to_string();
        let progress = (
            buckets::state.eq(bucket.state.as_str()),
            buckets::seen_absent.eq(bucket.seen_absent),
            buckets::answered.eq(bucket.answered),
        );
        self.change_one(move |connection| diesel::update(buckets::table.find(id)).set(progress).execute(connection))
            .await
    }

    async fn delete(&mut self, id: BucketId) -> Result<(), RecordError> {
        self.change_one(move |connection| diesel::delete(buckets::table.find(id.to_string())).execute(connection)).await
    }
}

/// The bucket with this id, in or outside of a transaction.
pub(crate) fn find_bucket(connection: &mut SqliteConnection, id: BucketId) -> QueryResult<Option<BucketRecord>> {
    let found = buckets::table
        .inner_join(users::table)
        .filter(buckets::id.eq(id.to_string()))
        .select((BucketRow::as_select(), users::access_key, entries_column()))
        .first(connection);
    found.optional()?.map(bucket_record).transpose()
}

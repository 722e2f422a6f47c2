use std::collections::BTreeMap;
use std::ops::Bound;

use async_trait::async_trait;

use super::InMemoryRecords;
use crate::acl::{Grant, Subject};
use crate::domain::{
    AccessKey, Bucket, BucketEntry, BucketId, BucketName, BucketRecord, Cursor, Email, Page, PageRequest, Timestamp,
    User, UserId, UserRecord,
};
use crate::ports::{
    Backlog, Directory, PrincipalRecord, RecordError, S3AccessRecord, S3BucketQuery, S3BucketRecord, ShardContents,
};

#[async_trait]
impl Directory for InMemoryRecords {
    async fn find_user(&self, id: UserId) -> Result<Option<User>, RecordError> {
        Ok(self.read().users.get(&id).map(|record| record.user.clone()))
    }

    async fn find_record(&self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        Ok(self.read().users.get(&id).cloned())
    }

    async fn find_record_by_email(&self, email: &Email) -> Result<Option<UserRecord>, RecordError> {
        Ok(self.read().user_by_email(email).cloned())
    }

    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalRecord>, RecordError> {
        let tables = self.read();
        let found = tables.users.values().find(|record| record.user.access_key == *access_key);
        Ok(found
            .map(|record| PrincipalRecord { user: record.user.clone(), sealed_secret: record.sealed_secret.clone() }))
    }

    async fn find_bucket(&self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError> {
        let tables = self.read();
        Ok(tables.bucket_by_name(name).and_then(|row| tables.bucket_record(row)))
    }

    async fn find_bucket_by_id(&self, id: BucketId) -> Result<Option<BucketRecord>, RecordError> {
        let tables = self.read();
        Ok(tables.buckets.get(&id).and_then(|row| tables.bucket_record(row)))
    }

    async fn find_shard(&self, grant: &Grant, number: i32) -> Result<Option<ShardContents>, RecordError> {
        let tables = self.read();
        let Some(shard) = tables.shards.get(&(grant.clone(), number)) else { return Ok(None) };
        let mut buckets: Vec<_> = tables
            .buckets
            .values()
            .filter(|row| row.bucket.state.is_visible())
            .filter_map(|row| {
                let in_shard = |entry: &&BucketEntry| entry.grant == *grant && entry.shard == Some(number);
                row.entries.iter().find(in_shard).map(|entry| (row.bucket.name.clone(), entry.access))
            })
            .collect();
        buckets.sort();
        Ok(Some(ShardContents { written: shard.written, buckets }))
    }

    async fn find_user_and_bucket(
        &self,
        id: UserId,
        name: &BucketName,
    ) -> Result<Option<(User, Option<BucketRecord>)>, RecordError> {
        let tables = self.read();
        let bucket = tables.bucket_by_name(name).and_then(|row| tables.bucket_record(row));
        Ok(tables.users.get(&id).map(|record| (record.user.clone(), bucket)))
    }

    async fn list_owned_buckets(
        &self,
        owner: UserId,
        page: &PageRequest,
    ) -> Result<Option<(User, Page<Bucket>)>, RecordError> {
        let tables = self.read();
        let Some(record) = tables.users.get(&owner) else { return Ok(None) };
        let after = page.after.as_ref().map(Cursor::name);
        let mut items: Vec<_> = tables
            .buckets
            .values()
            .map(|row| &row.bucket)
            .filter(|bucket| bucket.owner == owner && bucket.state.is_visible())
            .filter(|bucket| after.is_none_or(|after| bucket.name > *after))
            .cloned()
            .collect();
        items.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Some((record.user.clone(), Page::from_overfull(items, page))))
    }

    async fn find_s3_access(
        &self,
        key: Option<&AccessKey>,
        bucket: Option<&BucketName>,
        _: Timestamp,
    ) -> Result<S3AccessRecord, RecordError> {
        let tables = self.read();
        let user = key.and_then(|key| tables.users.values().find(|record| record.user.access_key == *key));
        let subject = user.map_or_else(Subject::anonymous, |record| record.user.subject());
        let row = bucket.and_then(|name| tables.bucket_by_name(name));
        let bucket = row.and_then(|row| {
            let mut record = tables.bucket_record(row)?;
            record.entries.retain(|entry| subject.holds(&entry.grant));
            Some(S3BucketRecord { record, cors: row.cors.clone() })
        });
        let principal = user
            .map(|record| PrincipalRecord { user: record.user.clone(), sealed_secret: record.sealed_secret.clone() });
        Ok(S3AccessRecord { principal, bucket })
    }

    async fn list_s3_buckets(&self, query: &S3BucketQuery) -> Result<Vec<(BucketName, Timestamp)>, RecordError> {
        let tables = self.read();
        let held = |entry: &BucketEntry| query.grants.as_ref().is_none_or(|grants| grants.contains(&entry.grant));
        let mut found: Vec<_> = tables
            .buckets
            .values()
            .filter(|row| row.bucket.state.is_visible())
            .filter(|row| query.grants.is_none() || row.entries.iter().any(held))
            .map(|row| (row.bucket.name.clone(), row.bucket.created_at))
            .filter(|(name, _)| name.as_str().starts_with(&query.prefix))
            .filter(|(name, _)| query.after.as_ref().is_none_or(|after| name > after))
            .collect();
        found.sort();
        found.truncate(usize::from(query.limit));
        Ok(found)
    }

    async fn list_users(&self, after: Option<UserId>, limit: u16) -> Result<Vec<UserRecord>, RecordError> {
        let tables = self.read();
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let users = tables.users.range((start, Bound::Unbounded));
        Ok(users.map(|(_, record)| record.clone()).take(usize::from(limit)).collect())
    }

    async fn list_buckets(&self, after: Option<&BucketName>, limit: u16) -> Result<Vec<BucketRecord>, RecordError> {
        let tables = self.read();
        let by_name: BTreeMap<_, _> = tables.buckets.values().map(|row| (&row.bucket.name, row)).collect();
        Ok(by_name
            .into_iter()
            .filter(|(name, _)| after.is_none_or(|after| *name > after))
            .filter_map(|(_, row)| tables.bucket_record(row))
            .take(usize::from(limit))
            .collect())
    }

    async fn find_backlog(&self, limit: u16) -> Result<Backlog, RecordError> {
        let tables = self.read();
        let mut since: Vec<_> =
            tables.outbox.values().filter(|row| row.is_pending()).map(|row| row.waiting_since()).collect();
        since.sort();
        Ok(Backlog { tasks: since.len().min(usize::from(limit)) as u64, oldest: since.first().copied() })
    }

    async fn ping(&self) -> Result<(), RecordError> {
        Ok(())
    }
}

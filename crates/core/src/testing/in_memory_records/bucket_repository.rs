use async_trait::async_trait;

use super::tables::BucketRow;
use super::transaction::InMemoryTransaction;
use crate::domain::{Bucket, BucketEntry, BucketId, BucketName, BucketRecord, CorsRules, Timestamp, UserId};
use crate::ports::{BucketRepository, RecordError, UniqueKey};

#[async_trait]
impl BucketRepository for InMemoryTransaction {
    async fn insert(&mut self, bucket: &Bucket, entries: &[BucketEntry]) -> Result<(), RecordError> {
        if !self.tables.users.contains_key(&bucket.owner) {
            return Err(RecordError::NotFound);
        }
        let reserved = self.tables.released_names.get(&bucket.name);
        let excluded = reserved.is_some_and(|released| released.excludes(bucket.owner, bucket.created_at));
        if excluded || self.tables.bucket_by_name(&bucket.name).is_some() {
            return Err(self.already_exists(UniqueKey::BucketName));
        }
        if self.tables.buckets.contains_key(&bucket.id) {
            return Err(self.unexpected("the bucket id is taken"));
        }
        let mut entries = entries.to_vec();
        entries.sort_by(|one, other| one.grant.cmp(&other.grant));
        if entries.windows(2).any(|pair| matches!(pair, [one, other] if one.grant == other.grant)) {
            return Err(self.unexpected("two entries of one grant"));
        }
        self.tables.released_names.remove(&bucket.name);
        self.tables.buckets.insert(bucket.id, BucketRow { bucket: bucket.clone(), entries, cors: None });
        Ok(())
    }

    async fn find(&mut self, id: BucketId) -> Result<Option<BucketRecord>, RecordError> {
        Ok(self.tables.buckets.get(&id).and_then(|row| self.tables.bucket_record(row)))
    }

    async fn find_by_name(&mut self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError> {
        Ok(self.tables.bucket_by_name(name).and_then(|row| self.tables.bucket_record(row)))
    }

    async fn update(&mut self, bucket: &Bucket) -> Result<(), RecordError> {
        let row = self.tables.buckets.get_mut(&bucket.id).ok_or(RecordError::NotFound)?;
        row.bucket.state = bucket.state;
        row.bucket.seen_absent = bucket.seen_absent;
        row.bucket.answered = bucket.answered;
        Ok(())
    }

    async fn update_cors<'a>(&mut self, id: BucketId, cors: Option<&'a CorsRules>) -> Result<(), RecordError> {
        self.tables.buckets.get_mut(&id).ok_or(RecordError::NotFound)?.cors = cors.cloned();
        Ok(())
    }

    async fn count_names(&mut self, owner: UserId, now: Timestamp) -> Result<u64, RecordError> {
        let buckets = self.tables.buckets.values().filter(|row| row.bucket.owner == owner).count();
        let reserved = self.tables.released_names.values();
        let reserved = reserved.filter(|released| released.owner == owner && now < released.reserved_until).count();
        Ok((buckets + reserved) as u64)
    }

    async fn delete(&mut self, id: BucketId) -> Result<(), RecordError> {
        self.tables.buckets.remove(&id).map(drop).ok_or(RecordError::NotFound)
    }
}

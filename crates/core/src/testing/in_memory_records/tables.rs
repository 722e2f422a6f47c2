use std::collections::BTreeMap;

use uuid::Uuid;

use super::outbox::OutboxRow;
use crate::acl::Grant;
use crate::domain::{
    Bucket, BucketEntry, BucketId, BucketName, BucketRecord, CorsRules, Email, Installation, ReleasedName, StoreProbe,
    Timestamp, UserId, UserRecord,
};
use crate::ports::{Shard, TaskKey};

/// All rows, by their primary keys.
#[derive(Clone, Default)]
pub(super) struct Tables {
    pub(super) users: BTreeMap<UserId, UserRecord>,
    pub(super) buckets: BTreeMap<BucketId, BucketRow>,
    pub(super) released_names: BTreeMap<BucketName, ReleasedName>,
    pub(super) shards: BTreeMap<(Grant, i32), Shard>,
    pub(super) outbox: BTreeMap<TaskKey, OutboxRow>,
    pub(super) installation: Option<Installation>,
    pub(super) store_probe: Option<StoreProbe>,
    /// The token of the lease of the probe, and when it expires.
    pub(super) probe_lease: Option<(Uuid, Timestamp)>,
}

/// A bucket and its entries, in the order of their grants.
#[derive(Clone)]
pub(super) struct BucketRow {
    pub(super) bucket: Bucket,
    pub(super) entries: Vec<BucketEntry>,
    pub(super) cors: Option<CorsRules>,
}

impl Tables {
    pub(super) fn user_by_email(&self, email: &Email) -> Option<&UserRecord> {
        self.users.values().find(|record| record.user.email.key() == email.key())
    }

    pub(super) fn bucket_by_name(&self, name: &BucketName) -> Option<&BucketRow> {
        self.buckets.values().find(|row| row.bucket.name == *name)
    }

    /// The row with its owner's access key; `None` without an owner, which `insert` does not allow.
    pub(super) fn bucket_record(&self, row: &BucketRow) -> Option<BucketRecord> {
        let owner = self.users.get(&row.bucket.owner)?;
        Some(BucketRecord {
            bucket: row.bucket.clone(),
            owner_access_key: owner.user.access_key.clone(),
            entries: row.entries.clone(),
        })
    }
}

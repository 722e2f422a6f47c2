//! Rows of `buckets` and `bucket_entries`, and their conversion to and from domain types.

use diesel::prelude::{Insertable, Queryable};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Text};
use storage_hub_core::acl::Grant;
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketEntry, BucketName, BucketRecord, BucketState, CorsRules, Timestamp,
};

use crate::error::bad_value;
use crate::schema::{bucket_entries, buckets};

/// The types of a [`BucketRow`], in the order of its fields.
pub(crate) type BucketTypes = (Text, Text, Text, Text, Bool, Bool, BigInt);

/// A row of `buckets`.
#[derive(Queryable, Insertable)]
#[diesel(table_name = buckets)]
pub(crate) struct BucketRow {
    id: String,
    name: String,
    owner_id: String,
    state: String,
    seen_absent: bool,
    answered: bool,
    created_at: i64,
}

impl BucketRow {
    pub(crate) fn new(bucket: &Bucket) -> Self {
        Self {
            id: bucket.id.to_string(),
            name: bucket.name.as_str().to_owned(),
            owner_id: bucket.owner.to_string(),
            state: bucket.state.as_str().to_owned(),
            seen_absent: bucket.seen_absent,
            answered: bucket.answered,
            created_at: bucket.created_at.millis(),
        }
    }

    pub(crate) fn into_bucket(self) -> QueryResult<Bucket> {
        Ok(Bucket {
            id: self.id.parse().map_err(bad_value)?,
            name: BucketName::parse(&self.name).map_err(bad_value)?,
            owner: self.owner_id.parse().map_err(bad_value)?,
            state: BucketState::parse(&self.state)
                .ok_or_else(|| bad_value(format!("{:?} is not a bucket state", self.state)))?,
            seen_absent: self.seen_absent,
            answered: self.answered,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

/// A row of `bucket_entries`.
#[derive(Insertable)]
#[diesel(table_name = bucket_entries)]
pub(crate) struct EntryRow {
    bucket_id: String,
    grant: String,
    access: &'static str,
    shard: Option<i32>,
}

impl EntryRow {
    pub(crate) fn new(bucket: &Bucket, entry: &BucketEntry) -> Self {
        Self {
            bucket_id: bucket.id.to_string(),
            grant: entry.grant.as_str().to_owned(),
            access: entry.access.as_str(),
            shard: entry.shard,
        }
    }
}

/// The types of the columns of [`bucket_record_columns`], in their order.
pub(crate) type BucketRecordTypes = (BucketTypes, Text, Text);
/// A bucket's row, its owner's access key, and its entries as JSON.
pub(crate) type BucketRecordRow = (BucketRow, String, String);

/// The columns of a [`BucketRecordRow`], from `buckets AS b` and its owner, `users AS o`. The entries are one JSON array, so
/// that a bucket is one row.
macro_rules! bucket_record_columns {
    () => {
        "b.id, b.name, b.owner_id, b.state, b.seen_absent, b.answered, b.created_at, o.access_key, \
         (SELECT json_group_array(json_array(e.\"grant\", e.access, e.shard)) FROM bucket_entries AS e \
         WHERE e.bucket_id = b.id)"
    };
}

/// As [`bucket_record_columns`], with those of the entries alone whose grants user `u` holds; without a user, those that
/// everybody holds.
macro_rules! held_bucket_columns {
    () => {
        "b.id, b.name, b.owner_id, b.state, b.seen_absent, b.answered, b.created_at, o.access_key, \
         (SELECT json_group_array(json_array(e.\"grant\", e.access, e.shard)) FROM bucket_entries AS e \
         WHERE e.bucket_id = b.id AND e.\"grant\" IN (SELECT 'public' UNION ALL \
         SELECT 'author-' || u.id UNION ALL SELECT value FROM json_each(u.grants)))"
    };
}

pub(crate) use {bucket_record_columns, held_bucket_columns};

/// The CORS rules of a bucket; an empty text stands for none.
pub(crate) fn cors_from_text(text: &str) -> QueryResult<Option<CorsRules>> {
    if text.is_empty() { Ok(None) } else { serde_json::from_str(text).map(Some).map_err(bad_value) }
}

/// Converts a row to a bucket with its entries.
pub(crate) fn bucket_record((row, owner_access_key, entries): BucketRecordRow) -> QueryResult<BucketRecord> {
    let bucket = row.into_bucket()?;
    let entries: Vec<(String, String, Option<i32>)> = serde_json::from_str(&entries).map_err(bad_value)?;
    let mut entries = entries
        .into_iter()
        .map(|(grant, access, shard)| {
            let grant = Grant::parse(grant).map_err(bad_value)?;
            Ok(BucketEntry { grant, access: access.parse().map_err(bad_value)?, shard })
        })
        .collect::<QueryResult<Vec<_>>>()?;
    entries.sort_by(|one, other| one.grant.cmp(&other.grant));
    let owner_access_key = AccessKey::parse(owner_access_key).map_err(bad_value)?;
    Ok(BucketRecord { bucket, owner_access_key, entries })
}

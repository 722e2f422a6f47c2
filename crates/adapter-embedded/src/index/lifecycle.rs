//! Finds what lifecycle rules are due for, and deletes it.

use std::collections::VecDeque;

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use storage_hub_core::domain::BucketId;
use storage_hub_s3_backend::lifecycle::{LifecycleAction, VersionFacts, VersionPlace, action};
use storage_hub_s3_protocol::lifecycle::LifecycleConfiguration;
use storage_hub_s3_protocol::tags::Tags;
use storage_hub_s3_protocol::types::WriteConditions;
use storage_hub_sqlite_pool::statements;

use super::IndexError;
use super::buckets::BucketRow;
use super::listing::{From, Keyed as _, ListedVersion, fetch_versions};
use super::uploads::{self, PARTS_PER_TRANSACTION, UploadAt};
use super::versions::{self, StoredVersion, VersionToDelete};
use crate::blobs::BlobName;

/// Number of versions that are examined in one transaction, which takes a few milliseconds.
const EXAMINED_AT_ONCE: usize = 1_000;

statements! {
    ListRules { } -> (Text, Text) =
        "SELECT hub_id, lifecycle FROM buckets WHERE lifecycle IS NOT NULL AND hub_id IS NOT NULL ORDER BY id";

}

/// The rules of a bucket.
#[derive(Clone, Debug)]
pub(crate) struct BucketRules {
    pub(crate) bucket: BucketId,
    /// As the index has them.
    pub(crate) document: String,
}

/// The rules of all buckets that have any.
pub(crate) fn list_rules(connection: &mut SqliteConnection) -> Result<Vec<BucketRules>, IndexError> {
    let rows: Vec<(String, String)> = ListRules {}.load(connection)?;
    let rules = |(id, document): (String, String)| {
        let bucket = id.parse().map_err(|error: uuid::Error| IndexError::Failed(error.into()))?;
        Ok(BucketRules { bucket, document })
    };
    rows.into_iter().map(rules).collect()
}

/// A version that a rule is due for.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    id: i64,
    key: String,
    version: String,
    is_latest: bool,
    tags: Option<String>,
    action: LifecycleAction,
}

/// How far the versions below a prefix were examined.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    prefix: String,
    /// The version that was examined last.
    after: Option<(Vec<u8>, i64)>,
    /// How many noncurrent versions of its key were examined.
    noncurrent: u32,
    is_done: bool,
}

impl Scan {
    pub(crate) const fn new(prefix: String) -> Self {
        Self { prefix, after: None, noncurrent: 0, is_done: false }
    }

    pub(crate) const fn is_done(&self) -> bool {
        self.is_done
    }

    /// Examines the next versions. Returns how many, and those that a rule is due for.
    pub(crate) fn go_on(
        &mut self,
        connection: &mut SqliteConnection,
        rules: &BucketRules,
        configuration: &LifecycleConfiguration,
        now: i64,
    ) -> Result<(usize, Vec<Due>), IndexError> {
        let bucket = BucketRow::of(connection, rules.bucket)?;
        let from = match &self.after {
            None => From::At(self.prefix.clone().into_bytes()),
            Some((key, id)) => From::AfterVersion(key.clone(), *id),
        };
        // The last one is read again next time: now it only tells whether the one before is the last of its key.
        let limit = i64::try_from(EXAMINED_AT_ONCE).unwrap_or(i64::MAX).saturating_add(1);
        let mut rows = fetch_versions(connection, bucket.id, &from, limit)?;
        let is_last = rows.len() <= EXAMINED_AT_ONCE;
        let next = if is_last { None } else { rows.pop() };
        let (mut due, mut examined) = (Vec::new(), 0);
        let mut rows = rows.into_iter().chain(next).peekable();
        while examined < EXAMINED_AT_ONCE
            && let Some(row) = rows.next()
        {
            if !row.key.starts_with(self.prefix.as_bytes()) {
                self.is_done = true;
                return Ok((examined, due));
            }
            examined += 1;
            let is_last_of_key = rows.peek().is_none_or(|next| next.key != row.key);
            due.extend(self.examine(row, is_last_of_key, configuration, now)?);
        }
        self.is_done = is_last;
        Ok((examined, due))
    }

    fn examine(
        &mut self,
        row: ListedVersion,
        is_last_of_key: bool,
        configuration: &LifecycleConfiguration,
        now: i64,
    ) -> Result<Option<Due>, IndexError> {
        let is_same_key = self.after.as_ref().is_some_and(|(key, _)| *key == row.key);
        self.after = Some((row.key.clone(), row.id));
        if !is_same_key {
            self.noncurrent = 0;
        }
        let place = if row.is_latest {
            VersionPlace::Current { is_only: is_last_of_key }
        } else {
            let newer = self.noncurrent;
            self.noncurrent = newer.saturating_add(1);
            VersionPlace::Noncurrent { since: row.noncurrent_since.unwrap_or(row.modified_at), newer }
        };
        let key = row.key_text();
        let tags = row.tags.as_deref().map_or_else(|| Ok(Tags::default()), Tags::parse_header)?;
        let facts = VersionFacts {
            key: &key,
            size: row.size.unsigned_abs(),
            tags: &tags,
            modified_at: row.modified_at,
            is_delete_marker: row.is_delete_marker,
            place,
        };
        Ok(action(configuration, &facts, now).map(|action| Due {
            id: row.id,
            version: row.version,
            is_latest: row.is_latest,
            tags: row.tags,
            key,
            action,
        }))
    }
}

/// What a transaction of the worker did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Applied {
    /// Objects that were deleted, or hidden by a delete marker.
    pub(crate) expired: u64,
    /// Versions and delete markers that were deleted.
    pub(crate) deleted: u64,
    /// Versions that object lock protects.
    pub(crate) kept: u64,
    /// Whether the rules have changed meanwhile, or the bucket was deleted: nothing was done.
    pub(crate) is_outdated: bool,
}

/// What a transaction did, and what is left to do.
type Progress = (Applied, VecDeque<Due>);

/// Deletes versions as long as they are what they were when they were examined, until they had many parts. Returns the
/// blobs that are released too.
pub(crate) fn apply(
    connection: &mut SqliteConnection,
    rules: &BucketRules,
    mut due: VecDeque<Due>,
    now: i64,
) -> Result<(Progress, Vec<BlobName>), IndexError> {
    let (mut applied, mut released) = (Applied::default(), Vec::new());
    let Some(bucket) = current(connection, rules)? else {
        applied.is_outdated = true;
        return Ok(((applied, due), released));
    };
    while released.len() < PARTS_PER_TRANSACTION
        && let Some(due) = due.pop_front()
    {
        match delete(connection, &bucket, &due, now) {
            Ok(None) => {}
            Ok(Some(blobs)) => {
                released.extend(blobs);
                match due.action {
                    LifecycleAction::DeleteObject => applied.expired += 1,
                    LifecycleAction::DeleteVersion => applied.deleted += 1,
                }
            }
            Err(IndexError::Refused(_)) => applied.kept += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(((applied, due), released))
}

/// The bucket, if it still has these rules.
fn current(connection: &mut SqliteConnection, rules: &BucketRules) -> Result<Option<BucketRow>, IndexError> {
    let bucket = match BucketRow::of(connection, rules.bucket) {
        Ok(bucket) => bucket,
        Err(IndexError::NoSuchBucket) => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(bucket).filter(|bucket| bucket.lifecycle.as_ref() == Some(&rules.document)))
}

/// Deletes a version; `None` if it is not what it was.
fn delete(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    due: &Due,
    now: i64,
) -> Result<Option<Vec<BlobName>>, IndexError> {
    let is_due = |stored: &StoredVersion| {
        stored.id == due.id && stored.is_latest == due.is_latest && stored.extras().tags == due.tags
    };
    let stored = versions::find_stored(connection, bucket, &due.key, &due.version)?;
    if !stored.as_ref().is_some_and(is_due) {
        return Ok(None);
    }
    let conditions = WriteConditions::default();
    let removed = match due.action {
        LifecycleAction::DeleteObject => versions::delete_current(connection, bucket, &due.key, &conditions, now)?,
        LifecycleAction::DeleteVersion => {
            let (key, version) = (due.key.as_str(), due.version.as_str());
            let at = VersionToDelete { key, version, conditions: &conditions, bypass_governance: false };
            versions::delete_version(connection, bucket, at, now)?
        }
    };
    Ok(Some(removed.released))
}

/// Aborts an upload of a bucket, if the bucket still has these rules and the upload is unfinished. Returns whether it did.
pub(crate) fn abort_upload(
    connection: &mut SqliteConnection,
    rules: &BucketRules,
    (key, id): &(String, String),
) -> Result<(bool, Vec<BlobName>), IndexError> {
    let Some(bucket) = current(connection, rules)? else { return Ok((false, Vec::new())) };
    match uploads::abort(connection, &UploadAt { bucket: &bucket, key, id }) {
        Ok(released) => Ok((true, released)),
        Err(IndexError::NoSuchUpload) => Ok((false, Vec::new())),
        Err(error) => Err(error),
    }
}

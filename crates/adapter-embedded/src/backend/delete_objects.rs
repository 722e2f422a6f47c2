use std::collections::VecDeque;

use diesel::SqliteConnection;
use storage_hub_s3_backend::Write;
use storage_hub_s3_backend::conditions::check_null_version;
use storage_hub_s3_protocol::error::{S3Error, S3Result};
use storage_hub_s3_protocol::operation::DeleteEntry;
use storage_hub_s3_protocol::response::Deleted;

use super::commit::{commit, confirm};
use crate::blobs::BlobName;
use crate::index::IndexError;
use crate::index::buckets::BucketRow;
use crate::index::uploads::PARTS_PER_TRANSACTION;
use crate::index::versions::{self, Removed, VersionToDelete};
use crate::store::{EmbeddedStore, now};

/// Deletes in transactions of bounded size, because every other writer waits for each, and an object can have 10,000 parts.
/// The guard is asked before each of them.
pub(super) async fn delete(
    store: &EmbeddedStore,
    write: Write<'_>,
    entries: Vec<DeleteEntry>,
) -> S3Result<Vec<S3Result<Deleted>>> {
    let total = entries.len();
    let mut results = Vec::with_capacity(total);
    let mut remaining: VecDeque<_> = entries.into();
    while !remaining.is_empty() {
        let deleted = match confirm(write).await {
            Ok(permit) => {
                let some = move |connection: &mut _, bucket| delete_some(connection, &bucket, remaining);
                commit(store, permit, Vec::new(), some).await
            }
            Err(refused) => Err(refused),
        };
        match deleted {
            Ok((some, rest)) => {
                results.extend(some);
                remaining = rest;
            }
            Err(error) if results.is_empty() => return Err(error),
            // What was deleted before stays deleted, and is reported.
            Err(error) => {
                let (code, message) = (error.code(), error.message().to_owned());
                let failed = || Err(S3Error::with_message(code, message.clone()));
                results.resize_with(total, failed);
                break;
            }
        }
    }
    Ok(results)
}

/// The results of a transaction, and the entries that are left.
type Progress = (Vec<S3Result<Deleted>>, VecDeque<DeleteEntry>);

/// Deletes objects in one transaction, until all are deleted or they had many parts. Returns the blobs that are released
/// too.
fn delete_some(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    mut remaining: VecDeque<DeleteEntry>,
) -> Result<(Progress, Vec<BlobName>), IndexError> {
    let (mut results, mut released) = (Vec::new(), Vec::new());
    while released.len() < PARTS_PER_TRANSACTION
        && let Some(entry) = remaining.pop_front()
    {
        match delete_one(connection, bucket, &entry) {
            Ok(removed) => {
                released.extend(removed.released);
                results.push(Ok(Deleted { version_id: entry.version_id, delete_marker: removed.marker }));
            }
            Err(IndexError::Refused(error)) => results.push(Err(error)),
            // Nothing of this transaction is kept.
            Err(error) => return Err(error),
        }
    }
    Ok(((results, remaining), released))
}

fn delete_one(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    entry: &DeleteEntry,
) -> Result<Removed, IndexError> {
    let DeleteEntry { key, version_id, conditions, bypass_governance, .. } = entry;
    let Some(version) = version_id else {
        return versions::delete_current(connection, bucket, key, conditions, now());
    };
    if !bucket.names_versions() {
        check_null_version(Some(version))?;
    }
    let at = VersionToDelete { key, version, conditions, bypass_governance: *bypass_governance };
    versions::delete_version(connection, bucket, at, now())
}

//! The buckets of the index.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{SqliteConnection, dsl};
use storage_hub_core::domain::{BucketId, BucketRef};
use storage_hub_s3_protocol::object_lock::ObjectLockConfiguration;
use storage_hub_s3_protocol::versioning::VersioningState;
use storage_hub_sqlite_pool::statements;

use super::IndexError;
use super::schema::{buckets, objects, upload_parts, uploads};
use crate::blobs::BlobName;

statements! {
    FindBucket { hub_id: String as Text } -> (BigInt, Nullable<Text>, Nullable<Text>, Nullable<Text>) =
        "SELECT id, versioning, object_lock, lifecycle FROM buckets WHERE hub_id = ?";
}

/// A bucket in a transaction. A write is bound to its row, whose id no other bucket ever gets, because the name may be
/// another bucket's by the time that the body has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BucketRow {
    pub(super) id: i64,
    /// `None`: it never kept versions.
    pub(crate) versioning: Option<VersioningState>,
    /// `None`: it has no object lock.
    pub(crate) object_lock: Option<ObjectLockConfiguration>,
    /// The document of the lifecycle rules.
    pub(crate) lifecycle: Option<String>,
}

impl BucketRow {
    /// The bucket that has this id in the records. Fails with [`IndexError::NoSuchBucket`].
    pub(crate) fn of(connection: &mut SqliteConnection, id: BucketId) -> Result<Self, IndexError> {
        type Row = (i64, Option<String>, Option<String>, Option<String>);
        let find = FindBucket { hub_id: id.to_string() };
        let found: Option<Row> = find.get_result(connection).optional()?;
        let (id, versioning, object_lock, lifecycle) = found.ok_or(IndexError::NoSuchBucket)?;
        let is_suspended = |text: String| text == VersioningState::Suspended.name();
        let versioning = versioning.map(is_suspended).map(|is_suspended| match is_suspended {
            true => VersioningState::Suspended,
            false => VersioningState::Enabled,
        });
        let object_lock = object_lock.map(|document| ObjectLockConfiguration::parse(document.as_bytes()));
        Ok(Self { id, versioning, object_lock: object_lock.transpose()?, lifecycle })
    }

    /// Whether answers name versions.
    pub(crate) fn names_versions(&self) -> bool {
        self.versioning.is_some()
    }
}

/// The id of a bucket. Everything that belongs to the bucket refers to it.
pub(crate) fn find_id(connection: &mut SqliteConnection, name: &str) -> Result<Option<i64>, IndexError> {
    Ok(buckets::table.filter(buckets::name.eq(name)).select(buckets::id).first(connection).optional()?)
}

/// Inserts a bucket. Fails with [`IndexError::BucketExists`] when there is one with its name or its id.
pub(crate) fn insert(connection: &mut SqliteConnection, bucket: &BucketRef, now: i64) -> Result<(), IndexError> {
    let (name, hub_id) = (bucket.name.as_str(), bucket.id.to_string());
    let inserted = diesel::insert_into(buckets::table)
        .values((buckets::name.eq(name), buckets::created_at.eq(now), buckets::hub_id.eq(hub_id)))
        .execute(connection);
    match inserted {
        Ok(_) => Ok(()),
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(IndexError::BucketExists),
        Err(error) => Err(error.into()),
    }
}

/// Deletes a bucket without objects, versions and delete markers, and its unfinished uploads with it. Returns the blobs of the latter, which nothing
/// refers to any more.
pub(crate) fn delete(connection: &mut SqliteConnection, bucket: BucketId) -> Result<Vec<BlobName>, IndexError> {
    let BucketRow { id, .. } = BucketRow::of(connection, bucket)?;
    let held = objects::table.filter(objects::bucket_id.eq(id));
    if dsl::select(dsl::exists(held)).get_result(connection)? {
        return Err(IndexError::BucketNotEmpty);
    }
    let unfinished = uploads::table.filter(uploads::bucket_id.eq(id));
    let parts = upload_parts::table.filter(upload_parts::upload_id.eq_any(unfinished.select(uploads::id)));
    let blobs: Vec<String> = parts.select(upload_parts::blob).load(connection)?;
    diesel::delete(unfinished).execute(connection)?;
    diesel::delete(buckets::table.find(id)).execute(connection)?;
    Ok(blobs.into_iter().map(BlobName::from_index).collect())
}

/// The names of all buckets, in byte order.
pub(crate) fn list(connection: &mut SqliteConnection) -> Result<Vec<String>, IndexError> {
    Ok(buckets::table.order(buckets::name).select(buckets::name).load(connection)?)
}

/// Whether there is a bucket without an id of the records.
pub(crate) fn some_lack_an_id(connection: &mut SqliteConnection) -> Result<bool, IndexError> {
    Ok(dsl::select(dsl::exists(buckets::table.filter(buckets::hub_id.is_null()))).get_result(connection)?)
}

/// Gives the bucket with this name its id, unless it has one. Returns whether it got it.
pub(crate) fn adopt(connection: &mut SqliteConnection, bucket: &BucketRef) -> Result<bool, IndexError> {
    let unknown = buckets::table.filter(buckets::name.eq(bucket.name.as_str()).and(buckets::hub_id.is_null()));
    Ok(diesel::update(unknown).set(buckets::hub_id.eq(bucket.id.to_string())).execute(connection)? > 0)
}

pub(crate) fn set_policy(connection: &mut SqliteConnection, bucket: BucketId, policy: &str) -> Result<(), IndexError> {
    let BucketRow { id, .. } = BucketRow::of(connection, bucket)?;
    diesel::update(buckets::table.find(id)).set(buckets::policy.eq(policy)).execute(connection)?;
    Ok(())
}

pub(crate) fn find_policy(connection: &mut SqliteConnection, bucket: &BucketRow) -> Result<Option<String>, IndexError> {
    Ok(buckets::table.find(bucket.id).select(buckets::policy).first(connection)?)
}

//! The buckets of the index.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{SqliteConnection, dsl};
use storage_hub_core::domain::{BucketId, BucketRef};

use super::IndexError;
use super::schema::{buckets, objects, upload_parts, uploads};
use crate::blobs::BlobName;

/// A bucket in a listing.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct BucketRow {
    pub(crate) name: String,
    pub(crate) created_at: i64,
}

/// A bucket by its row, whose id no other row ever gets. A write is bound to it, because the name may be another
/// bucket's by the time that the body has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BucketRowId(i64);

impl BucketRowId {
    /// The bucket that has this name now.
    pub(crate) fn find(connection: &mut SqliteConnection, name: &str) -> Result<Option<Self>, IndexError> {
        Ok(find_id(connection, name)?.map(Self))
    }

    /// The bucket that has this id in the records. Fails with [`IndexError::NoSuchBucket`].
    pub(crate) fn of(connection: &mut SqliteConnection, id: BucketId) -> Result<Self, IndexError> {
        let row = buckets::table.filter(buckets::hub_id.eq(id.to_string())).select(buckets::id);
        row.first(connection).optional()?.map(Self).ok_or(IndexError::NoSuchBucket)
    }

    /// As [`find`](Self::find), but fails with [`IndexError::NoSuchBucket`].
    pub(crate) fn get(connection: &mut SqliteConnection, name: &str) -> Result<Self, IndexError> {
        get_id(connection, name).map(Self)
    }

    /// The id, if the bucket still exists.
    pub(super) fn id(self, connection: &mut SqliteConnection) -> Result<i64, IndexError> {
        match dsl::select(dsl::exists(buckets::table.find(self.0))).get_result(connection)? {
            true => Ok(self.0),
            false => Err(IndexError::NoSuchBucket),
        }
    }
}

/// The id of a bucket. Everything that belongs to the bucket refers to it.
pub(crate) fn find_id(connection: &mut SqliteConnection, name: &str) -> Result<Option<i64>, IndexError> {
    Ok(buckets::table.filter(buckets::name.eq(name)).select(buckets::id).first(connection).optional()?)
}

/// As [`find_id`], but a missing bucket is an error.
pub(crate) fn get_id(connection: &mut SqliteConnection, name: &str) -> Result<i64, IndexError> {
    find_id(connection, name)?.ok_or(IndexError::NoSuchBucket)
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

/// Deletes a bucket without objects, and its unfinished uploads with it. Returns the blobs of the latter, which nothing
/// refers to any more.
pub(crate) fn delete(connection: &mut SqliteConnection, bucket: BucketId) -> Result<Vec<BlobName>, IndexError> {
    let BucketRowId(id) = BucketRowId::of(connection, bucket)?;
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

/// All buckets, in the byte order of their names.
pub(crate) fn list(connection: &mut SqliteConnection) -> Result<Vec<BucketRow>, IndexError> {
    Ok(buckets::table.order(buckets::name).select((buckets::name, buckets::created_at)).load(connection)?)
}

/// Buckets whose names begin with `prefix` and come after `after`, in the byte order of their names, at most `limit`.
pub(crate) fn list_page(
    connection: &mut SqliteConnection,
    prefix: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<BucketRow>, IndexError> {
    // No name begins with a character above this one.
    let end = format!("{prefix}{}", char::MAX);
    let page = buckets::table.filter(buckets::name.ge(prefix).and(buckets::name.gt(after)).and(buckets::name.lt(end)));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Ok(page.order(buckets::name).limit(limit).select((buckets::name, buckets::created_at)).load(connection)?)
}

/// The buckets with these names that exist, in the byte order of their names.
pub(crate) fn list_named(connection: &mut SqliteConnection, names: &[String]) -> Result<Vec<BucketRow>, IndexError> {
    let named = buckets::table.filter(buckets::name.eq_any(names));
    Ok(named.order(buckets::name).select((buckets::name, buckets::created_at)).load(connection)?)
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
    let BucketRowId(id) = BucketRowId::of(connection, bucket)?;
    diesel::update(buckets::table.find(id)).set(buckets::policy.eq(policy)).execute(connection)?;
    Ok(())
}

pub(crate) fn find_policy(
    connection: &mut SqliteConnection,
    BucketRowId(id): BucketRowId,
) -> Result<Option<String>, IndexError> {
    Ok(buckets::table.find(id).select(buckets::policy).first(connection)?)
}

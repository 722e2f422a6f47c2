//! The settings of buckets and of versions of objects.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use storage_hub_s3_backend::object_lock::{check_retention_change, require_lock};
use storage_hub_s3_backend::versions::{current_is_marker, is_marker};
use storage_hub_s3_backend::{BucketSetting, BucketSettingKind, ObjectSetting};
use storage_hub_s3_protocol::lifecycle::LifecycleConfiguration;
use storage_hub_s3_protocol::object_lock::ObjectLock;
use storage_hub_s3_protocol::tags::{TagOwner, Tags};
use storage_hub_sqlite_pool::statements;

use super::IndexError;
use super::buckets::BucketRow;
use super::objects::VersionAt;
use super::schema::buckets;
use super::versions::{StoredVersion, find_latest, find_stored};
use crate::object::Extras;

statements! {
    SetTags { tags: Option<String> as Nullable<Text>, id: i64 as BigInt } -> () =
        "UPDATE objects SET tags = ? WHERE id = ?";

    SetLock {
        mode: Option<String> as Nullable<Text>, until: Option<i64> as Nullable<BigInt>,
        hold: Option<bool> as Nullable<diesel::sql_types::Bool>, id: i64 as BigInt,
    } -> () =
        "UPDATE objects SET retention_mode = ?, retain_until = ?, legal_hold = ? WHERE id = ?";
}

pub(crate) fn find(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    kind: BucketSettingKind,
) -> Result<Option<BucketSetting>, IndexError> {
    let row = buckets::table.find(bucket.id);
    Ok(match kind {
        BucketSettingKind::Versioning => bucket.versioning.map(BucketSetting::Versioning),
        BucketSettingKind::ObjectLock => bucket.object_lock.map(BucketSetting::ObjectLock),
        BucketSettingKind::Tags => {
            let document: Option<String> = row.select(buckets::tags).first(connection)?;
            let tags = document.map(|document| Tags::parse_document(TagOwner::Bucket, document.as_bytes()));
            tags.transpose()?.map(BucketSetting::Tags)
        }
        BucketSettingKind::Lifecycle => {
            let document: Option<String> = row.select(buckets::lifecycle).first(connection)?;
            let rules = document.map(|document| LifecycleConfiguration::parse(document.as_bytes()));
            rules.transpose()?.map(BucketSetting::Lifecycle)
        }
    })
}

pub(crate) fn put(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    setting: &BucketSetting,
) -> Result<(), IndexError> {
    setting.check(bucket.versioning, bucket.object_lock.is_some())?;
    let row = diesel::update(buckets::table.find(bucket.id));
    match setting {
        BucketSetting::Versioning(state) => row.set(buckets::versioning.eq(state.name())).execute(connection),
        BucketSetting::Tags(tags) => row.set(buckets::tags.eq(tags.to_document())).execute(connection),
        BucketSetting::Lifecycle(rules) => row.set(buckets::lifecycle.eq(rules.to_document())).execute(connection),
        BucketSetting::ObjectLock(lock) => row.set(buckets::object_lock.eq(lock.to_document())).execute(connection),
    }?;
    Ok(())
}

/// Deletes tags or lifecycle rules.
pub(crate) fn delete(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    kind: BucketSettingKind,
) -> Result<(), IndexError> {
    let (row, none) = (diesel::update(buckets::table.find(bucket.id)), None::<String>);
    match kind {
        BucketSettingKind::Tags => row.set(buckets::tags.eq(none)).execute(connection),
        BucketSettingKind::Lifecycle => row.set(buckets::lifecycle.eq(none)).execute(connection),
        BucketSettingKind::Versioning | BucketSettingKind::ObjectLock => {
            return Err(IndexError::Refused(storage_hub_s3_protocol::error::ErrorCode::MethodNotAllowed.into()));
        }
    }?;
    Ok(())
}

/// Changes a setting of a version, and returns the version where the bucket keeps versions.
pub(crate) fn put_of_object(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    at: &VersionAt,
    setting: &ObjectSetting,
    bypass_governance: bool,
    now: i64,
) -> Result<Option<String>, IndexError> {
    if !matches!(setting, ObjectSetting::Tags(_)) {
        require_lock(bucket.object_lock.as_ref())?;
    }
    let stored = find_version(connection, bucket, at)?;
    let lock = stored.extras().lock();
    match setting {
        ObjectSetting::Tags(tags) => {
            let tags = Extras::new(tags, ObjectLock::default()).tags;
            SetTags { tags, id: stored.id }.execute(connection)?;
        }
        ObjectSetting::Retention(retention) => {
            check_retention_change(lock.retention, *retention, bypass_governance, now)?;
            set_lock(connection, &stored, ObjectLock { retention: *retention, ..lock })?;
        }
        ObjectSetting::LegalHold(legal_hold) => {
            set_lock(connection, &stored, ObjectLock { legal_hold: *legal_hold, ..lock })?;
        }
    }
    Ok(Some(stored.version).filter(|_| bucket.names_versions()))
}

fn find_version(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    at: &VersionAt,
) -> Result<StoredVersion, IndexError> {
    match &at.version {
        Some(version) => {
            let stored = find_stored(connection, bucket, &at.key, version)?.ok_or(IndexError::NoSuchVersion)?;
            if stored.is_delete_marker { Err(is_marker(&stored.version).into()) } else { Ok(stored) }
        }
        None => {
            let stored = find_latest(connection, bucket, &at.key)?.ok_or(IndexError::NoSuchKey)?;
            if stored.is_delete_marker { Err(current_is_marker(&stored.version).into()) } else { Ok(stored) }
        }
    }
}

fn set_lock(connection: &mut SqliteConnection, stored: &StoredVersion, lock: ObjectLock) -> Result<(), IndexError> {
    let Extras { retention_mode: mode, retain_until: until, legal_hold: hold, .. } = Extras::default().with_lock(lock);
    SetLock { mode, until, hold, id: stored.id }.execute(connection)?;
    Ok(())
}

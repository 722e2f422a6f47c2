use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::object_lock::require_lock;
use storage_hub_s3_backend::{BucketSetting, BucketSettingKind, FoundSetting, ObjectSetting, ObjectSettingKind, Write};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::ObjectVersionRef;

use super::commit::{commit, confirm};
use super::find::object;
use crate::index::buckets::BucketRow;
use crate::index::objects::{self, VersionAt};
use crate::index::settings;
use crate::store::{EmbeddedStore, now};

pub(super) async fn find_of_bucket(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    kind: BucketSettingKind,
) -> S3Result<Option<BucketSetting>> {
    let id = bucket.id;
    let find = move |connection: &mut _| {
        let bucket = BucketRow::of(connection, id)?;
        settings::find(connection, &bucket, kind)
    };
    Ok(store.index().read(find).await?)
}

pub(super) async fn put_of_bucket(store: &EmbeddedStore, write: Write<'_>, setting: BucketSetting) -> S3Result<()> {
    let permit = confirm(write).await?;
    let put = move |connection: &mut _, bucket| Ok((settings::put(connection, &bucket, &setting)?, Vec::new()));
    commit(store, permit, Vec::new(), put).await
}

pub(super) async fn delete_of_bucket(store: &EmbeddedStore, write: Write<'_>, kind: BucketSettingKind) -> S3Result<()> {
    let permit = confirm(write).await?;
    let delete = move |connection: &mut _, bucket| Ok((settings::delete(connection, &bucket, kind)?, Vec::new()));
    commit(store, permit, Vec::new(), delete).await
}

pub(super) async fn find_of_object(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    at: ObjectVersionRef,
    kind: ObjectSettingKind,
) -> S3Result<FoundSetting> {
    let (id, by_version) = (bucket.id, at.version_id.is_some());
    let at = VersionAt { key: at.key, version: at.version_id };
    let find = move |connection: &mut _| {
        if kind != ObjectSettingKind::Tags {
            require_lock(BucketRow::of(connection, id)?.object_lock.as_ref())?;
        }
        Ok(objects::find(connection, id, &at, false)?.0)
    };
    let object = object(store.index().read(find).await?, by_version)?;
    let setting = match kind {
        ObjectSettingKind::Tags => ObjectSetting::Tags(object.extras.tags()?),
        ObjectSettingKind::Retention => ObjectSetting::Retention(object.extras.lock().retention),
        ObjectSettingKind::LegalHold => ObjectSetting::LegalHold(object.extras.legal_hold),
    };
    Ok(FoundSetting { version_id: object.version_id, setting })
}

pub(super) async fn put_of_object(
    store: &EmbeddedStore,
    write: Write<'_>,
    at: ObjectVersionRef,
    setting: ObjectSetting,
    bypass_governance: bool,
) -> S3Result<Option<String>> {
    let permit = confirm(write).await?;
    let at = VersionAt { key: at.key, version: at.version_id };
    let put = move |connection: &mut _, bucket| {
        let version = settings::put_of_object(connection, &bucket, &at, &setting, bypass_governance, now())?;
        Ok((version, Vec::new()))
    };
    commit(store, permit, Vec::new(), put).await
}

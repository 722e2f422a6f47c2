use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::ObjectVersionRef;

use super::in_memory::InMemoryS3Backend;
use crate::object_lock::{check_retention_change, require_lock};
use crate::{BucketSetting, BucketSettingKind, FoundSetting, ObjectSetting, ObjectSettingKind, Write};

pub(super) fn find_of_bucket(
    backend: &InMemoryS3Backend,
    bucket: &BucketRef,
    kind: BucketSettingKind,
) -> S3Result<Option<BucketSetting>> {
    let state = backend.lock();
    let settings = &state.bucket(bucket)?.settings;
    Ok(match kind {
        BucketSettingKind::Versioning => settings.versioning.map(BucketSetting::Versioning),
        BucketSettingKind::Tags => settings.tags.clone().map(BucketSetting::Tags),
        BucketSettingKind::Lifecycle => settings.lifecycle.clone().map(BucketSetting::Lifecycle),
        BucketSettingKind::ObjectLock => settings.object_lock.map(BucketSetting::ObjectLock),
    })
}

pub(super) async fn put_of_bucket(
    backend: &InMemoryS3Backend,
    write: Write<'_>,
    setting: BucketSetting,
) -> S3Result<()> {
    backend.lock().bucket(write.bucket)?;
    let permit = write.guard.permit().await?;
    let mut state = backend.lock();
    let settings = &mut state.permitted(&permit)?.settings;
    setting.check(settings.versioning, settings.object_lock.is_some())?;
    match setting {
        BucketSetting::Versioning(versioning) => settings.versioning = Some(versioning),
        BucketSetting::Tags(tags) => settings.tags = Some(tags),
        BucketSetting::Lifecycle(lifecycle) => settings.lifecycle = Some(lifecycle),
        BucketSetting::ObjectLock(object_lock) => settings.object_lock = Some(object_lock),
    }
    Ok(())
}

pub(super) async fn delete_of_bucket(
    backend: &InMemoryS3Backend,
    write: Write<'_>,
    kind: BucketSettingKind,
) -> S3Result<()> {
    backend.lock().bucket(write.bucket)?;
    let permit = write.guard.permit().await?;
    let mut state = backend.lock();
    let settings = &mut state.permitted(&permit)?.settings;
    match kind {
        BucketSettingKind::Tags => settings.tags = None,
        BucketSettingKind::Lifecycle => settings.lifecycle = None,
        BucketSettingKind::Versioning | BucketSettingKind::ObjectLock => {
            return Err(ErrorCode::MethodNotAllowed.into());
        }
    }
    Ok(())
}

pub(super) fn find_of_object(
    backend: &InMemoryS3Backend,
    bucket: &BucketRef,
    object: &ObjectVersionRef,
    kind: ObjectSettingKind,
) -> S3Result<FoundSetting> {
    let state = backend.lock();
    let content = state.bucket(bucket)?;
    if kind != ObjectSettingKind::Tags {
        require_lock(content.settings.object_lock.as_ref())?;
    }
    let found = content.find(&object.key, object.version_id.as_deref())?;
    let setting = match kind {
        ObjectSettingKind::Tags => ObjectSetting::Tags(found.object.tags.clone()),
        ObjectSettingKind::Retention => ObjectSetting::Retention(found.object.lock.retention),
        ObjectSettingKind::LegalHold => ObjectSetting::LegalHold(found.object.lock.legal_hold),
    };
    Ok(FoundSetting { version_id: found.version_id.map(str::to_owned), setting })
}

pub(super) async fn put_of_object(
    backend: &InMemoryS3Backend,
    write: Write<'_>,
    object: ObjectVersionRef,
    setting: ObjectSetting,
    bypass_governance: bool,
) -> S3Result<Option<String>> {
    backend.lock().bucket(write.bucket)?;
    let permit = write.guard.permit().await?;
    let now = backend.now();
    let mut state = backend.lock();
    let content = state.permitted(&permit)?;
    if setting.kind() != ObjectSettingKind::Tags {
        require_lock(content.settings.object_lock.as_ref())?;
    }
    let version_id = content.find(&object.key, object.version_id.as_deref())?.version_id.map(str::to_owned);
    let stored = content.find_mut(&object.key, object.version_id.as_deref())?;
    match setting {
        ObjectSetting::Tags(tags) => stored.tags = tags,
        ObjectSetting::Retention(retention) => {
            check_retention_change(stored.lock.retention, retention, bypass_governance, now)?;
            stored.lock.retention = retention;
        }
        ObjectSetting::LegalHold(legal_hold) => stored.lock.legal_hold = legal_hold,
    }
    Ok(version_id)
}

use storage_hub_s3_backend::{BucketSetting, BucketSettingKind, ObjectSetting, ObjectSettingKind};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::object_lock::{
    DefaultRetention, ObjectLock, ObjectLockConfiguration, Retention, RetentionMode, RetentionPeriod,
};
use storage_hub_s3_protocol::operation::{CopyObject, CopySource, CreateMultipartUpload, DeleteEntry, PutObject};
use storage_hub_s3_protocol::response::Deleted;
use storage_hub_s3_protocol::types::Millis;
use storage_hub_s3_protocol::versioning::VersioningState;

use super::S3BackendHarness;
use super::fixture::{Fixture, code, upload_ref};
use super::settings::object;
use super::versions::{entry, get};

const DAY: Millis = 24 * 60 * 60 * 1000;

fn lock(default_retention: Option<DefaultRetention>) -> BucketSetting {
    BucketSetting::ObjectLock(ObjectLockConfiguration { default_retention })
}

impl Fixture<'_> {
    /// A new bucket with object lock; `None` where the backend does not have it.
    async fn locked(harness: &impl S3BackendHarness) -> Option<Fixture<'_>> {
        let at = Fixture::versioned(harness).await?;
        if !at.backend.capabilities().object_lock {
            return None;
        }
        at.backend.put_bucket_setting(at.write(), lock(None)).await.unwrap();
        Some(at)
    }

    /// A moment this many days after now, by the clock of the backend.
    async fn days_later(&self, days: i64) -> Millis {
        self.put("now", b"").await;
        let now = self.get("now").await.unwrap().0.modified_at;
        now.div_euclid(1000) * 1000 + days * DAY
    }

    async fn put_locked(&self, key: &str, lock: ObjectLock) -> S3Result<String> {
        let input = PutObject { key: key.to_owned(), lock, ..PutObject::default() };
        self.put_with(input, b"locked").await.map(|written| written.version_id.unwrap_or_default())
    }

    async fn delete_version(&self, key: &str, version: &str, bypass_governance: bool) -> S3Result<Deleted> {
        self.delete_one(DeleteEntry { bypass_governance, ..entry(key, Some(version)) }).await
    }

    async fn retain(&self, key: &str, version: &str, retention: Option<Retention>, bypass: bool) -> S3Result<()> {
        let setting = ObjectSetting::Retention(retention);
        let object = object(key, Some(version));
        self.backend.put_object_setting(self.write(), object, setting, bypass).await.map(|_| ())
    }

    async fn hold(&self, key: &str, version: &str, legal_hold: bool) -> S3Result<()> {
        let setting = ObjectSetting::LegalHold(Some(legal_hold));
        let object = object(key, Some(version));
        self.backend.put_object_setting(self.write(), object, setting, false).await.map(|_| ())
    }

    async fn lock_of(&self, key: &str, version: &str) -> ObjectLock {
        let find = |kind| self.backend.find_object_setting(&self.bucket, object(key, Some(version)), kind);
        let ObjectSetting::Retention(retention) = find(ObjectSettingKind::Retention).await.unwrap().setting else {
            panic!("it must be a retention")
        };
        let ObjectSetting::LegalHold(legal_hold) = find(ObjectSettingKind::LegalHold).await.unwrap().setting else {
            panic!("it must be a legal hold")
        };
        let head = self.backend.head_object(&self.bucket, get(key, Some(version))).await.unwrap();
        let lock = ObjectLock { retention, legal_hold };
        assert_eq!(head.lock, lock);
        lock
    }
}

fn retention(mode: RetentionMode, retain_until: Millis) -> Option<Retention> {
    Some(Retention { mode, retain_until })
}

/// And cannot be taken away again. Without the feature it is refused.
pub async fn object_lock_needs_versioning_and_stays(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let find = || at.backend.find_bucket_setting(&at.bucket, BucketSettingKind::ObjectLock);
    assert_eq!(find().await.unwrap(), None);
    if !at.backend.capabilities().object_lock {
        let put = at.backend.put_bucket_setting(at.write(), lock(None)).await;
        assert_eq!(put.unwrap_err().code(), ErrorCode::NotImplemented);
        let held = ObjectLock { legal_hold: Some(true), ..ObjectLock::default() };
        assert_eq!(at.put_locked("a", held).await.unwrap_err().code(), ErrorCode::NotImplemented);
        assert_eq!(at.bytes("a").await, None);
        return;
    }
    let put = |setting| at.backend.put_bucket_setting(at.write(), setting);
    assert_eq!(code(put(lock(None)).await), ErrorCode::InvalidBucketState);
    at.set_versioning(VersioningState::Suspended).await;
    assert_eq!(code(put(lock(None)).await), ErrorCode::InvalidBucketState);
    at.set_versioning(VersioningState::Enabled).await;
    let default = DefaultRetention { mode: RetentionMode::Compliance, period: RetentionPeriod::Years(1) };
    for setting in [lock(None), lock(Some(default)), lock(None)] {
        put(setting.clone()).await.unwrap();
        assert_eq!(find().await.unwrap(), Some(setting));
    }
    let suspend = put(BucketSetting::Versioning(VersioningState::Suspended)).await;
    assert_eq!(code(suspend), ErrorCode::InvalidBucketState);
    let delete = at.backend.delete_bucket_setting(at.write(), BucketSettingKind::ObjectLock).await;
    assert_eq!(code(delete), ErrorCode::MethodNotAllowed);
    assert_eq!(find().await.unwrap(), Some(lock(None)));
}

/// In writes and settings alike.
pub async fn a_lock_is_refused_in_a_bucket_without_object_lock(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    if !at.backend.capabilities().object_lock {
        return;
    }
    let version = at.put_version("a", b"a").await;
    let later = at.days_later(1).await;
    let asked = ObjectLock { retention: retention(RetentionMode::Governance, later), legal_hold: None };
    assert_eq!(code(at.put_locked("a", asked).await), ErrorCode::InvalidRequest);
    assert_eq!(code(at.retain("a", &version, asked.retention, true).await), ErrorCode::InvalidRequest);
    assert_eq!(code(at.hold("a", &version, true).await), ErrorCode::InvalidRequest);
    for kind in [ObjectSettingKind::Retention, ObjectSettingKind::LegalHold] {
        let found = at.backend.find_object_setting(&at.bucket, object("a", None), kind).await;
        assert_eq!(code(found), ErrorCode::InvalidRequest);
    }
    let input = CreateMultipartUpload { key: "a".to_owned(), lock: asked, ..Default::default() };
    let begun = at.backend.create_multipart_upload(at.write(), input).await;
    assert_eq!(code(begun), ErrorCode::InvalidRequest);
    at.delete_version("a", &version, false).await.unwrap();
}

/// It can be extended. Only a bypass shortens it, removes it, or deletes the version.
pub async fn governance_retention_gives_way_to_a_bypass_only(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::locked(harness).await else { return };
    let (near, far) = (at.days_later(1).await, at.days_later(2).await);
    let governance = |until| retention(RetentionMode::Governance, until);
    let version = at.put_locked("a", ObjectLock { retention: governance(near), legal_hold: None }).await.unwrap();
    assert_eq!(at.lock_of("a", &version).await.retention, governance(near));
    at.retain("a", &version, governance(far), false).await.unwrap();
    assert_eq!(code(at.retain("a", &version, governance(near), false).await), ErrorCode::AccessDenied);
    assert_eq!(code(at.retain("a", &version, None, false).await), ErrorCode::AccessDenied);
    assert_eq!(at.lock_of("a", &version).await.retention, governance(far));
    assert_eq!(code(at.delete_version("a", &version, false).await), ErrorCode::AccessDenied);
    // A marker hides a version and deletes nothing.
    assert!(at.delete_one(entry("a", None)).await.unwrap().delete_marker.is_some());
    assert_eq!(at.get_with(get("a", Some(&version))).await.unwrap().1, b"locked");
    at.retain("a", &version, governance(near), true).await.unwrap();
    at.delete_version("a", &version, true).await.unwrap();
    assert_eq!(code(at.get_with(get("a", Some(&version))).await), ErrorCode::NoSuchVersion);
    let removed = at.put_locked("b", ObjectLock { retention: governance(near), legal_hold: None }).await.unwrap();
    at.retain("b", &removed, None, true).await.unwrap();
    assert_eq!(at.lock_of("b", &removed).await.retention, None);
    at.delete_version("b", &removed, false).await.unwrap();
}

/// By nothing.
pub async fn compliance_retention_is_bypassed_by_nobody(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::locked(harness).await else { return };
    let (near, far) = (at.days_later(1).await, at.days_later(2).await);
    let compliance = |until| retention(RetentionMode::Compliance, until);
    let version = at.put_locked("a", ObjectLock { retention: compliance(near), legal_hold: None }).await.unwrap();
    at.retain("a", &version, compliance(far), false).await.unwrap();
    for weaker in [compliance(near), retention(RetentionMode::Governance, far), None] {
        assert_eq!(code(at.retain("a", &version, weaker, true).await), ErrorCode::AccessDenied, "{weaker:?}");
    }
    assert_eq!(code(at.delete_version("a", &version, true).await), ErrorCode::AccessDenied);
    assert_eq!(at.lock_of("a", &version).await.retention, compliance(far));
    assert!(!harness.delete_bucket(&at.bucket).await);
    let past = at.days_later(-1).await;
    let asked = ObjectLock { retention: compliance(past), legal_hold: None };
    assert!(at.put_locked("b", asked).await.is_err());
}

/// With and without a retention.
pub async fn a_legal_hold_protects_a_version_until_it_is_lifted(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::locked(harness).await else { return };
    let held = ObjectLock { legal_hold: Some(true), ..ObjectLock::default() };
    let version = at.put_locked("a", held).await.unwrap();
    assert_eq!(at.lock_of("a", &version).await, held);
    assert_eq!(code(at.delete_version("a", &version, true).await), ErrorCode::AccessDenied);
    at.hold("a", &version, false).await.unwrap();
    assert_eq!(at.lock_of("a", &version).await.legal_hold, Some(false));
    at.delete_version("a", &version, false).await.unwrap();
    let never = at.put_version("b", b"b").await;
    assert_eq!(at.lock_of("b", &never).await, ObjectLock::default());
    at.hold("b", &never, true).await.unwrap();
    assert_eq!(code(at.delete_version("b", &never, true).await), ErrorCode::AccessDenied);
    at.hold("b", &never, false).await.unwrap();
    at.delete_version("b", &never, false).await.unwrap();
}

/// Objects, completions and copies that ask for none. A copy never takes over the lock of its source.
pub async fn versions_get_the_default_retention_of_their_bucket(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::locked(harness).await else { return };
    let far = at.days_later(30).await;
    let own = ObjectLock { retention: retention(RetentionMode::Governance, far), legal_hold: Some(true) };
    let source = at.put_locked("source", own).await.unwrap();
    let copy = |key: &str| CopyObject {
        key: key.to_owned(),
        source: CopySource { key: "source".to_owned(), ..CopySource::default() },
        ..CopyObject::default()
    };
    let copied = at.backend.copy_object(&at.bucket, at.write(), copy("free")).await.unwrap().version_id.unwrap();
    assert_eq!(at.lock_of("free", &copied).await, ObjectLock::default());

    let default = DefaultRetention { mode: RetentionMode::Governance, period: RetentionPeriod::Days(3) };
    at.backend.put_bucket_setting(at.write(), lock(Some(default))).await.unwrap();
    let upload = CreateMultipartUpload { key: "completed".to_owned(), ..Default::default() };
    let upload = upload_ref("completed", &at.backend.create_multipart_upload(at.write(), upload).await.unwrap());
    let part = at.part(&upload, 1, b"x").await;
    let versions = [
        ("plain", at.put_version("plain", b"x").await),
        ("completed", at.complete(&upload, &[part]).await.unwrap().version_id.unwrap()),
        ("copy", at.backend.copy_object(&at.bucket, at.write(), copy("copy")).await.unwrap().version_id.unwrap()),
    ];
    for (key, version) in &versions {
        let found = at.lock_of(key, version).await;
        let modified_at = at.backend.head_object(&at.bucket, get(key, Some(version))).await.unwrap().modified_at;
        let Some(Retention { mode: RetentionMode::Governance, retain_until }) = found.retention else {
            panic!("{key} {found:?}")
        };
        // Backends differ in how they round seconds.
        assert!((retain_until - modified_at - 3 * DAY).abs() < 60_000, "{key} {found:?}");
        assert_eq!(code(at.delete_version(key, version, false).await), ErrorCode::AccessDenied);
        at.delete_version(key, version, true).await.unwrap();
    }
    let asked = ObjectLock { retention: retention(RetentionMode::Governance, far), legal_hold: None };
    let version = at.put_locked("own", asked).await.unwrap();
    assert_eq!(at.lock_of("own", &version).await, asked);
    at.hold("source", &source, false).await.unwrap();
    at.delete_version("source", &source, true).await.unwrap();
}

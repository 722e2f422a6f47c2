use std::collections::BTreeMap;

use storage_hub_s3_backend::{BucketSetting, BucketSettingKind};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{
    CopyObject, CopySource, DeleteEntry, GetObject, GetObjectAttributes, ListObjectVersions, ListObjects,
    ObjectAttribute, PutObject, UploadPartCopy,
};
use storage_hub_s3_protocol::response::Deleted;
use storage_hub_s3_protocol::types::{EtagCondition, ListPosition, ListedVersion, WriteConditions};
use storage_hub_s3_protocol::versioning::VersioningState;

use super::S3BackendHarness;
use super::bodies::bytes;
use super::fixture::{Fixture, code, etags};

impl Fixture<'_> {
    pub(super) async fn set_versioning(&self, state: VersioningState) {
        self.backend.put_bucket_setting(self.write(), BucketSetting::Versioning(state)).await.unwrap();
    }

    /// A new bucket with versioning; `None` where the backend does not have it.
    pub(super) async fn versioned(harness: &impl S3BackendHarness) -> Option<Fixture<'_>> {
        let at = Fixture::new(harness).await;
        if !at.backend.capabilities().versioning {
            return None;
        }
        at.set_versioning(VersioningState::Enabled).await;
        Some(at)
    }

    /// Writes a version, and returns its id.
    pub(super) async fn put_version(&self, key: &str, content: &[u8]) -> String {
        let told = self.put(key, content).await.version_id;
        let null = (!self.backend.capabilities().exact).then(|| "null".to_owned());
        told.or(null).unwrap()
    }

    /// Adds a delete marker, and returns its id.
    async fn mark(&self, key: &str) -> String {
        let told = self.delete_one(entry(key, None)).await.unwrap().delete_marker;
        let null = (!self.backend.capabilities().exact).then(|| "null".to_owned());
        told.or(null).unwrap()
    }

    pub(super) async fn delete_one(&self, entry: DeleteEntry) -> S3Result<Deleted> {
        let results = self.backend.delete_objects(self.write(), vec![entry]).await.unwrap();
        results.into_iter().next().unwrap()
    }

    async fn read_version(&self, key: &str, version: &str) -> S3Result<Vec<u8>> {
        self.get_with(get(key, Some(version))).await.map(|(_, bytes)| bytes)
    }

    /// All versions, in pages of this size.
    async fn list_versions(&self, limit: u32) -> Vec<ListedVersion> {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let input = ListObjectVersions { after: after.take(), max_keys: limit, ..ListObjectVersions::default() };
            let page = self.backend.list_object_versions(&self.bucket, &input).await.unwrap();
            assert!(page.items.len() <= limit as usize);
            listed.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return listed,
            }
        }
    }
}

pub(super) fn get(key: &str, version: Option<&str>) -> GetObject {
    GetObject { key: key.to_owned(), version_id: version.map(str::to_owned), ..GetObject::default() }
}

pub(super) fn entry(key: &str, version: Option<&str>) -> DeleteEntry {
    DeleteEntry { key: key.to_owned(), version_id: version.map(str::to_owned), ..DeleteEntry::default() }
}

fn copy(from: &str, version: Option<&str>, to: &str) -> CopyObject {
    let version_id = version.map(str::to_owned);
    let source = CopySource { key: from.to_owned(), version_id, ..CopySource::default() };
    CopyObject { key: to.to_owned(), source, ..CopyObject::default() }
}

fn headers(error: &S3Error) -> BTreeMap<&str, &str> {
    error.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect()
}

#[track_caller]
fn failure<T>(result: S3Result<T>) -> S3Error {
    match result {
        Ok(_) => panic!("it must fail"),
        Err(error) => error,
    }
}

/// Without the feature it is refused, and the bucket has no state.
pub async fn versioning_is_enabled_and_suspended(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let find = || at.backend.find_bucket_setting(&at.bucket, BucketSettingKind::Versioning);
    assert_eq!(find().await.unwrap(), None);
    let put = |state| at.backend.put_bucket_setting(at.write(), BucketSetting::Versioning(state));
    if !at.backend.capabilities().versioning {
        assert_eq!(put(VersioningState::Enabled).await.unwrap_err().code(), ErrorCode::NotImplemented);
        assert_eq!(find().await.unwrap(), None);
        return;
    }
    for state in [VersioningState::Enabled, VersioningState::Suspended, VersioningState::Enabled] {
        put(state).await.unwrap();
        assert_eq!(find().await.unwrap(), Some(BucketSetting::Versioning(state)));
    }
    let delete = at.backend.delete_bucket_setting(at.write(), BucketSettingKind::Versioning).await;
    assert_eq!(code(delete), ErrorCode::MethodNotAllowed);
    let refused = at.backend.put_bucket_setting(at.refused(), BucketSetting::Versioning(VersioningState::Suspended));
    assert_eq!(code(refused.await), ErrorCode::AccessDenied);
    assert_eq!(find().await.unwrap(), Some(BucketSetting::Versioning(VersioningState::Enabled)));
}

/// Small and large ones, with their attributes.
pub async fn every_write_adds_a_version(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    for size in [3, 400_000] {
        let (first, second) = (bytes(size, 1), bytes(size, 2));
        let (one, two) = (at.put_version("a", &first).await, at.put_version("a", &second).await);
        assert_ne!(one, two);
        let (head, current) = at.get("a").await.unwrap();
        assert!(current == second);
        assert_eq!(head.version_id.as_ref(), Some(&two));
        assert!(at.read_version("a", &one).await.unwrap() == first);
        let head = at.backend.head_object(&at.bucket, get("a", Some(&one))).await.unwrap();
        assert_eq!(head.version_id.as_ref(), Some(&one));
        let attributes = GetObjectAttributes {
            key: "a".to_owned(),
            version_id: Some(one.clone()),
            attributes: [ObjectAttribute::Etag].into(),
            max_parts: 10,
            ..GetObjectAttributes::default()
        };
        if at.backend.capabilities().attributes {
            let found = at.backend.get_object_attributes(&at.bucket, attributes).await.unwrap();
            assert_eq!((found.etag, found.version_id), (head.etag, Some(one)));
        }
    }
    assert_eq!(code(at.read_version("missing", "null").await), ErrorCode::NoSuchVersion);
    let list = ListObjects { max_keys: 10, ..ListObjects::default() };
    assert_eq!(at.backend.list_objects(&at.bucket, &list).await.unwrap().items.len(), 1);
}

/// It stays, whatever is written later.
pub async fn an_object_from_before_versioning_is_the_version_null(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let before = at.put("a", b"before").await;
    assert_eq!(before.version_id, None);
    if !at.backend.capabilities().versioning {
        return;
    }
    at.set_versioning(VersioningState::Enabled).await;
    let version = at.get("a").await.unwrap().0.version_id;
    assert!(version.as_deref() == Some("null") || version.is_none() && !at.backend.capabilities().exact, "{version:?}");
    at.put_version("a", b"after").await;
    assert_eq!(at.read_version("a", "null").await.unwrap(), b"before");
    let ids: Vec<_> = at.list_versions(10).await.into_iter().map(|version| version.version_id).collect();
    assert_eq!((ids.len(), ids[1].as_str()), (2, "null"));
}

/// Versions with ids of their own stay; a deletion leaves the marker `null`.
pub async fn while_versioning_is_suspended_the_version_null_is_replaced(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    let kept = at.put_version("a", b"kept").await;
    at.set_versioning(VersioningState::Suspended).await;
    for content in [b"1", b"2"] {
        assert_eq!(at.put_version("a", content).await, "null");
    }
    assert_eq!(at.bytes("a").await.unwrap(), b"2");
    assert_eq!(at.list_versions(10).await.len(), 2);
    assert_eq!(at.mark("a").await, "null");
    assert_eq!(at.bytes("a").await, None);
    let listed = at.list_versions(10).await;
    let listed: Vec<_> = listed.iter().map(|listed| (listed.version_id.as_str(), listed.is_delete_marker)).collect();
    assert_eq!(listed, [("null", true), (kept.as_str(), false)]);
    assert_eq!(at.read_version("a", &kept).await.unwrap(), b"kept");
    at.set_versioning(VersioningState::Enabled).await;
    at.put_version("a", b"3").await;
    assert_eq!(at.list_versions(10).await.len(), 3);
}

/// Even of a key that does not exist. Reads tell it.
pub async fn a_deletion_adds_a_marker_that_hides_the_object(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    let version = at.put_version("a", b"a").await;
    let marker = at.mark("a").await;
    let hidden = failure(at.get("a").await);
    assert_eq!(hidden.code(), ErrorCode::NoSuchKey);
    assert_eq!(headers(&hidden).get("x-amz-delete-marker"), Some(&"true"));
    assert_eq!(headers(&hidden).get("x-amz-version-id"), Some(&marker.as_str()));
    let addressed = failure(at.backend.head_object(&at.bucket, get("a", Some(&marker))).await);
    assert_eq!(addressed.code(), ErrorCode::MethodNotAllowed);
    assert_eq!(headers(&addressed).get("x-amz-delete-marker"), Some(&"true"));
    assert_eq!(headers(&addressed).get("allow"), Some(&"DELETE"));
    assert_eq!(at.read_version("a", &version).await.unwrap(), b"a");
    let list = ListObjects { max_keys: 10, ..ListObjects::default() };
    assert!(at.backend.list_objects(&at.bucket, &list).await.unwrap().items.is_empty());
    if !at.backend.capabilities().exact {
        return;
    }
    at.mark("missing").await;
    let listed = at.list_versions(10).await;
    let listed: Vec<_> =
        listed.iter().map(|listed| (listed.object.key.as_str(), listed.is_latest, listed.is_delete_marker)).collect();
    assert_eq!(listed, [("a", true, true), ("a", false, false), ("missing", true, true)]);
    let from_marker = at.backend.copy_object(&at.bucket, at.write(), copy("a", Some(&marker), "b")).await;
    assert_eq!(code(from_marker), ErrorCode::InvalidRequest);
    let from_hidden = at.backend.copy_object(&at.bucket, at.write(), copy("a", None, "b")).await;
    assert_eq!(code(from_hidden), ErrorCode::NoSuchKey);
}

/// The version before it becomes the current one. Deleting what does not exist succeeds.
pub async fn a_version_is_deleted_for_good(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    let (one, two) = (at.put_version("a", b"1").await, at.put_version("a", &bytes(400_000, 2)).await);
    let marker = at.mark("a").await;
    let deleted = at.delete_one(entry("a", Some(&marker))).await.unwrap();
    assert_eq!((deleted.version_id, deleted.delete_marker), (Some(marker.clone()), Some(marker)));
    assert!(at.bytes("a").await.unwrap() == bytes(400_000, 2));
    for _ in 0..2 {
        let deleted = at.delete_one(entry("a", Some(&two))).await.unwrap();
        assert_eq!((deleted.version_id.as_ref(), deleted.delete_marker), (Some(&two), None));
    }
    assert_eq!(code(at.read_version("a", &two).await), ErrorCode::NoSuchVersion);
    let (head, current) = at.get("a").await.unwrap();
    assert_eq!((head.version_id.as_ref(), current), (Some(&one), b"1".to_vec()));
    assert!(at.list_versions(10).await[0].is_latest);
    at.delete_one(entry("a", Some(&one))).await.unwrap();
    assert_eq!(at.bytes("a").await, None);
    assert!(at.list_versions(10).await.is_empty());
}

/// To the same key and to another one; a part too.
pub async fn a_copy_of_a_version_restores_it(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    for size in [5, 400_000] {
        let wanted = bytes(size, 1);
        let version = at.put_version("a", &wanted).await;
        at.put_version("a", &bytes(size, 2)).await;
        for key in ["a", "b"] {
            let input = copy("a", Some(&version), key);
            let copied = at.backend.copy_object(&at.bucket, at.write(), input).await.unwrap();
            assert_eq!(copied.source_version_id.as_ref(), Some(&version));
            assert!(copied.version_id.is_some_and(|id| id != version));
            assert!(at.bytes(key).await.unwrap() == wanted);
        }
        assert!(at.read_version("a", &version).await.unwrap() == wanted);
        let upload = at.begin("c", None).await;
        let source = copy("a", Some(&version), "c").source;
        let input = UploadPartCopy { upload: upload.clone(), number: 1, source, range: None };
        let part = at.backend.upload_part_copy(&at.bucket, at.write(), input).await.unwrap();
        assert_eq!(part.source_version_id.as_ref(), Some(&version));
        let part = storage_hub_s3_protocol::operation::CompletedPart { number: 1, etag: part.etag, checksum: None };
        at.complete(&upload, &[part]).await.unwrap();
        assert!(at.bytes("c").await.unwrap() == wanted);
    }
}

/// A completion is a version like any other, and its repetition no second one.
pub async fn a_completed_upload_is_a_version(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    let before = at.put_version("a", b"before").await;
    let upload = at.begin("a", None).await;
    let part = at.part(&upload, 1, b"completed").await;
    let written = at.complete(&upload, std::slice::from_ref(&part)).await.unwrap();
    let version = written.version_id.unwrap();
    assert_ne!(version, before);
    assert_eq!(at.complete(&upload, &[part]).await.unwrap().version_id.as_ref(), Some(&version));
    assert_eq!(at.list_versions(10).await.len(), 2);
    assert_eq!(at.bytes("a").await.unwrap(), b"completed");
    assert_eq!(at.read_version("a", &before).await.unwrap(), b"before");
}

/// By key, the newest first, with markers, in pages of every size and with common prefixes.
pub async fn versions_are_listed_newest_first(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    let mut expected = Vec::new();
    for key in ["a", "b/1", "b/2", "c"] {
        let mut ids = vec![at.put_version(key, b"1").await, at.put_version(key, b"22").await, at.mark(key).await];
        ids.push(at.put_version(key, b"333").await);
        let versions = ids.into_iter().rev().enumerate();
        expected.extend(versions.map(|(place, id)| (key.to_owned(), id, place == 0, place == 1)));
    }
    for limit in [1, 2, 3, 5, 100] {
        let listed = at.list_versions(limit).await.into_iter();
        let listed: Vec<_> = listed
            .map(|listed| (listed.object.key, listed.version_id, listed.is_latest, listed.is_delete_marker))
            .collect();
        assert_eq!(listed, expected, "{limit}");
    }
    let input = ListObjectVersions { delimiter: Some("/".to_owned()), max_keys: 100, ..ListObjectVersions::default() };
    let page = at.backend.list_object_versions(&at.bucket, &input).await.unwrap();
    assert_eq!((page.items.len(), page.common_prefixes), (8, vec!["b/".to_owned()]));
    let sizes: Vec<_> = page.items.iter().take(4).map(|listed| listed.object.size).collect();
    assert_eq!(sizes, [3, 0, 2, 1]);
    // Without a version the page begins after all versions of the key.
    let after = Some(ListPosition { key: "b/1".to_owned(), id: None });
    let input = ListObjectVersions { after, max_keys: 100, ..ListObjectVersions::default() };
    let page = at.backend.list_object_versions(&at.bucket, &input).await.unwrap();
    assert_eq!(page.items.first().map(|listed| listed.object.key.as_str()), Some("b/2"));
    let input = ListObjectVersions { prefix: "c".to_owned(), max_keys: 100, ..ListObjectVersions::default() };
    assert_eq!(at.backend.list_object_versions(&at.bucket, &input).await.unwrap().items.len(), 4);
}

/// A marker makes it absent; a deletion that names a version compares that one.
pub async fn conditions_are_about_the_current_version(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    if !at.backend.capabilities().conditional_writes {
        return;
    }
    let put = |if_match, if_none_match| PutObject {
        key: "a".to_owned(),
        conditions: WriteConditions { if_match, if_none_match },
        ..PutObject::default()
    };
    let any = || Some(EtagCondition::Any);
    let first = at.put("a", b"1").await;
    let second = at.put("a", b"2").await;
    assert_eq!(code(at.put_with(put(etags(&[&first.etag]), None), b"x").await), ErrorCode::PreconditionFailed);
    assert_eq!(code(at.put_with(put(None, any()), b"x").await), ErrorCode::PreconditionFailed);
    at.put_with(put(etags(&[&second.etag]), None), b"3").await.unwrap();
    at.mark("a").await;
    assert_eq!(code(at.put_with(put(any(), None), b"x").await), ErrorCode::NoSuchKey);
    at.put_with(put(None, any()), b"4").await.unwrap();
    assert_eq!(at.bytes("a").await.unwrap(), b"4");
    if !at.backend.capabilities().conditional_deletes {
        return;
    }
    let conditions = |etag: &str| WriteConditions { if_match: etags(&[etag]), ..WriteConditions::default() };
    let delete =
        |version: Option<&str>, etag: &str| DeleteEntry { conditions: conditions(etag), ..entry("a", version) };
    assert_eq!(code(at.delete_one(delete(None, &second.etag)).await), ErrorCode::PreconditionFailed);
    let version = first.version_id.as_deref();
    assert_eq!(code(at.delete_one(delete(version, &second.etag)).await), ErrorCode::PreconditionFailed);
    at.delete_one(delete(version, &first.etag)).await.unwrap();
    assert_eq!(at.bytes("a").await.unwrap(), b"4");
}

/// Though no object is listed.
pub async fn a_bucket_with_versions_or_markers_is_not_empty(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    let version = at.put_version("a", b"1").await;
    let marker = at.mark("a").await;
    assert!(!harness.delete_bucket(&at.bucket).await);
    at.delete_one(entry("a", Some(&version))).await.unwrap();
    assert!(!harness.delete_bucket(&at.bucket).await);
    at.delete_one(entry("a", Some(&marker))).await.unwrap();
    assert!(harness.delete_bucket(&at.bucket).await);
}

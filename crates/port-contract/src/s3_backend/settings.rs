use storage_hub_s3_backend::{BucketSetting, BucketSettingKind, ObjectSetting, ObjectSettingKind};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::lifecycle::{Expiration, LifecycleConfiguration, LifecycleFilter, LifecycleRule};
use storage_hub_s3_protocol::operation::{CopyObject, CopySource, CreateMultipartUpload, ObjectVersionRef, PutObject};
use storage_hub_s3_protocol::tags::Tags;

use super::S3BackendHarness;
use super::fixture::{Fixture, code, upload_ref};

pub(super) fn tags(text: &str) -> Tags {
    Tags::parse_header(text).unwrap()
}

pub(super) fn object(key: &str, version: Option<&str>) -> ObjectVersionRef {
    ObjectVersionRef { key: key.to_owned(), version_id: version.map(str::to_owned) }
}

fn tagged(key: &str, text: &str) -> PutObject {
    PutObject { key: key.to_owned(), tags: tags(text), ..PutObject::default() }
}

impl Fixture<'_> {
    async fn find_tags(&self, key: &str, version: Option<&str>) -> S3Result<Tags> {
        let found =
            self.backend.find_object_setting(&self.bucket, object(key, version), ObjectSettingKind::Tags).await?;
        let ObjectSetting::Tags(tags) = found.setting else { panic!("{found:?}") };
        Ok(tags)
    }

    async fn put_tags(&self, key: &str, version: Option<&str>, text: &str) -> S3Result<Option<String>> {
        let setting = ObjectSetting::Tags(tags(text));
        self.backend.put_object_setting(self.write(), object(key, version), setting, false).await
    }
}

/// With the object, and by themselves. Without the feature they are refused, never ignored.
pub async fn an_object_keeps_its_tags(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    at.put("plain", b"plain").await;
    assert!(at.find_tags("plain", None).await.unwrap().is_empty());
    assert_eq!(code(at.find_tags("missing", None).await), ErrorCode::NoSuchKey);
    if !at.backend.capabilities().tags {
        assert_eq!(at.put_with(tagged("a", "k=v"), b"a").await.unwrap_err().code(), ErrorCode::NotImplemented);
        assert_eq!(at.put_tags("plain", None, "k=v").await.unwrap_err().code(), ErrorCode::NotImplemented);
        let input = CreateMultipartUpload { key: "a".to_owned(), tags: tags("k=v"), ..Default::default() };
        let begun = at.backend.create_multipart_upload(at.write(), input).await;
        assert_eq!(begun.unwrap_err().code(), ErrorCode::NotImplemented);
        assert_eq!(at.bytes("a").await, None);
        return;
    }
    at.put_with(tagged("a", "k=v&l="), b"a").await.unwrap();
    assert_eq!(at.find_tags("a", None).await.unwrap(), tags("k=v&l="));
    assert_eq!(at.get("a").await.unwrap().0.tags_count, 2);
    assert_eq!(at.put_tags("a", None, "m=n").await.unwrap(), None);
    assert_eq!(at.find_tags("a", None).await.unwrap(), tags("m=n"));
    at.put_tags("a", None, "").await.unwrap();
    assert!(at.find_tags("a", None).await.unwrap().is_empty());
    assert_eq!(at.get("a").await.unwrap().0.tags_count, 0);
    at.put_with(tagged("a", "k=v"), b"a").await.unwrap();
    at.put("a", b"without").await;
    assert!(at.find_tags("a", None).await.unwrap().is_empty());
    assert_eq!(code(at.put_tags("missing", None, "k=v").await), ErrorCode::NoSuchKey);
    let setting = ObjectSetting::Tags(tags("k=v"));
    let refused = at.backend.put_object_setting(at.refused(), object("a", None), setting, false).await;
    assert_eq!(code(refused), ErrorCode::AccessDenied);
    let input = CreateMultipartUpload { key: "c".to_owned(), tags: tags("u=p"), ..Default::default() };
    let upload = upload_ref("c", &at.backend.create_multipart_upload(at.write(), input).await.unwrap());
    let part = at.part(&upload, 1, b"c").await;
    at.complete(&upload, &[part]).await.unwrap();
    assert_eq!(at.find_tags("c", None).await.unwrap(), tags("u=p"));
}

/// Unless they are replaced.
pub async fn a_copy_has_the_tags_of_its_source(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let copy = |replaced: Option<&str>| CopyObject {
        key: "b".to_owned(),
        source: CopySource { key: "a".to_owned(), ..CopySource::default() },
        tags: replaced.map(tags),
        ..CopyObject::default()
    };
    if !at.backend.capabilities().tags {
        at.put("a", b"a").await;
        let copied = at.backend.copy_object(&at.bucket, at.write(), copy(Some("k=v"))).await;
        assert_eq!(copied.unwrap_err().code(), ErrorCode::NotImplemented);
        return;
    }
    at.put_with(tagged("a", "k=v"), b"a").await.unwrap();
    for (replaced, expected) in [(None, "k=v"), (Some("x=y"), "x=y"), (Some(""), "")] {
        at.backend.copy_object(&at.bucket, at.write(), copy(replaced)).await.unwrap();
        assert_eq!(at.find_tags("b", None).await.unwrap(), tags(expected), "{replaced:?}");
    }
}

/// And not to the object.
pub async fn tags_belong_to_a_version(harness: &impl S3BackendHarness) {
    let Some(at) = Fixture::versioned(harness).await else { return };
    if !at.backend.capabilities().tags {
        return;
    }
    let one = at.put_with(tagged("a", "k=1"), b"1").await.unwrap().version_id.unwrap();
    let two = at.put_with(tagged("a", "k=2"), b"2").await.unwrap().version_id.unwrap();
    assert_eq!(at.put_tags("a", Some(&one), "k=3").await.unwrap().as_ref(), Some(&one));
    assert_eq!(at.find_tags("a", Some(&one)).await.unwrap(), tags("k=3"));
    let current = at.backend.find_object_setting(&at.bucket, object("a", None), ObjectSettingKind::Tags).await.unwrap();
    assert_eq!(current.setting, ObjectSetting::Tags(tags("k=2")));
    assert!(current.version_id == Some(two) || !at.backend.capabilities().exact);
    let marker = at.delete_one(super::versions::entry("a", None)).await.unwrap().delete_marker.unwrap();
    assert_eq!(code(at.find_tags("a", None).await), ErrorCode::NoSuchKey);
    assert_eq!(code(at.find_tags("a", Some(&marker)).await), ErrorCode::MethodNotAllowed);
    assert_eq!(code(at.put_tags("a", Some(&marker), "k=v").await), ErrorCode::MethodNotAllowed);
    assert_eq!(at.find_tags("a", Some(&one)).await.unwrap(), tags("k=3"));
}

fn rules() -> LifecycleConfiguration {
    let rule = LifecycleRule {
        id: "logs".to_owned(),
        enabled: true,
        filter: LifecycleFilter { prefix: Some("logs/".to_owned()), ..LifecycleFilter::default() },
        expiration: Some(Expiration::Days(3650)),
        ..LifecycleRule::default()
    };
    LifecycleConfiguration { rules: vec![rule] }
}

/// Each for itself, until it is deleted. Without the feature they are refused.
pub async fn a_bucket_keeps_its_tags_and_lifecycle_rules(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let capabilities = at.backend.capabilities();
    let settings = [
        (BucketSetting::Tags(tags("k=v")), capabilities.tags),
        (BucketSetting::Lifecycle(rules()), capabilities.lifecycle),
    ];
    for (setting, is_there) in settings {
        let kind = setting.kind();
        let find = || at.backend.find_bucket_setting(&at.bucket, kind);
        assert_eq!(find().await.unwrap(), None);
        let put = at.backend.put_bucket_setting(at.write(), setting.clone()).await;
        if !is_there {
            assert_eq!(put.unwrap_err().code(), ErrorCode::NotImplemented);
            assert_eq!(find().await.unwrap(), None);
            continue;
        }
        put.unwrap();
        assert_eq!(find().await.unwrap(), Some(setting.clone()));
        let refused = at.backend.delete_bucket_setting(at.refused(), kind).await;
        assert_eq!(code(refused), ErrorCode::AccessDenied);
        assert_eq!(find().await.unwrap(), Some(setting));
        for _ in 0..2 {
            at.backend.delete_bucket_setting(at.write(), kind).await.unwrap();
            assert_eq!(find().await.unwrap(), None);
        }
    }
    assert!(harness.delete_bucket(&at.bucket).await);
    let gone = at.backend.find_bucket_setting(&at.bucket, BucketSettingKind::Tags).await;
    if capabilities.tags {
        assert_eq!(code(gone), ErrorCode::NoSuchBucket);
    }
}

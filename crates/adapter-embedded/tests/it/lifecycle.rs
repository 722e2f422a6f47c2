//! Lifecycle rules, applied at the time of a clock that the tests set.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use storage_hub_adapter_embedded::LifecyclePass;
use storage_hub_core::domain::Timestamp;
use storage_hub_core::ports::ObjectStore as _;
use storage_hub_core::testing::ManualClock;
use storage_hub_s3_backend::{BucketSetting, ObjectSetting};
use storage_hub_s3_protocol::lifecycle::{
    Expiration, LifecycleConfiguration, LifecycleFilter, LifecycleRule, NoncurrentExpiration,
};
use storage_hub_s3_protocol::object_lock::ObjectLockConfiguration;
use storage_hub_s3_protocol::operation::PutObject;
use storage_hub_s3_protocol::tags::Tags;
use storage_hub_s3_protocol::versioning::VersioningState;

use crate::store::{Store, at, large};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const ENABLED: BucketSetting = BucketSetting::Versioning(VersioningState::Enabled);

fn rules(rules: impl IntoIterator<Item = LifecycleRule>) -> BucketSetting {
    let named = |(number, rule)| LifecycleRule { id: format!("rule-{number}"), enabled: true, ..rule };
    BucketSetting::Lifecycle(LifecycleConfiguration { rules: (1..).zip(rules).map(named).collect() })
}

fn expiring(filter: LifecycleFilter) -> LifecycleRule {
    LifecycleRule { filter, expiration: Some(Expiration::Days(1)), ..LifecycleRule::default() }
}

fn prefix(prefix: &str) -> LifecycleFilter {
    LifecycleFilter { prefix: Some(prefix.to_owned()), ..LifecycleFilter::default() }
}

/// A pass after this many days.
async fn pass_after(store: &Store, days: u32) -> LifecyclePass {
    let clock = ManualClock::new(Timestamp::from_millis(now()));
    clock.advance(DAY * days);
    store.embedded.apply_lifecycle(&clock).await.unwrap()
}

/// The time at which the store writes.
fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

#[tokio::test]
async fn objects_expire_by_prefix_tag_and_size() {
    let store = Store::open().await;
    let tags = Tags::parse_header("keep=no").unwrap();
    let sized = LifecycleFilter { size_greater_than: Some(10_000), ..prefix("sized/") };
    let tagged = LifecycleFilter { tags: tags.clone(), ..prefix("tagged/") };
    for key in ["logs/1", "logs/2", "other", "sized/small", "tagged/not"] {
        store.put(key, b"bytes").await;
    }
    store.put("sized/large", &large("a")).await;
    let input = PutObject { key: "tagged/yes".to_owned(), tags, ..PutObject::default() };
    store.put_with(input, b"bytes", None).await;
    store.set(rules([expiring(prefix("logs/")), expiring(sized), expiring(tagged)])).await.unwrap();

    let input = PutObject { key: "logs/3".to_owned(), ..PutObject::default() };
    let told = store.put_with(input, b"bytes", None).await.expiration.unwrap();
    assert!(told.rule_id == "rule-1" && told.at > now(), "{told:?}");

    assert_eq!(pass_after(&store, 0).await.expired, 0);
    let pass = pass_after(&store, 2).await;
    assert_eq!((pass.buckets, pass.expired, pass.deleted), (1, 5, 0));
    assert_eq!(store.keys().await, ["other", "sized/small", "tagged/not"]);
    store.until_blob_files(0).await;
    store.assert_usage().await;
}

#[tokio::test]
async fn versioned_objects_get_a_marker_and_their_versions_go_after_it_but_for_the_newest() {
    let store = Store::open().await;
    store.set(ENABLED).await.unwrap();
    for version in 0..5 {
        store.put("key", &vec![b'x'; version]).await;
    }
    let newest = NoncurrentExpiration { days: 1, newer_versions: Some(2) };
    let rule = LifecycleRule { noncurrent_expiration: Some(newest), ..expiring(LifecycleFilter::default()) };
    store.set(rules([rule])).await.unwrap();
    // The marker is put now, so what it hides became noncurrent now.
    let pass = pass_after(&store, 2).await;
    assert_eq!((pass.expired, pass.deleted), (1, 2));
    let versions = store.versions().await;
    assert!(versions[0].is_delete_marker && versions[0].is_latest);
    assert_eq!(versions.iter().map(|version| version.object.size).collect::<Vec<_>>(), [0, 4, 3, 2]);
    // The clock of the pass ran ahead of the store's, so the marker is two days old for the next one.
    let pass = pass_after(&store, 5).await;
    assert_eq!((pass.expired, pass.deleted), (0, 1));

    let all = NoncurrentExpiration { days: 1, newer_versions: None };
    let markers = LifecycleRule { expiration: Some(Expiration::DeleteMarkers), ..LifecycleRule::default() };
    let versions = LifecycleRule { noncurrent_expiration: Some(all), ..LifecycleRule::default() };
    store.set(rules([versions, markers])).await.unwrap();
    assert_eq!(pass_after(&store, 5).await.deleted, 2);
    assert_eq!(pass_after(&store, 5).await.deleted, 1);
    assert!(store.versions().await.is_empty());
    store.objects.delete_bucket(&store.bucket).await.unwrap();
}

#[tokio::test]
async fn what_object_lock_protects_stays() {
    let store = Store::open().await;
    store.set(ENABLED).await.unwrap();
    store.set(BucketSetting::ObjectLock(ObjectLockConfiguration::default())).await.unwrap();
    let held = store.put("held", b"1").await.version_id.unwrap();
    store.put("held", b"2").await;
    store.put("free", b"1").await;
    store.put("free", b"2").await;
    store.set_of("held", &held, ObjectSetting::LegalHold(Some(true))).await.unwrap();
    let all = NoncurrentExpiration { days: 1, newer_versions: None };
    let rule = LifecycleRule { noncurrent_expiration: Some(all), ..LifecycleRule::default() };
    store.set(rules([rule])).await.unwrap();
    let pass = pass_after(&store, 3).await;
    assert_eq!((pass.deleted, pass.kept), (1, 1));
    let keys: Vec<_> = store.versions().await.into_iter().map(|version| version.object.key).collect();
    assert_eq!(keys, ["free", "held", "held"]);
}

#[tokio::test]
async fn unfinished_uploads_are_aborted_in_buckets_with_such_a_rule() {
    let store = Store::open().await;
    let upload = store.begin("logs/upload", None).await;
    store.part(&upload, 1, b"part").await;
    store.begin("other", None).await;
    let other = at("videos");
    store.objects.create_bucket(&other).await.unwrap();
    store.in_bucket(&other).begin("logs/upload", None).await;
    let rule = LifecycleRule { filter: prefix("logs/"), abort_upload_days: Some(3), ..LifecycleRule::default() };
    store.set(rules([rule])).await.unwrap();
    assert_eq!(pass_after(&store, 2).await.aborted, 0);
    assert_eq!(pass_after(&store, 4).await.aborted, 1);
    assert_eq!(store.uploads().await, ["other"]);
    assert_eq!(store.in_bucket(&other).uploads().await, ["logs/upload"]);
    store.until_blob_files(0).await;
}

#[tokio::test]
async fn a_pass_over_many_versions_loses_count_of_none() {
    let store = Store::open().await;
    store.set(ENABLED).await.unwrap();
    store.put("a", b"first").await;
    // 3 keys with 900 noncurrent versions each, so that pages end within a key.
    let rows = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 900)
        INSERT INTO objects (bucket_id, key, version, is_latest, is_delete_marker, is_inline, size, etag, modified_at,
            headers, metadata, noncurrent_since)
        SELECT 1, key, 'v' || n, n = 900, 0, 1, 1, 'etag', 0, '{}', '{}', iif(n = 900, NULL, 1)
        FROM (SELECT x'62' AS key UNION SELECT x'63' UNION SELECT x'64'), n ORDER BY key, n";
    let path = store.folder().join("index.sqlite");
    SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(rows).unwrap();
    let newest = NoncurrentExpiration { days: 1, newer_versions: Some(100) };
    let rule = LifecycleRule { noncurrent_expiration: Some(newest), ..LifecycleRule::default() };
    store.set(rules([rule])).await.unwrap();
    let pass = pass_after(&store, 0).await;
    assert_eq!((pass.examined, pass.deleted), (2_701, 3 * 799));
    let usage = store.embedded.usage(store.bucket.id).await.unwrap();
    assert_eq!((usage.objects, usage.versions), (4, 304));
}

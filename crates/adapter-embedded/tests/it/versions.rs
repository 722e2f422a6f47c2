//! Versions of objects: their order, their files, the counters, and stores of the release before.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use proptest::prelude::*;
use storage_hub_adapter_embedded::{CheckDepth, EmbeddedS3Backend, EmbeddedStore};
use storage_hub_core::ports::ObjectStore as _;
use storage_hub_s3_backend::{BucketSetting, S3Backend as _};
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::operation::{GetObject, ListObjectVersions};
use storage_hub_s3_protocol::types::{ListPage, ListPosition, ListedVersion};
use storage_hub_s3_protocol::versioning::VersioningState;

use crate::store::{Store, large};

const ENABLED: BucketSetting = BucketSetting::Versioning(VersioningState::Enabled);
const SUSPENDED: BucketSetting = BucketSetting::Versioning(VersioningState::Suspended);

/// Undoes the migration that added versions.
const BEFORE: &str = concat!(
    include_str!("../../../../migrations/embedded/0006_versions/down.sql"),
    "DELETE FROM __diesel_schema_migrations WHERE version = '0006';"
);

async fn page(store: &Store, after: Option<ListPosition>, max_keys: u32) -> ListPage<ListedVersion> {
    let input = ListObjectVersions { after, max_keys, ..ListObjectVersions::default() };
    store.backend.list_object_versions(&store.bucket, &input).await.unwrap()
}

async fn get_version(store: &Store, key: &str, version: &str) -> Result<u64, ErrorCode> {
    let input = GetObject { key: key.to_owned(), version_id: Some(version.to_owned()), ..GetObject::default() };
    let head = store.backend.head_object(&store.bucket, input).await;
    head.map(|head| head.size).map_err(|error| error.code())
}

#[tokio::test]
async fn a_store_of_the_release_before_keeps_its_objects_and_counts_them() {
    let store = Store::open().await;
    store.put("small", b"1").await;
    store.put("large", &large("a")).await;
    let upload = store.begin("parts", None).await;
    store.part(&upload, 1, b"part").await;
    let (bucket, folder) = (store.bucket.clone(), store.close());
    let path = folder.path().join("index.sqlite");
    SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(BEFORE).unwrap();

    let embedded = EmbeddedStore::open(folder.path()).await.unwrap();
    let usage = embedded.usage(bucket.id).await.unwrap();
    let bytes = large("a").len() as u64 + 1;
    assert_eq!((usage.objects, usage.bytes, usage.versions, usage.version_bytes), (2, bytes, 2, bytes));
    assert_eq!((usage.delete_markers, usage.uploads, usage.part_bytes), (0, 1, 4));
    let backend = EmbeddedS3Backend::new(embedded);
    let input = GetObject { key: "large".to_owned(), ..GetObject::default() };
    let head = backend.head_object(&bucket, input).await.unwrap();
    assert_eq!((head.size, head.version_id), (bytes - 1, None));
}

#[tokio::test]
async fn versions_are_listed_newest_first_and_pages_go_on_behind_versions_that_were_deleted() {
    let store = Store::open().await;
    store.put("b", b"null").await;
    store.set(ENABLED).await.unwrap();
    for key in ["a", "b", "a", "b", "b", "c"] {
        store.put(key, key.as_bytes()).await;
    }
    store.delete(&["b"]).await;
    let all = store.versions().await;
    let shown: Vec<_> = all.iter().map(|version| (version.object.key.as_str(), version.is_latest)).collect();
    let expected =
        [("a", true), ("a", false), ("b", true), ("b", false), ("b", false), ("b", false), ("b", false), ("c", true)];
    assert_eq!(shown, expected);
    assert!(all[2].is_delete_marker && all[6].version_id == "null");

    let (mut after, mut listed) = (None, Vec::new());
    loop {
        let page = page(&store, after, 2).await;
        for version in &page.items {
            store.delete_version(&version.object.key, &version.version_id).await.unwrap();
        }
        listed.extend(page.items.into_iter().map(|version| version.version_id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, all.into_iter().map(|version| version.version_id).collect::<Vec<_>>());
    store.objects.delete_bucket(&store.bucket).await.unwrap();
}

#[tokio::test]
async fn the_newest_version_that_is_left_becomes_the_latest() {
    let store = Store::open().await;
    store.set(ENABLED).await.unwrap();
    let first = store.put("key", b"1").await.version_id.unwrap();
    let second = store.put("key", &large("2")).await.version_id.unwrap();
    let third = store.put("key", b"333").await.version_id.unwrap();
    assert_eq!(get_version(&store, "key", &second).await, Ok(large("2").len() as u64));
    store.delete_version("key", &third).await.unwrap();
    assert_eq!(store.get("key").await.unwrap(), large("2"));
    store.delete_version("key", &second).await.unwrap();
    store.until_blob_files(0).await;
    assert_eq!(store.get("key").await.unwrap(), b"1");
    assert_eq!(get_version(&store, "key", &second).await, Err(ErrorCode::NoSuchVersion));
    let marker = store.delete_entry(entry("key")).await.unwrap().delete_marker.unwrap();
    assert_eq!(store.get("key").await.unwrap_err().code(), ErrorCode::NoSuchKey);
    assert_eq!(get_version(&store, "key", &marker).await, Err(ErrorCode::MethodNotAllowed));
    let deleted = store.delete_version("key", &marker).await.unwrap();
    assert_eq!(deleted.delete_marker, Some(marker));
    assert_eq!(store.get("key").await.unwrap(), b"1");
    store.delete_version("key", &first).await.unwrap();
    assert!(store.versions().await.is_empty());
    store.assert_usage().await;
}

fn entry(key: &str) -> storage_hub_s3_protocol::operation::DeleteEntry {
    storage_hub_s3_protocol::operation::DeleteEntry { key: key.to_owned(), ..Default::default() }
}

#[tokio::test]
async fn a_check_reads_every_version_and_a_repair_makes_the_one_before_a_damaged_one_the_latest() {
    let store = Store::open().await;
    store.set(ENABLED).await.unwrap();
    store.put("key", &large("first")).await;
    store.put("key", &large("second")).await;
    store.delete(&["other"]).await;
    let damaged = crate::store::blob_of(store.folder(), large("second"));
    let (bucket, folder) = (store.bucket.clone(), store.close());
    std::fs::write(&damaged, b"short").unwrap();
    let found = EmbeddedStore::check(folder.path(), CheckDepth::Full).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    EmbeddedStore::repair(folder.path(), CheckDepth::Full).await.unwrap();
    let embedded = EmbeddedStore::open(folder.path()).await.unwrap();
    let input = GetObject { key: "key".to_owned(), ..GetObject::default() };
    let head = EmbeddedS3Backend::new(embedded).head_object(&bucket, input).await.unwrap();
    assert_eq!(head.size, large("first").len() as u64);
}

#[tokio::test]
async fn a_check_compares_the_counters_of_buckets_and_a_repair_corrects_them() {
    let store = Store::open().await;
    store.put("key", b"bytes").await;
    let (bucket, folder) = (store.bucket.clone(), store.close());
    let path = folder.path().join("index.sqlite");
    let mut index = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    index.batch_execute("UPDATE bucket_usage SET bytes = 7").unwrap();
    let found = EmbeddedStore::check(folder.path(), CheckDepth::Quick).await.unwrap();
    assert!(found[0].to_string().contains("the counters of bucket `photos`"), "{found:?}");
    EmbeddedStore::repair(folder.path(), CheckDepth::Quick).await.unwrap();
    let embedded = EmbeddedStore::open(folder.path()).await.unwrap();
    assert_eq!(embedded.usage(bucket.id).await.unwrap().bytes, 5);
}

#[derive(Clone, Debug)]
enum Step {
    Put(u8, u8),
    Delete(u8),
    /// Of all versions, the one at this position.
    DeleteVersion(u8),
    Upload(u8, u8),
    Abort,
    Suspend,
    Enable,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (0_u8..3, any::<u8>()).prop_map(|(key, size)| Step::Put(key, size)),
        2 => (0_u8..3).prop_map(Step::Delete),
        4 => any::<u8>().prop_map(Step::DeleteVersion),
        1 => (0_u8..3, any::<u8>()).prop_map(|(key, size)| Step::Upload(key, size)),
        1 => Just(Step::Abort),
        1 => Just(Step::Suspend),
        1 => Just(Step::Enable),
    ];
    proptest::collection::vec(step, 1..25)
}

async fn run(steps: Vec<Step>) {
    let store = Store::open().await;
    let mut open = Vec::new();
    let mut parts = 0;
    for step in steps {
        match step {
            Step::Put(key, size) => drop(store.put(&key.to_string(), &vec![b'x'; usize::from(size)]).await),
            Step::Delete(key) => store.delete(&[&key.to_string()]).await,
            Step::DeleteVersion(position) => {
                let versions = store.versions().await;
                if let Some(version) = versions.get(usize::from(position) % versions.len().max(1)) {
                    store.delete_version(&version.object.key, &version.version_id).await.unwrap();
                }
            }
            Step::Upload(key, size) => {
                let upload = store.begin(&key.to_string(), None).await;
                store.part(&upload, 1, b"replaced").await;
                let part = store.part(&upload, 1, &vec![b'x'; usize::from(size)]).await;
                if size % 2 == 0 {
                    store.complete(upload, vec![part]).await;
                } else {
                    parts += u64::from(size);
                    open.push((upload, u64::from(size)));
                }
            }
            Step::Abort => {
                if let Some((upload, size)) = open.pop() {
                    parts -= size;
                    store.abort(upload).await;
                }
            }
            Step::Suspend => store.set(SUSPENDED).await.unwrap(),
            Step::Enable => store.set(ENABLED).await.unwrap(),
        }
        store.assert_usage().await;
        assert_eq!(store.embedded.usage(store.bucket.id).await.unwrap().part_bytes, parts);
        let versions = store.versions().await;
        let latest: Vec<_> = versions.iter().filter(|version| version.is_latest).map(|v| &v.object.key).collect();
        let mut keys: Vec<_> = versions.iter().map(|version| &version.object.key).collect();
        keys.dedup();
        assert_eq!(latest, keys, "each key has one latest version");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn counters_equal_a_recount_after_any_operations(steps in steps()) {
        tokio::runtime::Runtime::new().unwrap().block_on(run(steps));
    }
}

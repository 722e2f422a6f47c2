//! What every [`ObjectStore`] does: [`object_store_contract!`](crate::object_store_contract) makes a test of each
//! function here.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod versions;

use std::time::Duration;

use async_trait::async_trait;
use futures::future::join;
use serde_json::json;
use storage_hub_core::acl::{Access, Grant};
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketEntry, BucketId, BucketName, BucketRecord, BucketRef, BucketState, Timestamp, UserId,
};
use storage_hub_core::policy::{PolicyDocument, bucket_policy};
use storage_hub_core::ports::{BucketPresence, ObjectStore, StoreError};
use uuid::Uuid;

use versions::version;
pub use versions::{
    a_version_that_does_not_exist_counts_as_deleted, no_version_is_deleted_when_a_key_is_refused,
    one_version_is_deleted_and_the_others_stay, the_null_version_is_deleted_with_its_object,
    versions_are_deleted_in_their_bucket_only, versions_of_any_key_that_is_taken_are_deleted,
};

/// An adapter under test, with whatever has to live as long as it.
#[async_trait]
pub trait ObjectStoreHarness: Send + Sync {
    /// The adapter.
    fn store(&self) -> &dyn ObjectStore;

    /// The same adapter with its store out of reach; `None` for one whose store is in its own process.
    fn away(&self) -> Option<&dyn ObjectStore>;

    /// Starts an upload of a key in parts, as an S3 client does, with one part, and leaves it unfinished.
    async fn begin_upload(&self, bucket: &BucketRef, key: &str);

    /// Whether a bucket has an unfinished upload of exactly this key.
    async fn has_upload(&self, bucket: &BucketRef, key: &str) -> bool;

    /// Turns versioning on for a bucket; asked for only where the store
    /// [keeps versions](storage_hub_core::ports::StoreLimits::keeps_versions).
    async fn enable_versioning(&self, bucket: &BucketRef);

    /// The ids of all versions and delete markers of a key, the latest first; asked for as `enable_versioning`.
    async fn list_versions(&self, bucket: &BucketRef, key: &str) -> Vec<String>;
}

/// Makes a test of every behaviour of the port, from the path of an `async fn() -> Option<impl ObjectStoreHarness>`
/// (`None`: what it needs is missing). The crate needs `tokio` for it.
#[macro_export]
macro_rules! object_store_contract {
    ($harness:path) => {
        $crate::contract_tests! { object_store, $harness:
            the_hub_sees_that_the_store_is_there,
            a_bucket_is_absent_until_it_is_made,
            buckets_are_listed_in_byte_order,
            a_name_that_is_there_is_already_owned,
            a_later_bucket_of_the_same_name_is_told_apart_as_stated,
            of_two_who_make_a_bucket_at_once_one_makes_it,
            a_removed_bucket_is_gone_and_its_name_can_be_made_again,
            a_missing_bucket_is_not_removed,
            a_bucket_that_holds_an_object_is_not_removed,
            a_bucket_with_nothing_but_an_unfinished_upload_is_deleted_with_it,
            a_bucket_that_is_not_empty_keeps_its_unfinished_uploads,
            the_null_version_is_deleted_with_its_object,
            one_version_is_deleted_and_the_others_stay,
            a_version_that_does_not_exist_counts_as_deleted,
            versions_of_any_key_that_is_taken_are_deleted,
            no_version_is_deleted_when_a_key_is_refused,
            versions_are_deleted_in_their_bucket_only,
            a_freed_name_is_reserved_for_hours_or_not_at_all,
            an_object_is_read_as_it_was_written,
            an_object_is_written_over,
            an_object_stays_in_its_bucket,
            a_deleted_object_is_gone_and_can_be_deleted_again,
            nothing_is_written_to_or_read_from_a_missing_bucket,
            a_key_may_be_a_part_of_another,
            a_key_may_hold_any_character,
            the_longest_key_is_taken_and_a_longer_one_is_refused,
            the_longest_part_of_a_key_is_taken_and_a_longer_one_is_refused,
            empty_parts_of_a_key_are_taken_or_refused_as_stated,
            dots_as_parts_of_a_key_are_taken_or_refused_as_stated,
            backslashes_in_a_key_are_taken_or_refused_as_stated,
            a_bucket_policy_is_found_as_it_was_written,
            a_bucket_policy_is_written_over,
            a_remade_bucket_has_no_policy,
            a_missing_bucket_has_no_policy,
            a_store_that_is_away_is_unavailable,
        }
    };
}

/// It answers `ping` with the hub's credentials.
pub async fn the_hub_sees_that_the_store_is_there(harness: &impl ObjectStoreHarness) {
    harness.store().ping().await.unwrap();
}

/// `find_bucket` before and after `create_bucket`.
pub async fn a_bucket_is_absent_until_it_is_made(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), new_bucket());
    assert_eq!(store.find_bucket(&bucket).await.unwrap(), BucketPresence::Absent);
    store.create_bucket(&bucket).await.unwrap();
    assert_eq!(store.find_bucket(&bucket).await.unwrap(), BucketPresence::Present);
}

/// `list_buckets` has every bucket once, sorted.
pub async fn buckets_are_listed_in_byte_order(harness: &impl ObjectStoreHarness) {
    let store = harness.store();
    let base = bucket_name();
    let names = ["-b", ".a", "0", "a", "-a"].map(|end| BucketName::parse(&format!("{base}{end}")).unwrap());
    for name in &names {
        store.create_bucket(&BucketRef { name: name.clone(), ..new_bucket() }).await.unwrap();
    }
    let listed = store.list_buckets().await.unwrap();
    assert!(listed.is_sorted(), "{listed:?}");
    let mut expected = names.map(|name| name.to_string());
    expected.sort();
    let ours: Vec<_> = listed.into_iter().filter(|name| name.starts_with(base.as_str())).collect();
    assert_eq!(ours, expected);
}

/// Making a bucket again.
pub async fn a_name_that_is_there_is_already_owned(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    assert_error!(store.create_bucket(&bucket).await, StoreError::AlreadyOwned);
}

/// [`tells_buckets_by_id`](storage_hub_core::ports::StoreLimits::tells_buckets_by_id) on both sides: what is meant for a
/// bucket that was deleted never reaches the next bucket of its name, or always does.
pub async fn a_later_bucket_of_the_same_name_is_told_apart_as_stated(harness: &impl ObjectStoreHarness) {
    let (store, earlier) = (harness.store(), made_bucket(harness).await);
    let later = BucketRef { name: earlier.name.clone(), ..new_bucket() };
    assert_error!(store.create_bucket(&later).await, StoreError::AlreadyOwned);
    store.delete_bucket(&earlier).await.unwrap();
    store.create_bucket(&later).await.unwrap();
    store.put_object(&later, "key", b"later".to_vec()).await.unwrap();
    let policy = policy_of(&later, true);
    store.put_bucket_policy(&later, &policy).await.unwrap();
    if !store.limits().tells_buckets_by_id {
        assert_eq!(store.get_object(&earlier, "key").await.unwrap(), b"later");
        return;
    }
    assert_error!(store.get_object(&earlier, "key").await, StoreError::NotFound);
    assert_error!(store.put_object(&earlier, "key", b"earlier".to_vec()).await, StoreError::NotFound);
    assert_error!(store.delete_object(&earlier, "key").await, StoreError::NotFound);
    assert_error!(store.delete_versions(&earlier, &[version("key", "null")]).await, StoreError::NotFound);
    assert_error!(store.find_bucket_policy(&earlier).await, StoreError::NotFound);
    assert_error!(store.put_bucket_policy(&earlier, &policy_of(&later, false)).await, StoreError::NotFound);
    assert_error!(store.delete_bucket(&earlier).await, StoreError::NotFound);
    assert_eq!(store.get_object(&later, "key").await.unwrap(), b"later");
    assert_eq!(store.find_bucket_policy(&later).await.unwrap(), Some(policy));
}

/// A race: one call creates it, the other reports that it exists.
pub async fn of_two_who_make_a_bucket_at_once_one_makes_it(harness: &impl ObjectStoreHarness) {
    let store = harness.store();
    for _ in 0..5 {
        let bucket = new_bucket();
        match join(store.create_bucket(&bucket), store.create_bucket(&bucket)).await {
            (Ok(()), Err(StoreError::AlreadyOwned)) | (Err(StoreError::AlreadyOwned), Ok(())) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// `delete_bucket` of an empty bucket.
pub async fn a_removed_bucket_is_gone_and_its_name_can_be_made_again(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    store.delete_bucket(&bucket).await.unwrap();
    assert_eq!(store.find_bucket(&bucket).await.unwrap(), BucketPresence::Absent);
    assert!(!store.list_buckets().await.unwrap().contains(&bucket.name.to_string()));
    store.create_bucket(&bucket).await.unwrap();
    assert_eq!(store.find_bucket(&bucket).await.unwrap(), BucketPresence::Present);
}

/// `delete_bucket` without the bucket.
pub async fn a_missing_bucket_is_not_removed(harness: &impl ObjectStoreHarness) {
    assert_error!(harness.store().delete_bucket(&new_bucket()).await, StoreError::NotFound);
}

/// Nothing that somebody keeps is ever lost with its bucket.
pub async fn a_bucket_that_holds_an_object_is_not_removed(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    store.put_object(&bucket, "folder/kept", b"kept".to_vec()).await.unwrap();
    assert_error!(store.delete_bucket(&bucket).await, StoreError::NotEmpty);
    assert_eq!(store.get_object(&bucket, "folder/kept").await.unwrap(), b"kept");
    store.delete_object(&bucket, "folder/kept").await.unwrap();
    store.delete_bucket(&bucket).await.unwrap();
}

/// Uploads that were never completed keep no bucket, and the next one of that name has none of them.
pub async fn a_bucket_with_nothing_but_an_unfinished_upload_is_deleted_with_it(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    let keys = ["upload", "a folder/of ü+%2F&<x>", "upload/again"];
    for key in keys {
        harness.begin_upload(&bucket, key).await;
        harness.begin_upload(&bucket, key).await;
        assert!(harness.has_upload(&bucket, key).await, "{key}");
    }
    store.delete_bucket(&bucket).await.unwrap();
    assert_eq!(store.find_bucket(&bucket).await.unwrap(), BucketPresence::Absent);
    store.create_bucket(&bucket).await.unwrap();
    for key in keys {
        assert!(!harness.has_upload(&bucket, key).await, "{key}");
    }
}

/// A deletion that is refused has no effect.
pub async fn a_bucket_that_is_not_empty_keeps_its_unfinished_uploads(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    harness.begin_upload(&bucket, "upload").await;
    store.put_object(&bucket, "kept", b"kept".to_vec()).await.unwrap();
    assert_error!(store.delete_bucket(&bucket).await, StoreError::NotEmpty);
    assert!(harness.has_upload(&bucket, "upload").await);
    store.delete_object(&bucket, "kept").await.unwrap();
    if store.limits().keeps_versions {
        harness.enable_versioning(&bucket).await;
        store.put_object(&bucket, "kept", b"kept".to_vec()).await.unwrap();
        store.delete_object(&bucket, "kept").await.unwrap();
        assert_error!(store.delete_bucket(&bucket).await, StoreError::NotEmpty);
        assert!(harness.has_upload(&bucket, "upload").await);
    }
}

/// A store says so itself; none keeps requests for less than an hour once it keeps them at all.
pub async fn a_freed_name_is_reserved_for_hours_or_not_at_all(harness: &impl ObjectStoreHarness) {
    let reservation = harness.store().name_reservation().await.unwrap();
    assert!(reservation.is_zero() || reservation > Duration::from_secs(3600), "{reservation:?}");
}

/// Bytes of every value, many of them, and none.
pub async fn an_object_is_read_as_it_was_written(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    let large: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    for (key, body) in [("large", large), ("empty", Vec::new())] {
        store.put_object(&bucket, key, body.clone()).await.unwrap();
        assert!(store.get_object(&bucket, key).await.unwrap() == body, "{key}");
    }
    assert_error!(store.get_object(&bucket, "missing").await, StoreError::NotFound);
}

/// The last write counts.
pub async fn an_object_is_written_over(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    store.put_object(&bucket, "key", b"the first, and longer".to_vec()).await.unwrap();
    store.put_object(&bucket, "key", b"second".to_vec()).await.unwrap();
    assert_eq!(store.get_object(&bucket, "key").await.unwrap(), b"second");
}

/// One key in two buckets is two objects, and no key leads out of its bucket.
pub async fn an_object_stays_in_its_bucket(harness: &impl ObjectStoreHarness) {
    let (store, one, two) = (harness.store(), made_bucket(harness).await, made_bucket(harness).await);
    store.put_object(&one, "key", b"one".to_vec()).await.unwrap();
    assert_error!(store.get_object(&two, "key").await, StoreError::NotFound);
    store.put_object(&two, "key", b"two".to_vec()).await.unwrap();
    let name = &one.name;
    for key in [format!("../{name}/key"), format!("/../{name}/key"), format!("a/../../{name}/key")] {
        // Taken as a name like any other or refused, as the limits say; never followed.
        let _ = store.put_object(&two, &key, b"escaped".to_vec()).await;
        let read = store.get_object(&two, &key).await;
        assert!(read.as_ref().map_or(true, |body| body == b"escaped"), "{key}: {read:?}");
        let _ = store.delete_object(&two, &key).await;
    }
    assert_eq!(store.get_object(&one, "key").await.unwrap(), b"one");
    assert_eq!(store.get_object(&two, "key").await.unwrap(), b"two");
}

/// `delete_object`, twice.
pub async fn a_deleted_object_is_gone_and_can_be_deleted_again(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    store.put_object(&bucket, "key", b"body".to_vec()).await.unwrap();
    store.delete_object(&bucket, "key").await.unwrap();
    assert_error!(store.get_object(&bucket, "key").await, StoreError::NotFound);
    store.delete_object(&bucket, "key").await.unwrap();
}

/// Objects need a bucket.
pub async fn nothing_is_written_to_or_read_from_a_missing_bucket(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), new_bucket());
    assert_error!(store.put_object(&bucket, "key", b"body".to_vec()).await, StoreError::NotFound);
    assert_error!(store.get_object(&bucket, "key").await, StoreError::NotFound);
    assert_error!(store.delete_object(&bucket, "key").await, StoreError::NotFound);
    assert_eq!(store.find_bucket(&bucket).await.unwrap(), BucketPresence::Absent);
}

/// `a` next to `a/b`, and `folder/` next to its contents.
pub async fn a_key_may_be_a_part_of_another(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    if !store.limits().takes_keys_below_keys {
        store.put_object(&bucket, "a", b"a".to_vec()).await.unwrap();
        assert!(store.put_object(&bucket, "a/b", b"b".to_vec()).await.is_err());
        assert_eq!(store.get_object(&bucket, "a").await.unwrap(), b"a");
        return;
    }
    let keys = ["a", "a/b", "a/b/c", "folder/", "folder/file"];
    for key in keys {
        store.put_object(&bucket, key, key.as_bytes().to_vec()).await.unwrap();
    }
    store.delete_object(&bucket, "a/b").await.unwrap();
    for key in ["a", "a/b/c", "folder/", "folder/file"] {
        assert_eq!(store.get_object(&bucket, key).await.unwrap(), key.as_bytes(), "{key}");
    }
    assert_error!(store.get_object(&bucket, "a/b").await, StoreError::NotFound);
}

/// Whatever a URL, a query or a shell would make of it.
pub async fn a_key_may_hold_any_character(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    let keys = [
        "white space",
        "+",
        "a+b",
        "100%",
        "%2F",
        "%",
        "a?b=c&d",
        "a#b",
        "a=b",
        "a&b",
        "a;b",
        "a:b",
        "a@b",
        "a,b",
        "a~b",
        "a*b",
        "a'b",
        "a\"b",
        "(a)",
        "[a]",
        "{a}",
        "<a>",
        "a|b",
        "a^b",
        "a`b",
        "$a",
        "!a",
        "…",
        "grün",
        "日本語",
        "🪣",
        ".hidden",
        "a..b",
        "...",
        "a/.../b",
    ];
    for key in keys {
        store
            .put_object(&bucket, key, key.as_bytes().to_vec())
            .await
            .unwrap_or_else(|error| panic!("{key}: {error:?}"));
    }
    for key in keys {
        assert_eq!(store.get_object(&bucket, key).await.unwrap(), key.as_bytes(), "{key}");
        store.delete_object(&bucket, key).await.unwrap();
    }
    store.delete_bucket(&bucket).await.unwrap();
}

/// [`max_key_bytes`](storage_hub_core::ports::StoreLimits::max_key_bytes) on both sides, in bytes, not characters.
pub async fn the_longest_key_is_taken_and_a_longer_one_is_refused(harness: &impl ObjectStoreHarness) {
    let limit = harness.store().limits().max_key_bytes;
    let part = "p".repeat(99) + "/";
    let long: String = part.chars().cycle().take(limit - 2).collect();
    takes(harness, &format!("{long}ü")).await;
    refuses(harness, &format!("{long}üx")).await;
}

/// [`max_key_segment_bytes`](storage_hub_core::ports::StoreLimits::max_key_segment_bytes) on both sides.
pub async fn the_longest_part_of_a_key_is_taken_and_a_longer_one_is_refused(harness: &impl ObjectStoreHarness) {
    let limits = harness.store().limits();
    let limit = limits.max_key_segment_bytes.unwrap_or(limits.max_key_bytes);
    takes(harness, &"s".repeat(limit)).await;
    refuses(harness, &"s".repeat(limit + 1)).await;
}

/// [`takes_empty_segments`](storage_hub_core::ports::StoreLimits::takes_empty_segments) on its side.
pub async fn empty_parts_of_a_key_are_taken_or_refused_as_stated(harness: &impl ObjectStoreHarness) {
    for key in ["a//b", "a///b"] {
        if harness.store().limits().takes_empty_segments {
            takes(harness, key).await;
        } else {
            refuses(harness, key).await;
        }
    }
}

/// [`takes_dot_segments`](storage_hub_core::ports::StoreLimits::takes_dot_segments) on its side.
pub async fn dots_as_parts_of_a_key_are_taken_or_refused_as_stated(harness: &impl ObjectStoreHarness) {
    for key in ["a/./b", "a/../b", "../b", "./b", "a/..", ".."] {
        if harness.store().limits().takes_dot_segments {
            takes(harness, key).await;
        } else {
            refuses(harness, key).await;
        }
    }
}

/// [`takes_backslashes`](storage_hub_core::ports::StoreLimits::takes_backslashes) on its side.
pub async fn backslashes_in_a_key_are_taken_or_refused_as_stated(harness: &impl ObjectStoreHarness) {
    for key in ["a\\b", "\\a", "a/..\\b"] {
        if harness.store().limits().takes_backslashes {
            takes(harness, key).await;
        } else {
            refuses(harness, key).await;
        }
    }
}

/// What core renders comes back with the same meaning; before it, there is none.
pub async fn a_bucket_policy_is_found_as_it_was_written(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    assert_eq!(store.find_bucket_policy(&bucket).await.unwrap(), None);
    let policy = policy_of(&bucket, true);
    store.put_bucket_policy(&bucket, &policy).await.unwrap();
    assert_eq!(store.find_bucket_policy(&bucket).await.unwrap(), Some(policy));
}

/// The last write counts.
pub async fn a_bucket_policy_is_written_over(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    store.put_bucket_policy(&bucket, &policy_of(&bucket, true)).await.unwrap();
    store.put_bucket_policy(&bucket, &policy_of(&bucket, false)).await.unwrap();
    assert_eq!(store.find_bucket_policy(&bucket).await.unwrap(), Some(policy_of(&bucket, false)));
}

/// A policy goes with its bucket.
pub async fn a_remade_bucket_has_no_policy(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    store.put_bucket_policy(&bucket, &policy_of(&bucket, true)).await.unwrap();
    store.delete_bucket(&bucket).await.unwrap();
    store.create_bucket(&bucket).await.unwrap();
    assert_eq!(store.find_bucket_policy(&bucket).await.unwrap(), None);
}

/// Policies need a bucket.
pub async fn a_missing_bucket_has_no_policy(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), new_bucket());
    assert_error!(store.put_bucket_policy(&bucket, &policy_of(&bucket, true)).await, StoreError::NotFound);
    assert_error!(store.find_bucket_policy(&bucket).await, StoreError::NotFound);
}

/// No call waits indefinitely, and none reports something as missing because the store did not respond.
pub async fn a_store_that_is_away_is_unavailable(harness: &impl ObjectStoreHarness) {
    let Some(store) = harness.away() else { return };
    let (bucket, policy) = (new_bucket(), PolicyDocument::new(json!({})));
    let calls = async {
        assert_error!(store.ping().await, StoreError::Unavailable(_));
        assert_error!(store.find_bucket(&bucket).await, StoreError::Unavailable(_));
        assert_error!(store.create_bucket(&bucket).await, StoreError::Unavailable(_));
        assert_error!(store.delete_bucket(&bucket).await, StoreError::Unavailable(_));
        assert_error!(store.list_buckets().await, StoreError::Unavailable(_));
        assert_error!(store.put_bucket_policy(&bucket, &policy).await, StoreError::Unavailable(_));
        assert_error!(store.find_bucket_policy(&bucket).await, StoreError::Unavailable(_));
        assert_error!(store.put_object(&bucket, "key", Vec::new()).await, StoreError::Unavailable(_));
        assert_error!(store.get_object(&bucket, "key").await, StoreError::Unavailable(_));
        assert_error!(store.delete_object(&bucket, "key").await, StoreError::Unavailable(_));
        let versions = [version("key", "null")];
        assert_error!(store.delete_versions(&bucket, &versions).await, StoreError::Unavailable(_));
        // A store whose writes are bound to the bucket need not be asked.
        if !store.limits().tells_buckets_by_id {
            assert_error!(store.name_reservation().await, StoreError::Unavailable(_));
        }
    };
    tokio::time::timeout(Duration::from_secs(60), calls).await.expect("a call waited indefinitely");
}

async fn takes(harness: &impl ObjectStoreHarness, key: &str) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    store.put_object(&bucket, key, b"body".to_vec()).await.unwrap_or_else(|error| panic!("{key}: {error:?}"));
    assert_eq!(store.get_object(&bucket, key).await.unwrap(), b"body", "{key}");
}

async fn refuses(harness: &impl ObjectStoreHarness, key: &str) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    assert_error!(store.put_object(&bucket, key, b"body".to_vec()).await, StoreError::Refused(_));
    store.delete_bucket(&bucket).await.expect("nothing was written");
}

/// A name that no other test has, in this run or another.
pub(crate) fn bucket_name() -> BucketName {
    BucketName::parse(&format!("contract-{}", Uuid::now_v7().simple())).unwrap()
}

/// A bucket that does not exist yet.
pub(crate) fn new_bucket() -> BucketRef {
    BucketRef { id: BucketId::new(Uuid::now_v7()), name: bucket_name() }
}

async fn made_bucket(harness: &impl ObjectStoreHarness) -> BucketRef {
    let bucket = new_bucket();
    harness.store().create_bucket(&bucket).await.unwrap();
    bucket
}

fn policy_of(bucket: &BucketRef, public: bool) -> PolicyDocument {
    let owner = UserId::new(Uuid::nil());
    let entry = |grant, access| BucketEntry { grant, access, shard: None };
    let mut entries = vec![entry(Grant::admin(), Access::Manage), entry(Grant::author(owner), Access::Manage)];
    if public {
        entries.push(entry(Grant::public(), Access::Read));
    }
    bucket_policy(&BucketRecord {
        bucket: Bucket {
            id: bucket.id,
            name: bucket.name.clone(),
            owner,
            state: BucketState::Active,
            seen_absent: true,
            answered: true,
            created_at: Timestamp::from_millis(0),
        },
        owner_access_key: AccessKey::parse("user_1700000000_ab12cd").unwrap(),
        entries,
    })
}

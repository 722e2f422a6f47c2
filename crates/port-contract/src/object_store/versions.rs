//! The contract of [`delete_versions`](storage_hub_core::ports::ObjectStore::delete_versions).

use storage_hub_core::domain::{ObjectKey, ObjectVersion, VersionId};
use storage_hub_core::ports::{StoreError, VersionOutcome};
use uuid::Uuid;

use super::{ObjectStoreHarness, made_bucket, new_bucket};

/// In a bucket without versioning the version is the object.
pub async fn the_null_version_is_deleted_with_its_object(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    for key in ["one", "two", "three"] {
        store.put_object(&bucket, key, key.as_bytes().to_vec()).await.unwrap();
    }
    let outcomes = store.delete_versions(&bucket, &[version("one", "null"), version("three", "null")]).await.unwrap();
    assert_eq!(outcomes, [VersionOutcome::Deleted, VersionOutcome::Deleted]);
    assert_error!(store.get_object(&bucket, "one").await, StoreError::NotFound);
    assert_error!(store.get_object(&bucket, "three").await, StoreError::NotFound);
    assert_eq!(store.get_object(&bucket, "two").await.unwrap(), b"two");
}

/// Where versions are kept: the current one, an older one, and a delete marker.
pub async fn one_version_is_deleted_and_the_others_stay(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    if !store.limits().keeps_versions {
        return;
    }
    harness.enable_versioning(&bucket).await;
    for body in ["first", "second", "third"] {
        store.put_object(&bucket, "key", body.into()).await.unwrap();
    }
    store.delete_object(&bucket, "key").await.unwrap();
    let ids: [String; 4] = harness.list_versions(&bucket, "key").await.try_into().unwrap();
    let [marker, third, second, first] = ids;
    let outcomes = store.delete_versions(&bucket, &[version("key", &second), version("key", &marker)]).await.unwrap();
    assert_eq!(outcomes, [VersionOutcome::Deleted, VersionOutcome::Deleted]);
    assert_eq!(harness.list_versions(&bucket, "key").await, [third.clone(), first.clone()]);
    assert_eq!(store.get_object(&bucket, "key").await.unwrap(), b"third");
    store.delete_versions(&bucket, &[version("key", &third)]).await.unwrap();
    assert_eq!(store.get_object(&bucket, "key").await.unwrap(), b"first");
    store.delete_versions(&bucket, &[version("key", &first)]).await.unwrap();
    store.delete_bucket(&bucket).await.expect("no version is left");
}

/// A repeated request, or one for an id of another object.
pub async fn a_version_that_does_not_exist_counts_as_deleted(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    store.put_object(&bucket, "kept", b"kept".to_vec()).await.unwrap();
    let unknown = Uuid::new_v4().to_string();
    let versions = [
        version("kept", &unknown),
        version("missing", "null"),
        version("kept", "no-id-of-this-store"),
        version("missing", &unknown),
        version("missing", "null"),
    ];
    for _ in 0..2 {
        let outcomes = store.delete_versions(&bucket, &versions).await.unwrap();
        assert_eq!(outcomes, vec![VersionOutcome::Deleted; 5]);
    }
    assert_eq!(store.get_object(&bucket, "kept").await.unwrap(), b"kept");
    assert_eq!(store.delete_versions(&bucket, &[]).await.unwrap(), []);
}

/// What XML, a URL or a form would make of a key.
pub async fn versions_of_any_key_that_is_taken_are_deleted(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    let keys = [
        "white space",
        " led",
        "a+b",
        "100%",
        "%2F",
        "a&b",
        "<a>",
        "]]>",
        "a\"b",
        "a'b",
        "grün",
        "🪣",
        "a\rb",
        "a\nb",
        "a\tb",
        "a\u{10}b",
        "folder/",
    ];
    let mut taken = Vec::new();
    for key in keys {
        store.put_object(&bucket, "other", b"other".to_vec()).await.unwrap();
        if store.put_object(&bucket, key, b"body".to_vec()).await.is_ok() {
            taken.push(version(key, "null"));
        }
    }
    assert!(taken.len() > 10, "{taken:?}");
    let outcomes = store.delete_versions(&bucket, &taken).await.unwrap();
    assert!(outcomes.iter().all(|outcome| *outcome == VersionOutcome::Deleted), "{outcomes:?}");
    store.delete_object(&bucket, "other").await.unwrap();
    store.delete_bucket(&bucket).await.expect("every one of them is gone");
}

/// A key that the store would take for another one deletes nothing, nor does the rest of its request.
pub async fn no_version_is_deleted_when_a_key_is_refused(harness: &impl ObjectStoreHarness) {
    let (store, bucket) = (harness.store(), made_bucket(harness).await);
    let limits = store.limits();
    for key in ["/kept", "a/../kept", "./kept", "\\kept"] {
        if limits.check_key(key).is_err() {
            store.put_object(&bucket, "kept", b"kept".to_vec()).await.unwrap();
            let versions = [version("kept", "null"), version(key, "null")];
            assert_error!(store.delete_versions(&bucket, &versions).await, StoreError::Refused(_));
            assert_eq!(store.get_object(&bucket, "kept").await.unwrap(), b"kept", "{key}");
        }
    }
}

/// Versions need a bucket, and one key in two buckets is two objects.
pub async fn versions_are_deleted_in_their_bucket_only(harness: &impl ObjectStoreHarness) {
    let (store, one, two) = (harness.store(), made_bucket(harness).await, made_bucket(harness).await);
    for bucket in [&one, &two] {
        store.put_object(bucket, "key", b"body".to_vec()).await.unwrap();
    }
    store.delete_versions(&one, &[version("key", "null")]).await.unwrap();
    assert_error!(store.get_object(&one, "key").await, StoreError::NotFound);
    assert_eq!(store.get_object(&two, "key").await.unwrap(), b"body");
    assert_error!(store.delete_versions(&new_bucket(), &[version("key", "null")]).await, StoreError::NotFound);
}

pub(super) fn version(key: &str, id: &str) -> ObjectVersion {
    ObjectVersion { key: ObjectKey::parse(key).unwrap(), version_id: VersionId::parse(id).unwrap() }
}

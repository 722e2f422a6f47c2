//! The index of the release before, whose buckets have names alone.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use storage_hub_adapter_embedded::{EmbeddedObjectStore, EmbeddedStore};
use storage_hub_core::ports::{BucketPresence, ObjectStore as _, StoreError};
use tempfile::TempDir;

use crate::store::at;

/// Undoes the migration that added the ids.
const BEFORE: &str = concat!(
    include_str!("../../../../migrations/embedded/0003_bucket_ids/down.sql"),
    "DELETE FROM __diesel_schema_migrations WHERE version = '0003';"
);

/// A folder of the release before: the bucket `photos` holds an object, and the records do not know `unknown`.
async fn folder_of_the_release_before() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    for bucket in ["photos", "unknown"] {
        store.create_bucket(&at(bucket)).await.unwrap();
        store.put_object(&at(bucket), "key", b"body".to_vec()).await.unwrap();
    }
    drop(store);
    let path = folder.path().join("index.sqlite");
    let mut index = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    index.batch_execute(BEFORE).unwrap();
    folder
}

#[tokio::test]
async fn objects_of_the_release_before_are_served_once_their_buckets_have_ids() {
    let folder = folder_of_the_release_before().await;
    let embedded = EmbeddedStore::open(folder.path()).await.unwrap();
    let store = EmbeddedObjectStore::new(embedded.clone());
    assert!(embedded.has_buckets_without_ids().await.unwrap());
    assert!(matches!(store.get_object(&at("photos"), "key").await, Err(StoreError::NotFound)));
    assert_eq!(embedded.adopt_bucket_ids(&[at("photos"), at("missing")]).await.unwrap(), 1);
    assert_eq!(store.get_object(&at("photos"), "key").await.unwrap(), b"body");

    // What the records do not know keeps its name and its objects, and nobody else gets them.
    assert!(embedded.has_buckets_without_ids().await.unwrap());
    assert_eq!(store.find_bucket(&at("unknown")).await.unwrap(), BucketPresence::Present);
    assert!(matches!(store.create_bucket(&at("unknown")).await, Err(StoreError::AlreadyOwned)));
    assert!(matches!(store.get_object(&at("unknown"), "key").await, Err(StoreError::NotFound)));
    assert_eq!(store.list_buckets().await.unwrap(), ["photos", "unknown"]);
}

#[tokio::test]
async fn a_bucket_that_has_an_id_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let embedded = EmbeddedStore::open(folder.path()).await.unwrap();
    let store = EmbeddedObjectStore::new(embedded.clone());
    store.create_bucket(&at("photos")).await.unwrap();
    assert!(!embedded.has_buckets_without_ids().await.unwrap());
    let other = storage_hub_core::domain::BucketRef { id: at("videos").id, ..at("photos") };
    assert_eq!(embedded.adopt_bucket_ids(&[other]).await.unwrap(), 0);
    store.put_object(&at("photos"), "key", b"body".to_vec()).await.unwrap();
}

//! What a start finds and leaves.

use std::fs;

use storage_hub_adapter_embedded::{CheckFinding, EmbeddedObjectStore, EmbeddedStore, OpenError};
use storage_hub_core::ports::ObjectStore as _;

use crate::hub::{Hub, blob_files, name};

#[tokio::test]
async fn a_start_removes_what_unfinished_writes_left_and_nothing_else() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/key", b"body").await.assert_ok();
    let upload = owner.post("/photos/big?uploads=", "").await.assert_ok().all("UploadId").remove(0);
    owner.put(&format!("/photos/big?partNumber=1&uploadId={upload}"), b"part").await.assert_ok();
    let folder = hub.stop().await;
    let kept = blob_files(folder.path());
    fs::write(folder.path().join("incoming/0123456789abcdef0123456789abcdef"), b"torn").unwrap();
    fs::write(folder.path().join("blobs/01/0123456789abcdef0123456789abcdef"), b"orphan").unwrap();
    let store = EmbeddedStore::open(folder.path()).await.unwrap();
    assert_eq!(blob_files(folder.path()), kept);
    assert_eq!(kept.len(), 2);
    let store = EmbeddedObjectStore::new(store);
    assert_eq!(store.get_object(&name("photos"), "key").await.unwrap(), b"body");
}

#[tokio::test]
async fn a_folder_is_open_in_one_place_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).await.unwrap();
    assert!(matches!(EmbeddedStore::open(folder.path()).await, Err(OpenError::InUse)));
    drop(store);
    EmbeddedStore::open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_check_finds_blobs_that_are_missing_torn_or_nobodys() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).await.unwrap();
    let hub_side = EmbeddedObjectStore::new(store.clone());
    let bucket = name("photos");
    hub_side.make_bucket(&bucket).await.unwrap();
    for key in ["a", "b", "c"] {
        hub_side.put_object(&bucket, key, b"body".to_vec()).await.unwrap();
    }
    assert_eq!(store.check().await.unwrap(), []);
    let files = blob_files(folder.path());
    let blob = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    fs::remove_file(&files[0]).unwrap();
    fs::write(&files[1], b"torn body").unwrap();
    fs::write(folder.path().join("blobs/ff/ffffffffffffffffffffffffffffffff"), b"orphan").unwrap();
    let mut found = store.check().await.unwrap();
    found.sort();
    let mut expected = [
        CheckFinding::Missing { blob: blob(&files[0]) },
        CheckFinding::WrongSize { blob: blob(&files[1]), expected: 4, found: 9 },
        CheckFinding::Orphan { blob: "f".repeat(32) },
    ];
    expected.sort();
    assert_eq!(found, expected);
}

//! A backup of a store that is used meanwhile: what the copied index names is copied, whatever is deleted.

use std::fs;
use std::path::Path;

use storage_hub_adapter_embedded::{
    BackupError, BlobTotals, CheckDepth, CheckError, EmbeddedObjectStore, EmbeddedStore, StoreBackup, restore_store,
};
use storage_hub_core::ports::ObjectStore as _;

use crate::store::{Store, at, blob_of, large};

fn released(folder: &Path) -> usize {
    fs::read_dir(folder.join("released")).unwrap().count()
}

/// Waits until the store has deleted what it kept for a backup.
async fn until_nothing_is_kept(folder: &Path) {
    while released(folder) > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn what_is_replaced_and_deleted_during_a_backup_is_in_it() {
    let hub = Store::open().await;
    let bodies = ["kept", "replaced", "deleted"].map(|key| (key, large(&format!("the {key} body"))));
    for (key, body) in &bodies {
        hub.put(key, body).await;
    }
    hub.put("small", b"in the index").await;
    let upload = hub.begin("big", None).await;
    hub.part(&upload, 1, b"a part").await;
    // As if the process had died before it moved the blob.
    let kept = blob_of(hub.folder(), &bodies[0].1);
    fs::rename(&kept, hub.folder().join("incoming").join(kept.rsplit('/').next().unwrap())).unwrap();

    let (copy, restored) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let backup = StoreBackup::begin(hub.folder()).await.unwrap();
    backup.copy_index(copy.path()).await.unwrap();
    assert!(matches!(StoreBackup::begin(hub.folder()).await, Err(BackupError::InProgress(_))));
    hub.put("replaced", b"another body").await;
    hub.delete(&["deleted", "small"]).await;
    hub.abort(upload).await;
    while released(hub.folder()) < 3 {
        tokio::task::yield_now().await;
    }
    let totals = backup.copy_blobs(copy.path()).await.unwrap();
    let expected = bodies.iter().map(|(_, body)| body.len()).sum::<usize>() + "a part".len();
    assert_eq!((totals.count, totals.bytes), (4, expected as u64));
    drop(backup);
    until_nothing_is_kept(hub.folder()).await;
    assert_eq!(hub.get("replaced").await.unwrap(), b"another body");

    let restored = restored.path().join("objects");
    assert_eq!(restore_store(copy.path(), &restored).await.unwrap(), totals);
    assert_eq!(EmbeddedStore::check(&restored, CheckDepth::Full).await.unwrap(), []);
    let store = EmbeddedObjectStore::new(EmbeddedStore::open(&restored).await.unwrap());
    for (key, body) in bodies {
        assert!(store.get_object(&at("photos"), key).await.unwrap() == body, "{key}");
    }
    assert_eq!(store.get_object(&at("photos"), "small").await.unwrap(), b"in the index");
}

#[tokio::test]
async fn a_download_of_what_is_deleted_during_a_backup_goes_on_and_the_blob_is_kept() {
    let hub = Store::open().await;
    hub.put("key", &vec![b'a'; 8 * 1024 * 1024]).await;
    let copy = tempfile::tempdir().unwrap();
    let backup = StoreBackup::begin(hub.folder()).await.unwrap();
    backup.copy_index(copy.path()).await.unwrap();
    let reading = hub.in_bucket(&hub.bucket);
    let download = tokio::spawn(async move { reading.get("key").await });
    hub.delete(&["key"]).await;
    let downloaded = download.await.unwrap();
    assert!(downloaded.is_err() || downloaded.unwrap().len() == 8 * 1024 * 1024);
    let expected = BlobTotals { count: 1, bytes: 8 * 1024 * 1024 };
    assert_eq!(backup.copy_blobs(copy.path()).await.unwrap(), expected);
    drop(backup);
    until_nothing_is_kept(hub.folder()).await;
}

#[tokio::test]
async fn a_store_that_misses_bytes_or_was_never_served_is_not_backed_up() {
    let (empty, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(matches!(StoreBackup::begin(empty.path()).await, Err(BackupError::NotServed(_))));
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    store.create_bucket(&at("photos")).await.unwrap();
    store.put_object(&at("photos"), "key", b"body".to_vec()).await.unwrap();
    drop(store);
    let backup = StoreBackup::begin(folder.path()).await.unwrap();
    let refused = EmbeddedStore::repair(folder.path(), CheckDepth::Full).await;
    assert!(matches!(refused, Err(CheckError::BackupRunning)), "{refused:?}");
    backup.copy_index(copy.path()).await.unwrap();
    let blob = blob_of(folder.path(), "body");
    fs::write(&blob, "longer body").unwrap();
    let failed = backup.copy_blobs(copy.path()).await;
    assert!(matches!(failed, Err(BackupError::WrongSize { expected: 4, found: 11, .. })), "{failed:?}");
    fs::remove_file(blob).unwrap();
    fs::remove_dir_all(copy.path().join("blobs")).unwrap();
    let failed = backup.copy_blobs(copy.path()).await;
    assert!(matches!(failed, Err(BackupError::MissingBlob { .. })), "{failed:?}");
}

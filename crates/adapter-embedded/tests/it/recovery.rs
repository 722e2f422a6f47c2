//! What a start does with the files of an earlier process.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use storage_hub_adapter_embedded::{CheckDepth, CheckFinding, EmbeddedObjectStore, EmbeddedStore, OpenError};
use storage_hub_core::ports::{ObjectStore as _, StoreError};
use storage_hub_s3_protocol::error::ErrorCode;

use crate::store::{Store, at, blob_files, blob_of, large, until_blob_files};

const STRAY: &str = "0123456789abcdef0123456789abcdef";

/// A folder whose bucket `photos` holds the object `key`, and which nobody uses.
async fn folder_of_one() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    store.create_bucket(&at("photos")).await.unwrap();
    store.put_object(&at("photos"), "key", b"body".to_vec()).await.unwrap();
    folder
}

async fn recovered(folder: &Path) -> EmbeddedObjectStore {
    let store = EmbeddedStore::open(folder).await.unwrap();
    store.recover().await;
    EmbeddedObjectStore::new(store)
}

/// Puts a committed blob back to where it was before its commit, as if the process had died before the move.
fn back_to_incoming(folder: &Path, body: impl AsRef<[u8]>) -> String {
    let path = blob_of(folder, body);
    let incoming = folder.join("incoming").join(path.rsplit('/').next().unwrap());
    fs::rename(path, &incoming).unwrap();
    incoming.display().to_string()
}

#[tokio::test]
async fn a_start_deletes_uncommitted_files_moves_committed_ones_and_keeps_the_blobs() {
    let hub = Store::open().await;
    let body = large("body");
    hub.put("key", &body).await;
    let upload = hub.begin("big", None).await;
    hub.part(&upload, 1, b"part").await;
    let folder = hub.close();
    let mut kept = blob_files(folder.path());
    for body in [&body[..], b"part"] {
        back_to_incoming(folder.path(), body);
    }
    let [torn, stray] = ["incoming", "blobs/01"].map(|place| folder.path().join(place).join(STRAY));
    fs::write(&torn, b"torn").unwrap();
    fs::write(&stray, b"stray").unwrap();
    kept.push(stray.display().to_string());

    let store = EmbeddedStore::open(folder.path()).await.unwrap();
    assert!(torn.exists(), "the recovery deletes, and only when it is called");
    store.recover().await;
    let mut files = blob_files(folder.path());
    files.sort();
    kept.sort();
    assert_eq!(files, kept);
    let store = EmbeddedObjectStore::new(store);
    assert!(store.get_object(&at("photos"), "key").await.unwrap() == body);
}

#[tokio::test]
async fn a_blob_that_was_not_moved_yet_is_read_copied_checked_and_deleted() {
    let hub = Store::open().await;
    let body = large("body");
    hub.put("key", &body).await;
    let incoming = back_to_incoming(hub.folder(), &body);
    assert!(hub.get("key").await.unwrap() == body);
    hub.copy("key", "copy", None).await;
    assert!(hub.get("copy").await.unwrap() == body);
    assert_eq!(EmbeddedStore::check(hub.folder(), CheckDepth::Full).await.unwrap(), []);
    hub.delete(&["key"]).await;
    hub.until_blob_files(1).await;
    assert!(!Path::new(&incoming).exists());
    // Without a server too.
    back_to_incoming(hub.folder(), &body);
    let folder = hub.close();
    assert_eq!(EmbeddedStore::check(folder.path(), CheckDepth::Full).await.unwrap(), []);
    assert_eq!(EmbeddedStore::repair(folder.path(), CheckDepth::Full).await.unwrap(), []);
    assert_eq!(blob_files(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_start_without_the_index_deletes_nothing_and_the_index_can_be_put_back() {
    let folder = folder_of_one().await;
    back_to_incoming(folder.path(), "body");
    let index = folder.path().join("index.sqlite");
    let saved = fs::read(&index).unwrap();
    // Another object, so that `blobs` is not empty.
    let store = recovered(folder.path()).await;
    store.put_object(&at("photos"), "other", b"other".to_vec()).await.unwrap();
    drop(store);
    back_to_incoming(folder.path(), "body");
    let files = blob_files(folder.path());
    fs::remove_file(&index).unwrap();
    drop(recovered(folder.path()).await);
    assert_eq!(blob_files(folder.path()), files);

    fs::write(&index, saved).unwrap();
    let store = recovered(folder.path()).await;
    assert_eq!(store.get_object(&at("photos"), "key").await.unwrap(), b"body");
}

#[tokio::test]
async fn a_start_with_an_older_index_deletes_no_blob() {
    let folder = folder_of_one().await;
    let index = folder.path().join("index.sqlite");
    let monday = fs::read(&index).unwrap();
    let store = recovered(folder.path()).await;
    store.put_object(&at("photos"), "tuesday", b"tuesday".to_vec()).await.unwrap();
    drop(store);
    let (tuesday, files) = (fs::read(&index).unwrap(), blob_files(folder.path()));
    fs::write(&index, monday).unwrap();
    drop(recovered(folder.path()).await);
    assert_eq!(blob_files(folder.path()), files);

    fs::write(&index, tuesday).unwrap();
    let store = recovered(folder.path()).await;
    assert_eq!(store.get_object(&at("photos"), "tuesday").await.unwrap(), b"tuesday");
}

#[tokio::test]
async fn a_released_blob_that_the_index_names_is_taken_back_and_the_others_are_deleted() {
    let folder = folder_of_one().await;
    let blob = blob_of(folder.path(), "body");
    let released = folder.path().join("released");
    fs::rename(&blob, released.join(blob.rsplit('/').next().unwrap())).unwrap();
    fs::write(released.join(STRAY), "deleted long ago").unwrap();
    let store = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    assert_eq!(store.get_object(&at("photos"), "key").await.unwrap(), b"body");
    drop(store);
    let store = recovered(folder.path()).await;
    while blob_files(folder.path()) != [blob.clone()] {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.get_object(&at("photos"), "key").await.unwrap(), b"body");
}

#[tokio::test]
async fn a_start_deletes_what_was_released_and_not_deleted_before_the_process_died() {
    let folder = folder_of_one().await;
    let blob = blob_of(folder.path(), "body");
    let name = blob.rsplit('/').next().unwrap();
    // As after a commit that deleted the object, and a death before the file was deleted.
    let mut index = SqliteConnection::establish(folder.path().join("index.sqlite").to_str().unwrap()).unwrap();
    index.batch_execute(&format!("DELETE FROM objects; INSERT INTO released_blobs VALUES ('{name}');")).unwrap();
    drop(index);
    assert_eq!(EmbeddedStore::check(folder.path(), CheckDepth::Full).await.unwrap(), []);
    let store = recovered(folder.path()).await;
    until_blob_files(folder.path(), 0).await;
    drop(store);
    drop(recovered(folder.path()).await);
}

#[tokio::test]
async fn a_start_never_deletes_what_the_index_names() {
    let folder = folder_of_one().await;
    let blob = blob_of(folder.path(), "body");
    let name = blob.rsplit('/').next().unwrap();
    let mut index = SqliteConnection::establish(folder.path().join("index.sqlite").to_str().unwrap()).unwrap();
    index.batch_execute(&format!("INSERT INTO released_blobs VALUES ('{name}');")).unwrap();
    drop(index);
    let store = recovered(folder.path()).await;
    assert_eq!(store.get_object(&at("photos"), "key").await.unwrap(), b"body");
    assert_eq!(blob_files(folder.path()), [blob]);
}

#[tokio::test]
async fn a_check_shows_what_a_start_would_delete_only_while_nobody_serves() {
    let folder = folder_of_one().await;
    fs::write(folder.path().join("incoming").join(STRAY), "torn").unwrap();
    let found = EmbeddedStore::check(folder.path(), CheckDepth::Full).await.unwrap();
    assert_eq!(found, [CheckFinding::Orphan { blob: format!("incoming/{STRAY}") }]);
    let serving = EmbeddedStore::open(folder.path()).await.unwrap();
    assert_eq!(EmbeddedStore::check(folder.path(), CheckDepth::Full).await.unwrap(), []);
    drop(serving);
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
async fn who_works_beside_the_server_neither_writes_nor_deletes_objects() {
    let folder = tempfile::tempdir().unwrap();
    let (bucket, body) = (at("photos"), b"body".to_vec());
    let served = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    served.create_bucket(&bucket).await.unwrap();
    served.put_object(&bucket, "key", body.clone()).await.unwrap();
    let beside = EmbeddedObjectStore::new(EmbeddedStore::attach(folder.path()).await.unwrap());
    assert!(matches!(beside.put_object(&bucket, "other", body.clone()).await, Err(StoreError::Refused(_))));
    assert!(matches!(beside.delete_object(&bucket, "key").await, Err(StoreError::Refused(_))));
    assert_eq!(beside.get_object(&bucket, "key").await.unwrap(), body);
    assert_eq!(blob_files(folder.path()).len(), 1);
    beside.create_bucket(&at("another")).await.unwrap();
}

#[tokio::test]
async fn a_tool_deletes_a_bucket_and_leaves_the_parts_of_its_uploads_to_the_next_start() {
    let hub = Store::open().await;
    let upload = hub.begin("big", None).await;
    hub.part(&upload, 1, b"part").await;
    let tool = EmbeddedObjectStore::new(EmbeddedStore::attach(hub.folder()).await.unwrap());
    tool.delete_bucket(&at("photos")).await.unwrap();
    drop(tool);
    assert_eq!(hub.get("key").await.unwrap_err().code(), ErrorCode::NoSuchBucket);
    assert_eq!(fs::read_dir(hub.folder().join("released")).unwrap().count(), 1);
    let folder = hub.close();
    assert_eq!(EmbeddedStore::check(folder.path(), CheckDepth::Full).await.unwrap(), []);
    let store = recovered(folder.path()).await;
    while !blob_files(folder.path()).is_empty() {
        tokio::task::yield_now().await;
    }
    drop(store);
}

#[tokio::test]
async fn a_server_may_start_while_somebody_works_on_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let beside = EmbeddedStore::attach(folder.path()).await.unwrap();
    let served = EmbeddedStore::open(folder.path()).await.unwrap();
    drop((beside, served));
}

#[tokio::test]
async fn an_upload_that_is_not_finished_in_time_goes_with_its_parts() {
    let hub = Store::open().await;
    hub.put("key", &large("body")).await;
    let begin = async |key: &str| {
        let upload = hub.begin(key, None).await;
        hub.part(&upload, 1, b"part").await;
        upload
    };
    for number in 0..41 {
        begin(&format!("old-{number}")).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let apart = Instant::now();
    let young = begin("young").await;
    // Half-way between the young upload and the old ones, however long the requests took.
    let life = apart.elapsed() + Duration::from_secs(1);
    assert_eq!(hub.embedded.expire_uploads(life).await.unwrap(), 41);
    assert_eq!(hub.uploads().await, ["young"]);
    hub.until_blob_files(2).await;
    hub.part(&young, 2, b"part").await;
    assert_eq!(hub.embedded.expire_uploads(Duration::from_secs(3600)).await.unwrap(), 0);
    hub.get("key").await.unwrap();
}

//! What a start finds and leaves.

use std::fs;
use std::time::Duration;

use storage_hub_adapter_embedded::{EmbeddedObjectStore, EmbeddedStore, OpenError};
use storage_hub_core::ports::{ObjectStore as _, StoreError};

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
async fn who_works_beside_the_server_neither_writes_nor_deletes_objects() {
    let folder = tempfile::tempdir().unwrap();
    let (bucket, body) = (name("photos"), b"body".to_vec());
    let served = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    served.create_bucket(&bucket).await.unwrap();
    served.put_object(&bucket, "key", body.clone()).await.unwrap();
    let beside = EmbeddedObjectStore::new(EmbeddedStore::attach(folder.path()).await.unwrap());
    assert!(matches!(beside.put_object(&bucket, "other", body.clone()).await, Err(StoreError::Refused(_))));
    assert!(matches!(beside.delete_object(&bucket, "key").await, Err(StoreError::Refused(_))));
    assert_eq!(beside.get_object(&bucket, "key").await.unwrap(), body);
    assert_eq!(blob_files(folder.path()).len(), 1);
    beside.create_bucket(&name("another")).await.unwrap();
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
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/key", b"body").await.assert_ok();
    let begin = async |key: &str| {
        let upload = owner.post(&format!("/photos/{key}?uploads="), "").await.assert_ok().all("UploadId").remove(0);
        owner.put(&format!("/photos/{key}?partNumber=1&uploadId={upload}"), b"part").await.assert_ok();
        upload
    };
    for number in 0..41 {
        begin(&format!("old-{number}")).await;
    }
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let young = begin("young").await;
    assert_eq!(hub.embedded.expire_uploads(Duration::from_secs(1)).await.unwrap(), 41);
    assert_eq!(owner.get("/photos?uploads=").await.assert_ok().all("Key"), ["young"]);
    assert_eq!(hub.blob_files().len(), 2);
    owner.put(&format!("/photos/young?partNumber=2&uploadId={young}"), b"part").await.assert_ok();
    assert_eq!(hub.embedded.expire_uploads(Duration::from_secs(3600)).await.unwrap(), 0);
    owner.get("/photos/key").await.assert_ok();
}

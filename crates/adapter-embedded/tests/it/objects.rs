//! Where the bytes of objects are, and what is left of those that were replaced or deleted.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use futures::{StreamExt as _, stream};
use storage_hub_core::domain::BucketId;
use storage_hub_s3_backend::{CommitGuard, Permit, S3Backend as _, VerifiedBody, Write};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{DeleteEntry, GetObject, PutObject};

use crate::store::{Store, blob_files, large};

#[tokio::test]
async fn a_small_object_has_no_blob_and_a_large_one_has_one() {
    let store = Store::open().await;
    store.put("small", &[b'a'; 16 * 1024]).await;
    assert_eq!(blob_files(store.folder()).len(), 0);
    store.put("large", &[b'a'; 16 * 1024 + 1]).await;
    assert_eq!(blob_files(store.folder()).len(), 1);
}

#[tokio::test]
async fn what_is_replaced_or_deleted_leaves_no_blob() {
    let store = Store::open().await;
    for round in ["first", "second", "third"] {
        store.put("key", &large(round)).await;
        store.until_blob_files(1).await;
    }
    store.put("key", b"small").await;
    store.until_blob_files(0).await;
    store.put("key", &large("again")).await;
    store.delete(&["key"]).await;
    store.until_blob_files(0).await;
}

#[tokio::test]
async fn a_write_that_fails_leaves_no_blob() {
    let store = Store::open().await;
    let upload = store.begin("key", None).await;
    let received = stream::iter([Ok(large("torn").into()), Err(ErrorCode::IncompleteBody.into())]);
    let torn = VerifiedBody::from_decoded(received, None, None);
    let input = PutObject { key: "key".to_owned(), ..PutObject::default() };
    assert_eq!(store.put_body(input, torn).await.unwrap_err().code(), ErrorCode::IncompleteBody);
    store.part(&upload, 1, b"part").await;
    store.abort(upload).await;
    store.until_blob_files(0).await;
}

#[tokio::test]
async fn a_copy_of_a_blob_shares_its_bytes() {
    use std::os::unix::fs::MetadataExt as _;
    let store = Store::open().await;
    store.put("key", &large("body")).await;
    store.copy("key", "copy", None).await;
    let inodes: Vec<_> = blob_files(store.folder()).iter().map(|file| std::fs::metadata(file).unwrap().ino()).collect();
    assert!(matches!(inodes[..], [one, other] if one == other), "{inodes:?}");
}

#[tokio::test]
async fn an_object_that_is_replaced_while_it_is_read_is_read_to_its_end() {
    let store = Store::open().await;
    let parts = [vec![b'a'; 5 * 1024 * 1024], vec![b'b'; 3 * 1024 * 1024]];
    let upload = store.begin("key", None).await;
    let named = vec![store.part(&upload, 1, &parts[0]).await, store.part(&upload, 2, &parts[1]).await];
    store.complete(upload, named).await;
    let input = GetObject { key: "key".to_owned(), ..GetObject::default() };
    let (_, mut reading) = store.backend.get_object(&store.bucket, input).await.unwrap();
    let mut read = reading.next().await.unwrap().unwrap().to_vec();
    store.put("key", b"small").await;
    while let Some(chunk) = reading.next().await {
        read.extend_from_slice(&chunk.unwrap());
    }
    assert!(read == parts.concat());
    drop(reading);
    store.until_blob_files(0).await;
    assert_eq!(store.get("key").await.unwrap(), b"small");
}

/// Permits the first write only.
struct Once {
    bucket: BucketId,
    asked: AtomicUsize,
}

#[async_trait]
impl CommitGuard for Once {
    async fn permit(&self) -> S3Result<Permit> {
        match self.asked.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(Permit::granted(self.bucket)),
            _ => Err(ErrorCode::AccessDenied.into()),
        }
    }
}

/// A store with four objects of 6,000 parts, whose blobs do not exist.
async fn store_of_many_parts() -> Store {
    let store = Store::open().await;
    let objects = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 4)
        INSERT INTO objects (bucket_id, key, version, is_latest, is_delete_marker, size, etag, modified_at, headers, metadata)
            SELECT buckets.id, CAST('key-' || n AS BLOB), 'null', 1, 0, 6000, 'etag', 0, '{}', '{}' FROM n, buckets
            WHERE buckets.name = 'photos';
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 6000)
        INSERT INTO object_parts (object_id, number, blob, size) SELECT id, n, id || ' ' || n, 1 FROM n, objects;";
    let mut connection = SqliteConnection::establish(store.folder().join("index.sqlite").to_str().unwrap()).unwrap();
    connection.batch_execute(objects).unwrap();
    store
}

const KEYS: [&str; 4] = ["key-1", "key-2", "key-3", "key-4"];

#[tokio::test]
async fn the_guard_is_asked_before_each_transaction_of_a_deletion() {
    let store = store_of_many_parts().await;
    let guard = Once { bucket: store.bucket.id, asked: AtomicUsize::new(0) };
    let write = Write { bucket: &store.bucket, guard: &guard };
    let entries = KEYS.map(|key| DeleteEntry { key: key.to_owned(), ..DeleteEntry::default() });
    let results = store.backend.delete_objects(write, entries.to_vec()).await.unwrap();
    let codes: Vec<_> = results.into_iter().map(|result| result.err().map(|error| error.code())).collect();
    let denied = Some(ErrorCode::AccessDenied);
    assert_eq!(codes, [None, None, denied, denied]);
    assert_eq!(store.keys().await, KEYS[2..]);
}

#[tokio::test]
async fn a_request_deletes_objects_of_so_many_parts_that_they_need_several_transactions() {
    let store = store_of_many_parts().await;
    assert_eq!(store.keys().await, KEYS);
    store.delete(&KEYS).await;
    assert_eq!(store.keys().await, Vec::<String>::new());
}

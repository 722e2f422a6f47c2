//! The comparison of the index with the blobs, and the repair of differences.

use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use storage_hub_adapter_embedded::{
    CheckDepth, CheckError, CheckFinding, EmbeddedObjectStore, EmbeddedStore, OpenError, Place,
};
use storage_hub_core::ports::{ObjectStore as _, StoreError};
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::operation::PutObject;

use crate::store::{Store, at, blob_files, blob_of};

const ORPHAN: &str = "ffffffffffffffffffffffffffffffff";

/// A folder with the objects `a`, `b`, `c` of one bucket, whose bodies differ, and which nobody uses.
async fn folder_of_three() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    store.create_bucket(&at("photos")).await.unwrap();
    for key in ["a", "b", "c"] {
        store.put_object(&at("photos"), key, format!("body {key}").into_bytes()).await.unwrap();
    }
    folder
}

fn blob_name(path: &str) -> String {
    path.rsplit('/').next().unwrap().to_owned()
}

fn place(key: &str) -> Place {
    Place { bucket: "photos".to_owned(), key: key.to_owned(), part: None }
}

async fn check(folder: &Path, depth: CheckDepth) -> Vec<CheckFinding> {
    let mut found = EmbeddedStore::check(folder, depth).await.unwrap();
    found.sort();
    found
}

#[tokio::test]
async fn a_check_finds_missing_truncated_changed_and_unknown_blobs() {
    let folder = folder_of_three().await;
    assert_eq!(check(folder.path(), CheckDepth::Full).await, []);
    let [a, b, c] = ["body a", "body b", "body c"].map(|body| blob_of(folder.path(), body));
    fs::remove_file(&a).unwrap();
    fs::write(&b, "body").unwrap();
    fs::write(&c, "body C").unwrap();
    fs::write(folder.path().join("blobs/ff").join(ORPHAN), "orphan").unwrap();
    fs::write(folder.path().join("incoming").join(ORPHAN), "torn").unwrap();
    let quick = [
        CheckFinding::Missing { place: place("a"), blob: blob_name(&a) },
        CheckFinding::WrongSize { place: place("b"), blob: blob_name(&b), expected: 6, found: 4 },
        CheckFinding::Orphan { blob: ORPHAN.to_owned() },
        CheckFinding::Orphan { blob: format!("incoming/{ORPHAN}") },
    ];
    assert_eq!(check(folder.path(), CheckDepth::Quick).await, quick);
    let found = check(folder.path(), CheckDepth::Full).await;
    let wrong = found.iter().find(|finding| matches!(finding, CheckFinding::WrongDigest { .. })).unwrap();
    assert!(wrong.to_string().starts_with("wrong digest: \"c\" in photos: its bytes have "), "{wrong}");
    assert_eq!(found.len(), quick.len() + 1, "{found:?}");
}

#[tokio::test]
async fn a_repair_quarantines_damaged_objects_and_unknown_blobs() {
    let folder = folder_of_three().await;
    let [a, b] = ["body a", "body b"].map(|body| blob_of(folder.path(), body));
    fs::remove_file(&a).unwrap();
    fs::write(&b, "body").unwrap();
    fs::write(folder.path().join("blobs/ff").join(ORPHAN), "orphan").unwrap();
    assert_eq!(EmbeddedStore::repair(folder.path(), CheckDepth::Full).await.unwrap().len(), 3);
    assert_eq!(check(folder.path(), CheckDepth::Full).await, []);

    let store = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    for gone in ["a", "b"] {
        let read = store.get_object(&at("photos"), gone).await;
        assert!(matches!(read, Err(StoreError::NotFound)), "{gone}: {read:?}");
    }
    assert_eq!(store.get_object(&at("photos"), "c").await.unwrap(), b"body c");
    assert_eq!(blob_files(folder.path()).len(), 1);
    // Nothing that somebody may want is deleted.
    let quarantine = folder.path().join("quarantine");
    assert_eq!(fs::read_to_string(quarantine.join(ORPHAN)).unwrap(), "orphan");
    assert_eq!(fs::read_to_string(quarantine.join(blob_name(&b))).unwrap(), "body");
    for (blob, key) in [(&a, "a"), (&b, "b")] {
        let text = fs::read_to_string(quarantine.join(format!("{}.json", blob_name(blob)))).unwrap();
        let described: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&described["bucket"], &described["key"], &described["size"]),
            (&"photos".into(), &key.into(), &6.into())
        );
    }
    assert_eq!(fs::read_dir(quarantine).unwrap().count(), 4);
}

#[tokio::test]
async fn a_check_runs_beside_the_server_and_a_repair_does_not() {
    let folder = folder_of_three().await;
    let store = EmbeddedStore::open(folder.path()).await.unwrap();
    let torn = blob_of(folder.path(), "body a");
    fs::write(&torn, "body").unwrap();
    // A server could be writing it.
    fs::write(folder.path().join("incoming").join(ORPHAN), "young").unwrap();
    let found = check(folder.path(), CheckDepth::Full).await;
    assert!(matches!(&found[..], [CheckFinding::WrongSize { .. }]), "{found:?}");
    let refused = EmbeddedStore::repair(folder.path(), CheckDepth::Quick).await;
    assert!(matches!(refused, Err(CheckError::Open(OpenError::InUse))), "{refused:?}");
    assert_eq!(fs::read_to_string(torn).unwrap(), "body");
    drop(store);
}

#[tokio::test]
async fn uploads_in_parts_copies_and_checksums_pass_and_a_changed_part_is_found() {
    let hub = Store::open().await;
    let mib = vec![b'a'; 5 * 1024 * 1024];
    let small = PutObject { key: "whole".to_owned(), ..PutObject::default() };
    hub.put_with(small, b"123456789", Some(ChecksumAlgorithm::Crc32)).await;
    hub.put("empty", b"").await;
    for algorithm in std::iter::once(None).chain(ChecksumAlgorithm::ALL.map(Some)) {
        let key = format!("parts {algorithm:?}");
        let upload = hub.begin(&key, algorithm.map(|algorithm| (algorithm, algorithm.default_kind()))).await;
        let parts = vec![hub.part(&upload, 1, &mib).await, hub.part(&upload, 2, b"end").await];
        hub.complete(upload, parts).await;
        hub.copy(&key, &format!("{key} copy"), None).await;
        hub.copy(&key, &format!("{key} other"), Some(ChecksumAlgorithm::Crc32)).await;
    }
    let begun = hub.begin("begun", None).await;
    hub.part(&begun, 1, b"a part").await;
    assert_eq!(check(hub.folder(), CheckDepth::Full).await, []);

    fs::write(blob_of(hub.folder(), "a part"), "A part").unwrap();
    let found = check(hub.folder(), CheckDepth::Full).await;
    let expected = Place { bucket: "photos".to_owned(), key: "begun".to_owned(), part: Some((begun.upload_id, 1)) };
    assert!(matches!(&found[..], [CheckFinding::WrongDigest { place, .. }] if *place == expected), "{found:?}");
    let folder = hub.close();
    assert_eq!(EmbeddedStore::repair(folder.path(), CheckDepth::Full).await.unwrap(), found);
    assert_eq!(check(folder.path(), CheckDepth::Full).await, []);
}

#[tokio::test]
async fn an_object_in_the_index_whose_bytes_are_wrong_is_found() {
    let hub = Store::open().await;
    hub.put("a", b"body a").await;
    hub.put("b", b"body b").await;
    let mut index = SqliteConnection::establish(hub.folder().join("index.sqlite").to_str().unwrap()).unwrap();
    index.batch_execute("UPDATE object_data SET data = x'00' WHERE data = CAST('body b' AS BLOB)").unwrap();
    drop(index);
    let found = check(hub.folder(), CheckDepth::Quick).await;
    assert!(matches!(&found[..], [CheckFinding::WrongSize { place, .. }] if *place == self::place("b")), "{found:?}");
    let folder = hub.close();
    assert_eq!(EmbeddedStore::repair(folder.path(), CheckDepth::Full).await.unwrap(), found);
    assert_eq!(check(folder.path(), CheckDepth::Full).await, []);
    let kept: Vec<_> = fs::read_dir(folder.path().join("quarantine")).unwrap().map(|entry| entry.unwrap()).collect();
    assert!(kept.iter().any(|entry| fs::read(entry.path()).unwrap() == [0]), "the bytes are kept: {kept:?}");
}

//! A damaged index costs no bytes: neither a start nor a repair trusts it.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use storage_hub_adapter_embedded::{CheckDepth, CheckError, CheckFinding, EmbeddedObjectStore, EmbeddedStore};
use storage_hub_core::ports::ObjectStore as _;

use crate::store::{at, blob_files};

const PAGE: u64 = 4096;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn connect(folder: &Path) -> SqliteConnection {
    SqliteConnection::establish(folder.join("index.sqlite").to_str().unwrap()).unwrap()
}

/// Overwrites the page of SQLite's index on `objects.blob`. All of the test's rows fit into that one page.
fn overwrite_index_page(folder: &Path, page: &[u8]) {
    let mut connection = connect(folder);
    let root: Number =
        diesel::sql_query("SELECT rootpage AS number FROM sqlite_schema WHERE name = 'sqlite_autoindex_objects_1'")
            .get_result(&mut connection)
            .unwrap();
    drop(connection);
    let file = File::options().write(true).open(folder.join("index.sqlite")).unwrap();
    file.write_all_at(page, (u64::try_from(root.number).unwrap() - 1) * PAGE).unwrap();
}

/// A valid page without rows: what SQLite's own quick check accepts.
fn empty_page() -> Vec<u8> {
    let mut page = vec![0; usize::try_from(PAGE).unwrap()];
    // A leaf of an index whose cells begin at the end of the page.
    page[0] = 0x0a;
    page[5] = 0x10;
    page
}

async fn folder_of_twelve() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedObjectStore::new(EmbeddedStore::open(folder.path()).await.unwrap());
    store.create_bucket(&at("photos")).await.unwrap();
    for number in 0..12 {
        store.put_object(&at("photos"), &format!("{number}"), format!("body {number}").into()).await.unwrap();
    }
    folder
}

/// The blobs of every second object, as if the process had died before it moved them.
fn move_half_to_incoming(folder: &Path) {
    for file in blob_files(folder).into_iter().step_by(2) {
        fs::rename(&file, folder.join("incoming").join(file.rsplit('/').next().unwrap())).unwrap();
    }
}

#[tokio::test]
async fn a_start_with_a_damaged_index_deletes_nothing() {
    for page in [empty_page(), vec![0; usize::try_from(PAGE).unwrap()]] {
        let folder = folder_of_twelve().await;
        move_half_to_incoming(folder.path());
        overwrite_index_page(folder.path(), &page);
        let store = EmbeddedStore::open(folder.path()).await.unwrap();
        store.recover().await;
        assert_eq!(blob_files(folder.path()).len(), 12);
        let store = EmbeddedObjectStore::new(store);
        for number in 0..12 {
            let body = store.get_object(&at("photos"), &format!("{number}")).await.unwrap();
            assert_eq!(body, format!("body {number}").into_bytes());
        }
    }
}

#[tokio::test]
async fn a_repair_with_a_damaged_index_changes_nothing_and_names_the_remedy() {
    for depth in [CheckDepth::Quick, CheckDepth::Full] {
        let folder = folder_of_twelve().await;
        overwrite_index_page(folder.path(), &empty_page());
        let files = blob_files(folder.path());
        let refused = EmbeddedStore::repair(folder.path(), depth).await.unwrap_err();
        assert!(matches!(refused, CheckError::Damaged(_)), "{refused:?}");
        assert!(refused.to_string().contains("REINDEX"), "{refused}");
        assert_eq!(blob_files(folder.path()), files);
        let found = EmbeddedStore::check(folder.path(), CheckDepth::Full).await.unwrap();
        assert!(found.iter().all(|finding| matches!(finding, CheckFinding::Index { .. })), "{found:?}");

        connect(folder.path()).batch_execute("REINDEX").unwrap();
        assert_eq!(EmbeddedStore::repair(folder.path(), depth).await.unwrap(), []);
        assert_eq!(EmbeddedStore::check(folder.path(), CheckDepth::Full).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_repair_without_the_index_changes_nothing() {
    let folder = folder_of_twelve().await;
    let files = blob_files(folder.path());
    fs::remove_file(folder.path().join("index.sqlite")).unwrap();
    let refused = EmbeddedStore::repair(folder.path(), CheckDepth::Full).await.unwrap_err();
    assert!(matches!(refused, CheckError::EmptyIndex), "{refused:?}");
    assert_eq!(blob_files(folder.path()), files);
}

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use futures::FutureExt;
use storage_hub_adapter_sqlite::{OpenError, SqliteRecords, inspect, migrate};
use storage_hub_core::domain::{Timestamp, UserId};
use storage_hub_core::ports::{Directory, MigrationState, RecordError, RecordsContents, TaskKey, UnitOfWork};
use tempfile::TempDir;
use uuid::Uuid;

fn task() -> TaskKey {
    TaskKey::Principal(UserId::new(Uuid::from_u128(1)))
}

async fn enqueue(records: &SqliteRecords) -> i64 {
    let mut transaction = records.begin().await.unwrap();
    let generation = transaction.outbox().enqueue(&task(), Timestamp::from_millis(1)).await.unwrap();
    transaction.commit().await.unwrap();
    generation
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_can_read_the_file_and_its_folder() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let records = SqliteRecords::open(&data.join("records.sqlite")).await.unwrap();
    enqueue(&records).await;
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 1, "the log of the database is beside it: {files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_survives_reopening() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    for expected in 1..=3 {
        let records = SqliteRecords::open(&path).await.unwrap();
        assert_eq!(enqueue(&records).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_may_have_any_character() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("größe ?mode=ro#%41&'").join("file:records?%.sqlite");
    enqueue(&SqliteRecords::open(&path).await.unwrap()).await;
    assert!(path.is_file());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_can_open_a_new_file_concurrently() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    let opening = (0..6).map(|_| SqliteRecords::open(&path));
    for opened in futures::future::join_all(opening).await {
        enqueue(&opened.unwrap()).await;
    }
    assert_eq!(enqueue(&SqliteRecords::open(&path).await.unwrap()).await, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_migrations_are_listed_and_not_applied() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    let pending = || async {
        let state = inspect(&path).await.unwrap();
        assert_eq!(state.contents, RecordsContents::Empty);
        state.migrations.pending
    };
    let all = pending().await;
    assert_eq!(all.first().map(String::as_str), Some("00000000000001_records"));
    assert!(!path.exists(), "to ask makes no file");

    fs::write(&path, b"").unwrap();
    for _ in 0..2 {
        assert_eq!(pending().await, all);
        assert_eq!(fs::metadata(&path).unwrap().len(), 0, "to ask changes nothing");
    }
    migrate(&path).await.unwrap();
    assert_eq!(pending().await, Vec::<String>::new());
    migrate(&path).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_newer_release_migrated_is_refused_before_any_write() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    let records = SqliteRecords::open(&path).await.unwrap();
    assert_eq!(records.migration_state().await.unwrap(), MigrationState::default());
    let mut other = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other
        .batch_execute(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('00000000000099');
             DELETE FROM __diesel_schema_migrations WHERE version = '00000000000002';
             DROP TABLE installation;",
        )
        .unwrap();
    drop(other);
    assert_eq!(records.migration_state().await.unwrap().unknown, ["00000000000099"]);
    drop(records);
    let refused = SqliteRecords::open(&path).await.err().unwrap();
    let why = std::error::Error::source(&refused).unwrap().to_string();
    assert!(why.contains("newer release (unknown migrations: 00000000000099)"), "{why}");
    assert_eq!(inspect(&path).await.unwrap().migrations.pending, ["00000000000002_installation"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_a_database_is_refused_and_unchanged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notes.txt");
    let text = "not a database, and long enough for SQLite to see that: ".repeat(20);
    fs::write(&path, &text).unwrap();
    let refused = SqliteRecords::open(&path).await.err().unwrap();
    assert!(matches!(refused, OpenError::Open { .. } | OpenError::Migrate { .. }), "{refused:?}");
    assert!(refused.to_string().contains("notes.txt"), "{refused}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_created_is_an_error() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let refused = SqliteRecords::open(&folder.path().join("file").join("records.sqlite")).await.err().unwrap();
    assert!(matches!(refused, OpenError::Create { .. }), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_in_another_process_blocks_writers_but_not_readers() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    let (one, other) = (SqliteRecords::open(&path).await.unwrap(), SqliteRecords::open(&path).await.unwrap());
    let writing = one.begin().await.unwrap();
    other.ping().await.unwrap();
    let refused = other.begin().await.err().unwrap();
    assert!(matches!(refused, RecordError::Unavailable(_)), "{refused:?}");
    drop(writing);
    assert_eq!(enqueue(&other).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_file_is_not_created_again() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("records.sqlite");
    let records = SqliteRecords::open(&path).await.unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    let refused = records.ping().await.err().unwrap();
    assert!(matches!(refused, RecordError::Unavailable(_)), "{refused:?}");
    assert!(!path.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn abandoned_reads_and_transactions_do_not_block_others() {
    let folder = TempDir::new().unwrap();
    let records = Arc::new(SqliteRecords::open(&folder.path().join("records.sqlite")).await.unwrap());
    records.ping().await.unwrap();
    for _ in 0..50 {
        // Polled once and then dropped, as when a client hangs up.
        let _ = records.ping().now_or_never();
        let _ = records.begin().now_or_never();
        let reads = (0..6).map(|_| records.find_user(UserId::new(Uuid::from_u128(1))));
        for read in futures::future::join_all(reads).await {
            assert_eq!(read.unwrap(), None);
        }
    }
    assert_eq!(enqueue(&records).await, 1);
}

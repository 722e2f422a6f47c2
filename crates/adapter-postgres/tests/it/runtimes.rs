//! Callers whose runtimes come and go, as those of the web server's workers do.

use std::num::NonZeroUsize;

use storage_hub_adapter_postgres::{ConnectError, PgOptions, PgRecords};
use storage_hub_core::ports::Directory;

use crate::database::TestDatabase;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_outlives_the_runtime_that_asked_for_it() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let options = PgOptions { pool_size: NonZeroUsize::MIN, ..PgOptions::default() };
    let records = PgRecords::connect(&database.url(), options).unwrap();
    for _ in 0..3 {
        let records = records.clone();
        let worker = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(records.ping())
        });
        tokio::task::spawn_blocking(|| worker.join().unwrap()).await.unwrap().unwrap();
    }
    let backends =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let open: i64 = database.client().await.query_one(backends, &[]).await.unwrap().get(0);
    assert_eq!(open, 1, "the first one's connection served them all");
    records.ping().await.unwrap();
}

#[test]
fn there_is_no_connecting_without_a_runtime() {
    let refused = PgRecords::connect("postgres://localhost/none", PgOptions::default());
    assert!(matches!(refused, Err(ConnectError::NoRuntime)));
}

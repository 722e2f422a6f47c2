//! Migrations, by one and by many.

use futures::future::join_all;

use crate::database::TestDatabase;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_runs_what_is_pending_and_then_nothing() {
    let Some(database) = TestDatabase::empty().await else { return };
    let records = database.records();
    let pending = records.pending_migrations().await.unwrap();
    assert!(pending.iter().any(|name| name.contains("records")), "{pending:?}");
    assert_eq!(records.migrate().await.unwrap().len(), pending.len());
    assert_eq!(records.pending_migrations().await.unwrap(), Vec::<String>::new());
    assert_eq!(records.migrate().await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_migration_is_run_by_one_of_many() {
    let Some(database) = TestDatabase::empty().await else { return };
    let replicas = (0..4).map(|_| {
        let records = database.records();
        tokio::spawn(async move { records.migrate().await.unwrap().len() })
    });
    let mut run: Vec<_> = join_all(replicas).await.into_iter().map(Result::unwrap).collect();
    run.sort_unstable();
    assert_eq!(run, [0, 0, 0, 1]);
}

#[tokio::test]
async fn migrating_works_on_a_runtime_of_one_thread() {
    let Some(database) = TestDatabase::empty().await else { return };
    assert_eq!(database.records().migrate().await.unwrap().len(), 1);
}

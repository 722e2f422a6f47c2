//! Migrations, by one and by many.

use futures::future::join_all;
use storage_hub_core::domain::Email;
use storage_hub_core::ports::{Directory as _, UnitOfWork as _};

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
    assert_eq!(run.iter().filter(|run| **run > 0).count(), 1, "{run:?}");
}

#[tokio::test]
async fn migrating_works_on_a_runtime_of_one_thread() {
    let Some(database) = TestDatabase::empty().await else { return };
    assert_ne!(database.records().migrate().await.unwrap().len(), 0);
}

/// Accounts of a version that did not compare the spellings of a domain.
const COLLIDING: &str = "INSERT INTO users SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, email, 'hash', 'x', \
    '{}', 'key-' || n, true, 0, false, true, to_timestamp(n), NULL \
    FROM (VALUES (1, 'x@bücher.example'), (2, 'x@xn--bcher-kva.example'), (3, 'y@bücher.example')) AS old (n, email)";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_whose_emails_collide_keep_working_with_their_exact_spelling() {
    let Some(database) = TestDatabase::migrated().await else { return };
    database.client().await.batch_execute(COLLIDING).await.unwrap();
    let records = database.records();
    for _ in 0..2 {
        records.migrate().await.unwrap();
    }
    for (number, email) in [(1, "x@bücher.example"), (2, "x@xn--bcher-kva.example"), (3, "y@xn--bcher-kva.example")] {
        let found = records.find_record_by_email(&Email::parse(email).unwrap()).await.unwrap().unwrap();
        assert_eq!(found.user.id.uuid().as_u128(), number, "{email}");
        let mut transaction = records.begin().await.unwrap();
        transaction.users().update(&found).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

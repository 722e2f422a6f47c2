//! Migrations, by one and by many.

use futures::future::join_all;
use storage_hub_core::domain::Email;
use storage_hub_core::ports::{Directory as _, MigrationState, RecordsContents, UnitOfWork as _};

use crate::database::TestDatabase;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_runs_what_is_pending_and_then_nothing() {
    let Some(database) = TestDatabase::empty().await else { return };
    let records = database.records();
    let pending = records.migration_state().await.unwrap().pending;
    assert!(pending.iter().any(|name| name.contains("records")), "{pending:?}");
    assert_eq!(records.migrate().await.unwrap().len(), pending.len());
    assert_eq!(records.migration_state().await.unwrap().pending, Vec::<String>::new());
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
    let state = database.records().inspect().await.unwrap();
    assert_eq!((state.migrations, state.contents), (MigrationState::default(), RecordsContents::Empty));
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_a_newer_release_migrated_is_refused_before_any_write() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let records = database.records();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('00000000000099'); \
                 DELETE FROM __diesel_schema_migrations WHERE version = '00000000000002'; DROP TABLE installation";
    database.client().await.batch_execute(newer).await.unwrap();
    let refused = records.migrate().await.unwrap_err();
    let why = std::error::Error::source(&refused).unwrap().to_string();
    assert!(why.contains("newer release (unknown migrations: 00000000000099)"), "{why}");
    let state = records.migration_state().await.unwrap();
    assert_eq!((state.pending.len(), state.unknown), (1, vec!["00000000000099".to_owned()]));
}

/// Rolling upgrades: replicas of the release before go on until they have noticed the new tables.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_of_the_release_before_run_on_the_migrated_tables() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let client = database.client().await;
    let text = include_str!("release_0_1_0.sql");
    let statements: Vec<_> = text.split("\n\n").filter(|pair| pair.starts_with("PREPARE")).collect();
    assert!(statements.len() > 35, "{}", statements.len());
    for pair in statements {
        if let Err(error) = client.batch_execute(pair).await {
            panic!("{pair}: {error:?}");
        }
    }
    let rows =
        client.query_one("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM outbox)", &[]).await.unwrap();
    assert!(rows.get::<_, i64>(0) > 0 && rows.get::<_, i64>(1) > 0);
}

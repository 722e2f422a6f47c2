//! Connections that break, servers that hang, and transactions that are abandoned.

use std::num::NonZeroUsize;
use std::time::Duration;

use storage_hub_adapter_postgres::{ConnectError, PgOptions, PgRecords};
use storage_hub_core::domain::{Timestamp, UserId};
use storage_hub_core::ports::{Directory, LeaseRequest, RecordError, TaskKey, UnitOfWork};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::database::TestDatabase;

const TASK: TaskKey = TaskKey::Principal(UserId::new(Uuid::from_u128(7)));
const NOW: Timestamp = Timestamp::from_millis(1_767_323_045_678);
/// Maximum duration of any call, with an allowance for a slow machine.
const BOUND: Duration = Duration::from_secs(5);

fn one_connection() -> PgOptions {
    PgOptions { pool_size: NonZeroUsize::MIN, ..PgOptions::default() }
}

async fn terminate_all(database: &TestDatabase) {
    let client = database.client().await;
    let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    client.execute(&format!("SELECT pg_terminate_backend(pid) {others}"), &[]).await.unwrap();
    while !client.query(&format!("SELECT {others}"), &[]).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
}

async fn backends(database: &TestDatabase) -> Vec<i32> {
    let backends = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let rows = database.client().await.query(backends, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn until_one_waits_for_a_lock(database: &TestDatabase) {
    let client = database.client().await;
    let waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while client.query(waiting, &[]).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_recover_after_all_connections_were_terminated() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let records = database.records();
    for _ in 0..3 {
        // Enough concurrent calls that the pool opens several connections.
        futures::future::join_all((0..8).map(|_| records.ping())).await.into_iter().for_each(Result::unwrap);
        terminate_all(&database).await;
        records.ping().await.unwrap();
        terminate_all(&database).await;
        let mut transaction = records.begin().await.unwrap();
        let generation = transaction.outbox().enqueue(&TASK, NOW).await.unwrap();
        transaction.commit().await.unwrap();
        // Statements that are transactions of their own.
        terminate_all(&database).await;
        let token = Uuid::from_u128(1);
        let request = LeaseRequest { token, now: NOW, lease_duration: BOUND, verify_after: BOUND };
        let lease = records.lease_behind(generation, &TASK, request).await.unwrap();
        terminate_all(&database).await;
        assert!(records.complete(&lease.unwrap()).await.unwrap());
    }
    let state = records.begin().await.unwrap().outbox().find(&TASK).await.unwrap().unwrap();
    assert_eq!((state.generation, state.done), (3, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_whose_connection_breaks_is_unavailable_and_leaves_nothing() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let records = PgRecords::connect(&database.url(), one_connection()).unwrap();
    let mut transaction = records.begin().await.unwrap();
    transaction.outbox().enqueue(&TASK, NOW).await.unwrap();
    terminate_all(&database).await;
    let broken = transaction.outbox().enqueue(&TASK, NOW).await;
    assert!(matches!(broken, Err(RecordError::Unavailable(_))), "{broken:?}");
    assert!(transaction.commit().await.is_err());
    assert_eq!(records.begin().await.unwrap().outbox().find(&TASK).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_transaction_leaves_nothing_and_its_connection_is_used_again() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let records = PgRecords::connect(&database.url(), one_connection()).unwrap();
    records.ping().await.unwrap();
    let before = backends(&database).await;
    for _ in 0..20 {
        let mut transaction = records.begin().await.unwrap();
        assert_eq!(transaction.outbox().find(&TASK).await.unwrap(), None);
        transaction.outbox().enqueue(&TASK, NOW).await.unwrap();
    }
    records.ping().await.unwrap();
    assert_eq!(backends(&database).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_dropped_while_it_waits_for_a_lock_frees_its_connection() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let records = PgRecords::connect(&database.url(), one_connection()).unwrap();
    let blocking = database.records();
    let mut holder = blocking.begin().await.unwrap();
    holder.outbox().enqueue(&TASK, NOW).await.unwrap();

    let mut waiting = records.begin().await.unwrap();
    {
        let outbox = waiting.outbox();
        tokio::select! {
            early = outbox.enqueue(&TASK, NOW) => panic!("it had to wait: {early:?}"),
            () = until_one_waits_for_a_lock(&database) => {}
        }
    }
    drop(waiting);
    records.ping().await.unwrap();
    holder.commit().await.unwrap();
    assert_eq!(records.begin().await.unwrap().outbox().find(&TASK).await.unwrap().unwrap().generation, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiter_behind_a_lock_gets_a_conflict() {
    let Some(database) = TestDatabase::migrated().await else { return };
    // The limit of a lock is two thirds of it, counted from when the wait begins. The rest is for a busy machine.
    let options = PgOptions { statement_timeout: Duration::from_millis(1500), ..PgOptions::default() };
    let records = PgRecords::connect(&database.url(), options).unwrap();
    let mut holder = records.begin().await.unwrap();
    holder.outbox().enqueue(&TASK, NOW).await.unwrap();
    let refused = records.begin().await.unwrap().outbox().enqueue(&TASK, NOW).await;
    assert!(matches!(refused, Err(RecordError::Conflict(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_that_wait_for_each_other_one_gets_a_conflict() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let records = database.records();
    let other = TaskKey::Principal(UserId::new(Uuid::from_u128(8)));
    let (mut one, mut two) = (records.begin().await.unwrap(), records.begin().await.unwrap());
    one.outbox().enqueue(&TASK, NOW).await.unwrap();
    two.outbox().enqueue(&other, NOW).await.unwrap();
    let mut crossing = tokio::spawn(async move { one.outbox().enqueue(&other, NOW).await.map(|_| one) });
    let second = two.outbox().enqueue(&TASK, NOW).await;
    let crossed = match second {
        Err(_) => {
            drop(two);
            (&mut crossing).await.unwrap().map(drop)
        }
        Ok(_) => (&mut crossing).await.unwrap().map(drop),
    };
    let conflicts = [second.is_err(), crossed.is_err()];
    // Both only if one gives up waiting at the very moment at which the server finds the deadlock.
    assert!(conflicts.contains(&true));
    for result in [second.map(drop), crossed] {
        assert!(matches!(result, Ok(()) | Err(RecordError::Conflict(_))), "{result:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_is_used_up_is_unavailable() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let options = PgOptions { acquire_timeout: Duration::from_millis(100), ..one_connection() };
    let records = PgRecords::connect(&database.url(), options).unwrap();
    // A new connection has no more time than one that others use.
    let transaction = loop {
        match records.begin().await {
            Ok(begun) => break begun,
            Err(error) => assert!(matches!(error, RecordError::Unavailable(_)), "{error:?}"),
        }
    };
    let refused = records.ping().await;
    assert!(matches!(refused, Err(RecordError::Unavailable(_))), "{refused:?}");
    transaction.commit().await.unwrap();
    records.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_share_a_few_connections_and_wait_for_no_transaction() {
    let Some(database) = TestDatabase::migrated().await else { return };
    let options = PgOptions { pool_size: NonZeroUsize::new(4).unwrap(), ..PgOptions::default() };
    let records = PgRecords::connect(&database.url(), options).unwrap();
    let held = [records.begin().await.unwrap(), records.begin().await.unwrap()];
    for _ in 0..5 {
        let reads = (0..50).map(|number| {
            let records = &records;
            async move {
                let read = records.ping();
                // Some are abandoned before they are answered, or sent.
                if number % 3 == 0 { drop(futures::poll!(read)) } else { read.await.unwrap() }
            }
        });
        futures::future::join_all(reads).await;
    }
    assert_eq!(backends(&database).await.len(), 4);
    assert_eq!(records.pool().waiting, 0);
    drop(held);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_never_answers_is_unavailable() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://nobody@{}/none?sslmode=disable", silent.local_addr().unwrap());
    let records = PgRecords::connect(&url, PgOptions::default()).unwrap();
    let calls = async { (records.ping().await, records.begin().await.map(drop)) };
    let (ping, begin) = tokio::time::timeout(2 * BOUND, calls).await.expect("no call waits without a limit");
    assert!(matches!(ping, Err(RecordError::Unavailable(_))), "{ping:?}");
    assert!(matches!(begin, Err(RecordError::Unavailable(_))), "{begin:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_unavailable() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let records = PgRecords::connect(&format!("postgres://nobody@{gone}/none"), PgOptions::default()).unwrap();
    let refused = records.ping().await;
    assert!(matches!(refused, Err(RecordError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_malformed_url_is_refused_without_its_password() {
    for url in ["postgres://ann:hunter2@host:port/db", "hunter2", "postgres://ann:hunter2@h/d?sslmode=allow"] {
        let refused = PgRecords::connect(url, PgOptions::default()).map(drop).unwrap_err();
        assert!(matches!(refused, ConnectError::Url(_) | ConnectError::SslMode(_)), "{refused:?}");
        assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused:?}");
    }
}

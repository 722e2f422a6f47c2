//! The contract of [`UnitOfWork`](storage_hub_core::ports::UnitOfWork).

#![expect(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "these are tests")]

use std::time::Duration;

use futures::FutureExt;
use storage_hub_core::acl::Access;
use storage_hub_core::domain::{BucketState, PageRequest};
use storage_hub_core::ports::{RecordError, Shard, TaskKey, TaskState, Transaction, UniqueKey};

use crate::directory::names_by_grants;
use crate::records::Records;
use crate::sample_records::{NOW, bucket, entry, grant, name, user, user_id};

/// A guard against a test that hangs, far beyond every promise.
const FOREVER: Duration = Duration::from_secs(60);

fn task() -> TaskKey {
    TaskKey::Principal(user_id(1))
}

/// Writes a row by every repository.
async fn write_everything(transaction: &mut dyn Transaction) {
    let owner = user(1);
    let shard = Shard { grant: grant("team"), number: 0, bytes: 7, written: true };
    transaction.users().insert(&owner).await.unwrap();
    let made = bucket(1, "made", &owner, BucketState::Active);
    transaction.buckets().insert(&made, &[entry("team", Access::Read, Some(0))]).await.unwrap();
    transaction.shards().upsert(&shard).await.unwrap();
    transaction.outbox().enqueue(&task(), NOW).await.unwrap();
}

/// How many of these rows a transaction and the directory see.
async fn count_everything(records: &Records) -> (usize, usize) {
    let directory = &records.directory;
    let read = [
        directory.find_record(user_id(1)).await.unwrap().is_some(),
        directory.find_bucket(&name("made")).await.unwrap().is_some(),
        !names_by_grants(records, &[grant("team")].into_iter().collect()).await.is_empty(),
    ];
    let mut transaction = records.begin().await;
    let seen = [
        transaction.users().find(user_id(1)).await.unwrap().is_some(),
        transaction.buckets().find_by_name(&name("made")).await.unwrap().is_some(),
        !transaction.shards().list(&grant("team")).await.unwrap().is_empty(),
        transaction.outbox().find(&task()).await.unwrap().is_some(),
    ];
    let count = |found: &[bool]| found.iter().filter(|found| **found).count();
    (count(&read), count(&seen))
}

pub async fn a_transaction_sees_its_own_writes(records: &Records) {
    let mut transaction = records.begin().await;
    write_everything(transaction.as_mut()).await;
    assert_eq!(transaction.users().find(user_id(1)).await.unwrap(), Some(user(1)));
    assert!(transaction.buckets().find_by_name(&name("made")).await.unwrap().is_some());
    assert_eq!(transaction.shards().list(&grant("team")).await.unwrap().len(), 1);
    let state = TaskState { generation: 1, done: 0 };
    assert_eq!(transaction.outbox().find(&task()).await.unwrap(), Some(state));
}

pub async fn an_uncommitted_write_is_seen_by_nobody_else(records: &Records) {
    let mut transaction = records.begin().await;
    write_everything(transaction.as_mut()).await;
    let directory = &records.directory;
    assert_eq!(directory.find_user(user_id(1)).await.unwrap(), None);
    assert_eq!(directory.find_bucket(&name("made")).await.unwrap(), None);
    assert_eq!(directory.list_owned_buckets(user_id(1), &PageRequest::default()).await.unwrap(), None);
    transaction.commit().await.unwrap();
    assert_eq!(directory.find_user(user_id(1)).await.unwrap(), Some(user(1).user));
}

pub async fn writes_of_all_repositories_are_committed_together(records: &Records) {
    let mut transaction = records.begin().await;
    write_everything(transaction.as_mut()).await;
    transaction.commit().await.unwrap();
    assert_eq!(count_everything(records).await, (3, 4));
}

pub async fn a_relaxed_commit_is_a_commit(records: &Records) {
    let mut transaction = records.begin().await;
    write_everything(transaction.as_mut()).await;
    transaction.commit_relaxed().await.unwrap();
    assert_eq!(count_everything(records).await, (3, 4));
}

pub async fn a_transaction_that_did_nothing_ends_well(records: &Records) {
    // More than there are connections.
    for _ in 0..20 {
        records.begin().await.commit().await.unwrap();
        records.begin().await.commit_relaxed().await.unwrap();
        drop(records.begin().await);
    }
    assert_eq!(count_everything(records).await, (0, 0));
}

pub async fn a_dropped_transaction_leaves_nothing(records: &Records) {
    let mut transaction = records.begin().await;
    write_everything(transaction.as_mut()).await;
    drop(transaction);
    assert_eq!(count_everything(records).await, (0, 0));

    let mut again = records.begin().await;
    write_everything(again.as_mut()).await;
    again.commit().await.unwrap();
    assert_eq!(count_everything(records).await, (3, 4));
}

pub async fn a_transaction_dropped_in_the_middle_of_a_write_leaves_nothing(records: &Records) {
    for _ in 0..10 {
        let mut transaction = records.begin().await;
        write_everything(transaction.as_mut()).await;
        // Polled once and then dropped: as it happens to a task that is aborted.
        let _ = transaction.users().insert(&user(2)).now_or_never();
        drop(transaction);
    }
    assert_eq!(count_everything(records).await, (0, 0));
    assert_eq!(records.directory.find_user(user_id(2)).await.unwrap(), None);
    records.add_users([&user(2)]).await;
}

pub async fn many_dropped_transactions_leave_the_records_usable(records: &Records) {
    for _ in 0..40 {
        let mut transaction = records.begin().await;
        transaction.users().insert(&user(1)).await.unwrap();
    }
    records.add_users([&user(1)]).await;
    assert_eq!(records.directory.find_user(user_id(1)).await.unwrap(), Some(user(1).user));
}

pub async fn a_transaction_with_a_failed_write_is_not_committed(records: &Records) {
    records.add_users([&user(1)]).await;
    let mut transaction = records.begin().await;
    transaction.users().insert(&user(2)).await.unwrap();
    let mut taken = user(3);
    taken.user.email = user(1).user.email;
    let failed = transaction.users().insert(&taken).await;
    assert!(matches!(failed, Err(RecordError::AlreadyExists(UniqueKey::Email))), "{failed:?}");
    assert!(transaction.commit().await.is_err());
    assert_eq!(records.directory.find_user(user_id(2)).await.unwrap(), None);
    records.add_users([&user(2)]).await;
}

pub async fn concurrent_writers_lose_no_update(records: &Records) {
    const WRITERS: i64 = 8;
    let mut counted = user(1);
    counted.user.token_epoch = 0;
    records.add_users([&counted]).await;

    let writers = (0..WRITERS).map(|_| {
        let records = records.clone();
        tokio::spawn(async move { records.write(|transaction| count_up(transaction).boxed()).await })
    });
    for written in futures::future::join_all(writers).await {
        written.unwrap();
    }
    let found = records.directory.find_user(user_id(1)).await.unwrap().unwrap();
    assert_eq!(found.token_epoch, WRITERS);
}

/// One statement reads, the next writes what was read.
async fn count_up(transaction: &mut dyn Transaction) -> Result<(), RecordError> {
    let mut found = transaction.users().find(user_id(1)).await?.ok_or(RecordError::NotFound)?;
    found.user.token_epoch += 1;
    transaction.users().update(&found).await
}

pub async fn a_writer_who_waits_too_long_is_told(records: &Records) {
    let mut counted = user(1);
    counted.user.token_epoch = 0;
    records.add_users([&counted]).await;
    let mut blocking = records.begin().await;
    count_up(blocking.as_mut()).await.unwrap();

    let waiting = records.try_write(|transaction| count_up(transaction).boxed());
    let result = tokio::time::timeout(FOREVER, waiting).await.expect("no call waits indefinitely");
    assert!(matches!(result, Err(RecordError::Conflict(_) | RecordError::Unavailable(_))), "{result:?}");

    blocking.commit().await.unwrap();
    records.write(|transaction| count_up(transaction).boxed()).await;
    assert_eq!(records.directory.find_user(user_id(1)).await.unwrap().unwrap().token_epoch, 2);
}

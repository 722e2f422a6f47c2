//! The contract of [`ReleasedNameRepository`](storage_hub_core::ports::ReleasedNameRepository), and of what a reserved name
//! means to the buckets.

#![expect(clippy::unwrap_used, missing_docs, reason = "these are tests")]

use futures::FutureExt;
use futures::future::{BoxFuture, join, join_all};
use storage_hub_core::domain::{Bucket, BucketState, ReleasedName};
use storage_hub_core::ports::{RecordError, Transaction, UniqueKey};

use crate::records::Records;
use crate::sample_records::{NOW, at, bucket, name, user, user_id};

/// A name that is reserved for a user, from now until the given number of seconds later.
fn released(text: &str, owner: u32, seconds: i64) -> ReleasedName {
    ReleasedName { name: name(text), owner: user_id(owner), released_at: NOW, reserved_until: at(seconds) }
}

async fn upsert(records: &Records, names: &[ReleasedName]) {
    let mut transaction = records.begin().await;
    for released in names {
        transaction.released_names().upsert(released).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

async fn find(records: &Records, text: &str) -> Option<ReleasedName> {
    records.begin().await.released_names().find(&name(text)).await.unwrap()
}

/// A bucket that is requested the given number of seconds from now.
fn asked(number: u32, text: &str, owner: u32, seconds: i64) -> Bucket {
    Bucket { created_at: at(seconds), ..bucket(number, text, &user(owner), BucketState::Creating) }
}

async fn insert(records: &Records, made: Bucket) -> Result<(), RecordError> {
    loop {
        let inserted = records.try_write(|transaction| insert_in(transaction, made.clone())).await;
        if !matches!(inserted, Err(RecordError::Conflict(_))) {
            return inserted;
        }
    }
}

fn insert_in(transaction: &mut dyn Transaction, made: Bucket) -> BoxFuture<'_, Result<(), RecordError>> {
    async move { transaction.buckets().insert(&made, &[]).await }.boxed()
}

#[track_caller]
fn assert_taken(inserted: &Result<(), RecordError>) {
    assert!(matches!(inserted, Err(RecordError::AlreadyExists(UniqueKey::BucketName))), "{inserted:?}");
}

pub async fn every_field_of_a_released_name_comes_back(records: &Records) {
    upsert(records, &[released("one", 1, 60), released("two", 2, 0)]).await;
    assert_eq!(find(records, "one").await, Some(released("one", 1, 60)));
    assert_eq!(find(records, "two").await, Some(released("two", 2, 0)), "whether or not its time has come");
    assert_eq!(find(records, "three").await, None);
    upsert(records, &[ReleasedName { released_at: at(5), ..released("one", 2, 90) }]).await;
    assert_eq!(find(records, "one").await, Some(ReleasedName { released_at: at(5), ..released("one", 2, 90) }));
}

pub async fn a_deleted_name_is_gone(records: &Records) {
    upsert(records, &[released("one", 1, 60), released("two", 1, 60)]).await;
    let mut transaction = records.begin().await;
    transaction.released_names().delete(&name("one")).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(find(records, "one").await, None);
    assert_eq!(find(records, "two").await, Some(released("two", 1, 60)));
    let missing = records.begin().await.released_names().delete(&name("one")).await;
    assert!(matches!(missing, Err(RecordError::NotFound)), "{missing:?}");
}

pub async fn expired_names_are_deleted_and_no_others(records: &Records) {
    let names =
        [("one", 1), ("two", 2), ("three", 10), ("four", 11), ("five", 60)].map(|(text, time)| released(text, 1, time));
    upsert(records, &names).await;
    let delete = async |seconds, limit| {
        let mut transaction = records.begin().await;
        let deleted = transaction.released_names().delete_expired(at(seconds), limit).await.unwrap();
        transaction.commit().await.unwrap();
        deleted
    };
    assert_eq!(delete(10, 2).await, 2);
    assert_eq!(delete(10, 2).await, 1);
    assert_eq!(delete(10, 2).await, 0);
    for (text, left) in [("one", false), ("three", false), ("four", true), ("five", true)] {
        assert_eq!(find(records, text).await.is_some(), left, "{text}");
    }
}

pub async fn a_reserved_name_is_taken_for_all_but_its_last_owner(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    upsert(records, &[released("kept", 1, 60)]).await;
    assert_taken(&insert(records, asked(1, "kept", 2, 0)).await);
    assert_taken(&insert(records, asked(2, "kept", 2, 59)).await);
    assert_eq!(records.directory.find_bucket(&name("kept")).await.unwrap(), None);
    insert(records, asked(3, "kept", 1, 1)).await.unwrap();
    assert_eq!(find(records, "kept").await, None, "a bucket of the name reserves it by itself");
    assert_taken(&insert(records, asked(4, "kept", 2, 120)).await);
}

pub async fn a_name_whose_reservation_has_expired_is_anybodys(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    upsert(records, &[released("free", 1, 60)]).await;
    insert(records, asked(1, "free", 2, 60)).await.unwrap();
    assert_eq!(find(records, "free").await, None);
    assert_taken(&insert(records, asked(2, "free", 1, 61)).await);
}

pub async fn a_transaction_that_was_refused_a_reserved_name_is_not_committed(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    upsert(records, &[released("kept", 1, 60)]).await;
    let mut transaction = records.begin().await;
    assert_taken(&transaction.buckets().insert(&asked(1, "kept", 2, 0), &[]).await);
    assert!(transaction.commit().await.is_err());
    assert_eq!(records.directory.find_bucket(&name("kept")).await.unwrap(), None);
    assert_eq!(find(records, "kept").await, Some(released("kept", 1, 60)));
}

/// An insert that waits for the deletion of the bucket must see the reservation which that transaction leaves.
pub async fn an_insert_that_races_the_release_of_a_name_is_refused(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    for round in 0..5 {
        let (old, text) = (100 + round, format!("raced-{round}"));
        records.add_bucket(&bucket(old, &text, &user(1), BucketState::Releasing), &[]).await;
        let release = async {
            let mut transaction = records.begin().await;
            transaction.buckets().delete(bucket(old, &text, &user(1), BucketState::Releasing).id).await.unwrap();
            transaction.released_names().upsert(&released(&text, 1, 60)).await.unwrap();
            tokio::task::yield_now().await;
            transaction.commit().await.unwrap();
        };
        let other = records.clone();
        let taken = asked(200 + round, &text, 2, 0);
        let contender = tokio::spawn(async move { insert(&other, taken).await });
        let ((), inserted) = join(release, contender).await;
        assert_taken(&inserted.unwrap());
        insert(records, asked(300 + round, &text, 1, 0)).await.unwrap();
    }
}

/// The last owner and others, at the moment of expiry.
pub async fn racing_inserts_of_an_expired_name_leave_one_bucket(records: &Records) {
    records.add_users([&user(0), &user(1), &user(2)]).await;
    upsert(records, &[released("expired", 1, 60)]).await;
    let racers = (0..6).map(|number| {
        let (records, contender) = (records.clone(), asked(number, "expired", number % 3, 60));
        tokio::spawn(async move { insert(&records, contender).await })
    });
    let results: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    results.iter().filter(|result| result.is_err()).for_each(assert_taken);
    assert_eq!(find(records, "expired").await, None);
}

pub async fn names_are_counted_with_those_that_are_reserved(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    for (number, state) in (1..).zip(BucketState::ALL) {
        records.add_bucket(&bucket(number, &format!("of-one-{number}"), &user(1), state), &[]).await;
    }
    records.add_bucket(&bucket(9, "of-two", &user(2), BucketState::Active), &[]).await;
    upsert(records, &[released("kept", 1, 60), released("expired", 1, 30), released("of-another", 2, 60)]).await;
    let count =
        async |owner, seconds| records.begin().await.buckets().count_names(user_id(owner), at(seconds)).await.unwrap();
    assert_eq!(count(1, 29).await, 6);
    assert_eq!(count(1, 30).await, 5);
    assert_eq!(count(1, 60).await, 4);
    assert_eq!(count(2, 0).await, 2);
    assert_eq!(count(3, 0).await, 0);
    insert(records, asked(10, "kept", 1, 0)).await.unwrap();
    assert_eq!(count(1, 30).await, 5, "creating a bucket of a reserved name takes no further name");
}

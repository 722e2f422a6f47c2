//! The contract of [`BucketRepository`](storage_hub_core::ports::BucketRepository).

#![expect(clippy::unwrap_used, clippy::indexing_slicing, missing_docs, reason = "these are tests")]

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use storage_hub_core::acl::Access;
use storage_hub_core::domain::{Bucket, BucketEntry, BucketRecord, BucketState};
use storage_hub_core::ports::{RecordError, Transaction, UniqueKey};

use crate::directory::names_by_grants;
use crate::records::Records;
use crate::row_kept::{Second, second_writer};
use crate::sample_records::{bucket, bucket_id, entry, grant, name, user};

/// Entries of every access, with and without a shard, in the order of their grants.
fn entries() -> Vec<BucketEntry> {
    vec![
        entry("admin", Access::Manage, None),
        entry("it's \"quoted\"", Access::Write, Some(0)),
        entry("team", Access::Read, Some(i32::MAX)),
    ]
}

pub async fn every_field_of_a_bucket_comes_back(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    for (number, state) in (1..).zip(BucketState::ALL) {
        let owner = user(1 + number % 2);
        let made = bucket(number, &format!("bucket-{number}"), &owner, state);
        records.add_bucket(&made, &entries()).await;

        let owner_access_key = owner.user.access_key;
        let expected = BucketRecord { bucket: made, owner_access_key, entries: entries() };
        let mut transaction = records.begin().await;
        assert_eq!(transaction.buckets().find(expected.bucket.id).await.unwrap(), Some(expected.clone()));
        assert_eq!(transaction.buckets().find_by_name(&expected.bucket.name).await.unwrap(), Some(expected));
    }
}

pub async fn an_unknown_bucket_is_not_found(records: &Records) {
    records.add_users([&user(1)]).await;
    records.add_bucket(&bucket(1, "known", &user(1), BucketState::Active), &[]).await;
    let mut transaction = records.begin().await;
    assert_eq!(transaction.buckets().find(bucket_id(2)).await.unwrap(), None);
    assert_eq!(transaction.buckets().find_by_name(&name("known2")).await.unwrap(), None);
    let known = transaction.buckets().find_by_name(&name("known")).await.unwrap();
    assert_eq!(known.map(|record| record.entries), Some(Vec::new()));
}

pub async fn entries_come_in_the_order_of_their_grants(records: &Records) {
    records.add_users([&user(1)]).await;
    let ordered = ["A-b", "Z", "_", "a b", "a-b", "a.b", "aB", "ab", "z", "ä"];
    let shuffled = [5, 0, 9, 3, 7, 1, 8, 2, 6, 4].map(|index: usize| entry(ordered[index], Access::Read, Some(1)));
    records.add_bucket(&bucket(1, "ordered", &user(1), BucketState::Active), &shuffled).await;

    let found = records.directory.find_bucket(&name("ordered")).await.unwrap().unwrap();
    let mut transaction = records.begin().await;
    let found_in_transaction = transaction.buckets().find(bucket_id(1)).await.unwrap().unwrap();
    for record in [found, found_in_transaction] {
        let order: Vec<_> = record.entries.iter().map(|entry| entry.grant.as_str()).collect();
        assert_eq!(order, ordered);
    }
}

pub async fn a_taken_name_is_refused_whatever_the_state(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    for (number, state) in (1..).zip(BucketState::ALL) {
        let bucket_name = format!("taken-{number}");
        records.add_bucket(&bucket(number, &bucket_name, &user(1), state), &entries()).await;
        let refused = insert(records, bucket(100 + number, &bucket_name, &user(2), BucketState::Creating)).await;
        assert!(matches!(refused, Err(RecordError::AlreadyExists(UniqueKey::BucketName))), "{refused:?}");
        let kept = records.directory.find_bucket(&name(&bucket_name)).await.unwrap().unwrap();
        assert_eq!((kept.bucket.id, kept.entries), (bucket_id(number), entries()));
    }
}

pub async fn racing_inserts_of_one_name_leave_one_bucket(records: &Records) {
    records.add_users([&user(0), &user(1)]).await;
    let racers = (0..6).map(|number| {
        let records = records.clone();
        let contender = bucket(number, "taken", &user(number % 2), BucketState::Creating);
        tokio::spawn(async move { insert(&records, contender).await })
    });
    let results: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
    let won = results.iter().filter(|result| result.is_ok()).count();
    let is_refused = |result: &&Result<_, _>| matches!(result, Err(RecordError::AlreadyExists(UniqueKey::BucketName)));
    assert_eq!((won, results.iter().filter(is_refused).count()), (1, 5), "{results:?}");
    let left = records.directory.list_buckets(None, 10).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].entries, entries());
}

/// Inserts in a transaction of its own; again while others are in its way.
async fn insert(records: &Records, made: Bucket) -> Result<(), RecordError> {
    loop {
        let inserted = records.try_write(|transaction| insert_in(transaction, made.clone())).await;
        if !matches!(inserted, Err(RecordError::Conflict(_))) {
            return inserted;
        }
    }
}

fn insert_in(transaction: &mut dyn Transaction, made: Bucket) -> BoxFuture<'_, Result<(), RecordError>> {
    async move { transaction.buckets().insert(&made, &entries()).await }.boxed()
}

pub async fn a_bucket_without_its_owner_is_refused(records: &Records) {
    let refused = insert(records, bucket(1, "ownerless", &user(1), BucketState::Creating)).await;
    assert!(matches!(refused, Err(RecordError::NotFound)), "{refused:?}");
    assert_eq!(records.directory.find_bucket(&name("ownerless")).await.unwrap(), None);
}

pub async fn an_update_writes_the_progress_and_nothing_else(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    let first = bucket(1, "first", &user(1), BucketState::Creating);
    let other = bucket(3, "other", &user(1), BucketState::Creating);
    records.add_bucket(&first, &entries()).await;
    records.add_bucket(&other, &entries()).await;

    // The flags of the two rows are opposite, and change both.
    for (number, state) in [(2, BucketState::Active), (1, BucketState::Deleting), (2, BucketState::Releasing)] {
        let mut change = bucket(number, "renamed", &user(2), state);
        change.id = first.id;
        let mut transaction = records.begin().await;
        transaction.buckets().update(&change).await.unwrap();
        transaction.commit().await.unwrap();

        let found = records.directory.find_bucket(&first.name).await.unwrap().unwrap();
        let expected = Bucket { state, seen_absent: change.seen_absent, answered: change.answered, ..first.clone() };
        assert_eq!((found.bucket, found.entries), (expected, entries()));
    }
    let untouched = records.directory.find_bucket(&other.name).await.unwrap().unwrap();
    assert_eq!(untouched.bucket, other);
}

pub async fn an_update_of_a_missing_bucket_is_not_found(records: &Records) {
    let mut transaction = records.begin().await;
    let missing = transaction.buckets().update(&bucket(1, "missing", &user(1), BucketState::Active)).await;
    assert!(matches!(missing, Err(RecordError::NotFound)), "{missing:?}");
}

pub async fn a_state_is_left_for_another_by_one_alone(records: &Records) {
    use BucketState::{Active, Creating, Deleting};
    records.add_users([&user(1)]).await;
    let (first, other) = (bucket(1, "first", &user(1), Creating), bucket(2, "other", &user(1), Creating));
    records.add_bucket(&first, &entries()).await;
    records.add_bucket(&other, &entries()).await;
    for (from, to, expected) in [(Active, Deleting, false), (Creating, Active, true), (Creating, Active, false)] {
        let mut transaction = records.begin().await;
        assert_eq!(transaction.buckets().transition(first.id, from, to).await.unwrap(), expected);
        transaction.commit().await.unwrap();
    }
    let found = records.directory.find_bucket(&first.name).await.unwrap().unwrap();
    assert_eq!((found.bucket, found.entries), (Bucket { state: Active, ..first.clone() }, entries()));
    assert_eq!(records.directory.find_bucket(&other.name).await.unwrap().unwrap().bucket, other);
    let mut transaction = records.begin().await;
    assert!(
        !transaction.buckets().transition(bucket(3, "third", &user(1), Active).id, Active, Deleting).await.unwrap()
    );
    drop(transaction);

    let racers = (0..8).map(|_| {
        let records = records.clone();
        tokio::spawn(async move { records.write(|transaction| leave_first(transaction).boxed()).await })
    });
    let left = join_all(racers).await.into_iter().filter(|left| *left.as_ref().unwrap()).count();
    assert_eq!(left, 1);
}

async fn leave_first(transaction: &mut dyn Transaction) -> Result<bool, RecordError> {
    let id = bucket(1, "first", &user(1), BucketState::Active).id;
    transaction.buckets().transition(id, BucketState::Active, BucketState::Deleting).await
}

pub async fn a_bucket_is_noted_as_answered(records: &Records) {
    records.add_users([&user(1)]).await;
    let unanswered = |number, text| Bucket { answered: false, ..bucket(number, text, &user(1), BucketState::Active) };
    let (first, other) = (unanswered(1, "first"), unanswered(2, "other"));
    records.add_bucket(&first, &entries()).await;
    records.add_bucket(&other, &entries()).await;
    for id in [first.id, first.id, unanswered(3, "missing").id] {
        let mut transaction = records.begin().await;
        transaction.buckets().mark_answered(id).await.unwrap();
        transaction.commit().await.unwrap();
        let found = records.directory.find_bucket(&first.name).await.unwrap().unwrap();
        assert_eq!(found.bucket, Bucket { answered: true, ..first.clone() });
    }
    assert_eq!(records.directory.find_bucket(&other.name).await.unwrap().unwrap().bucket, other);
}

pub async fn a_deleted_bucket_is_gone_with_its_entries(records: &Records) {
    records.add_users([&user(1)]).await;
    let made = bucket(1, "deleted", &user(1), BucketState::Active);
    let kept = bucket(2, "kept", &user(1), BucketState::Active);
    records.add_bucket(&made, &entries()).await;
    records.add_bucket(&kept, &entries()).await;

    let mut transaction = records.begin().await;
    transaction.buckets().delete(made.id).await.unwrap();
    assert_eq!(transaction.buckets().find(made.id).await.unwrap(), None);
    transaction.commit().await.unwrap();
    let team = [grant("team")].into_iter().collect();
    assert_eq!(names_by_grants(records, &team).await, [name("kept")]);

    // The id and the name are free, and the next bucket with them has its own entries alone.
    let own = [entry("own", Access::Read, None)];
    records.add_bucket(&made, &own).await;
    let found = records.directory.find_bucket(&made.name).await.unwrap().unwrap();
    assert_eq!((found.bucket, found.entries.as_slice()), (made, own.as_slice()));
}

pub async fn deleting_a_missing_bucket_is_not_found(records: &Records) {
    let mut transaction = records.begin().await;
    let missing = transaction.buckets().delete(bucket_id(1)).await;
    assert!(matches!(missing, Err(RecordError::NotFound)), "{missing:?}");
}

pub async fn a_found_bucket_stays_as_it_is(records: &Records) {
    assert_kept(records, |transaction| transaction.buckets().find(bucket_id(1))).await;
}

pub async fn a_bucket_found_by_name_stays_as_it_is(records: &Records) {
    assert_kept(records, |transaction| async move { transaction.buckets().find_by_name(&name("kept")).await }.boxed())
        .await;
}

async fn assert_kept(
    records: &Records,
    find: impl for<'a> Fn(&'a mut dyn Transaction) -> BoxFuture<'a, Result<Option<BucketRecord>, RecordError>>,
) {
    records.add_users([&user(1)]).await;
    let made = Bucket { answered: false, ..bucket(1, "kept", &user(1), BucketState::Active) };
    records.add_bucket(&made, &entries()).await;
    let mut first = records.begin().await;
    let mut found = find(first.as_mut()).await.unwrap().unwrap().bucket;

    let second = second_writer(records, |transaction| answer(transaction).boxed()).await;
    found.state = BucketState::Deleting;
    first.buckets().update(&found).await.unwrap();
    first.commit().await.unwrap();

    let second = second.end().await;
    let left = records.directory.find_bucket(&made.name).await.unwrap().unwrap().bucket;
    assert_eq!((left.state, left.answered), (BucketState::Deleting, second == Second::Wrote));
}

async fn answer(transaction: &mut dyn Transaction) -> Result<(), RecordError> {
    let mut found = transaction.buckets().find(bucket_id(1)).await?.ok_or(RecordError::NotFound)?.bucket;
    found.answered = true;
    transaction.buckets().update(&found).await
}

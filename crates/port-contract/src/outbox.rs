//! The contract of [`Outbox`](storage_hub_core::ports::Outbox).

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "these are tests")]

use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use storage_hub_core::domain::Timestamp;
use storage_hub_core::ports::{
    Backlog, Lease, LeaseRequest, PendingTask, RecordError, TaskKey, TaskState, Transaction,
};
use uuid::Uuid;

use crate::records::Records;
use crate::sample_records::{at, bucket_id, grant, user_id};

const LEASE_DURATION: Duration = Duration::from_secs(60);
const VERIFY_AFTER: Duration = Duration::from_secs(600);

fn key(number: u32) -> TaskKey {
    TaskKey::Bucket(bucket_id(number))
}

fn token(number: u32) -> Uuid {
    Uuid::from_u128(0xfeed_0000 + u128::from(number))
}

fn request(token: Uuid, now: Timestamp) -> LeaseRequest {
    LeaseRequest { token, now, lease_duration: LEASE_DURATION, verify_after: VERIFY_AFTER }
}

async fn enqueue(records: &Records, key: &TaskKey, now: Timestamp) -> i64 {
    let mut transaction = records.begin().await;
    let generation = transaction.outbox().enqueue(key, now).await.unwrap();
    transaction.commit().await.unwrap();
    generation
}

async fn lease(records: &Records, key: &TaskKey, token: Uuid, now: Timestamp) -> Option<Lease> {
    let mut transaction = records.begin().await;
    let leased = transaction.outbox().lease(key, request(token, now)).await.unwrap();
    transaction.commit().await.unwrap();
    leased
}

async fn complete(records: &Records, lease: &Lease) -> bool {
    let mut transaction = records.begin().await;
    let known = transaction.outbox().complete(lease).await.unwrap();
    transaction.commit().await.unwrap();
    known
}

async fn release(records: &Records, lease: &Lease, error: &str, retry_at: Timestamp) -> bool {
    let mut transaction = records.begin().await;
    let known = transaction.outbox().release(lease, error, retry_at).await.unwrap();
    transaction.commit().await.unwrap();
    known
}

async fn state(records: &Records, key: &TaskKey) -> Option<TaskState> {
    records.begin().await.outbox().find(key).await.unwrap()
}

async fn due(records: &Records, now: Timestamp) -> Vec<TaskKey> {
    let tasks = records.begin().await.outbox().list_due(now, 100).await.unwrap();
    tasks.into_iter().map(|task| task.key).collect()
}

async fn pending(records: &Records) -> Vec<PendingTask> {
    records.begin().await.outbox().list_pending(100).await.unwrap()
}

/// A task that is done, its row at generation 1.
async fn done_task(records: &Records, key: &TaskKey) {
    enqueue(records, key, at(0)).await;
    let leased = lease(records, key, token(99), at(0)).await.unwrap();
    assert!(complete(records, &leased).await);
}

pub async fn generations_of_a_key_grow(records: &Records) {
    assert_eq!(enqueue(records, &key(1), at(0)).await, 1);
    assert_eq!(state(records, &key(1)).await, Some(TaskState { generation: 1, done: 0 }));
    assert_eq!(enqueue(records, &key(1), at(1)).await, 2);
    assert_eq!(enqueue(records, &key(2), at(1)).await, 1);
    done_task(records, &key(1)).await;
    assert_eq!(enqueue(records, &key(1), at(3)).await, 4);
    assert_eq!(state(records, &key(1)).await, Some(TaskState { generation: 4, done: 3 }));
}

pub async fn racing_changes_are_all_counted(records: &Records) {
    let writers = (0..8).map(|_| {
        let records = records.clone();
        tokio::spawn(async move { records.write(|transaction| change(transaction).boxed()).await })
    });
    let mut generations: Vec<_> = join_all(writers).await.into_iter().map(Result::unwrap).collect();
    generations.sort_unstable();
    assert_eq!(generations, (1..=8).collect::<Vec<_>>());
}

async fn change(transaction: &mut dyn Transaction) -> Result<i64, RecordError> {
    transaction.outbox().enqueue(&key(1), at(0)).await
}

pub async fn every_kind_of_key_comes_back(records: &Records) {
    let keys = [
        TaskKey::Bucket(bucket_id(1)),
        TaskKey::Principal(user_id(1)),
        TaskKey::Shard(grant("it's: \"größe\" %_"), 0),
        TaskKey::Shard(grant("it's: \"größe\" %_"), i32::MAX),
    ];
    for (seconds, key) in (0..).zip(&keys) {
        enqueue(records, key, at(seconds)).await;
        let leased = lease(records, key, token(1), at(seconds)).await.unwrap();
        assert_eq!(leased, Lease { key: key.clone(), token: token(1), generation: 1, attempts: 0 });
        assert!(release(records, &leased, "not now", at(0)).await);
    }
    assert_eq!(due(records, at(9)).await, keys);
    let listed: Vec<_> = pending(records).await.into_iter().map(|task| task.key).collect();
    assert_eq!(listed, keys);
}

pub async fn a_missing_task_is_neither_found_nor_leased(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    assert_eq!(state(records, &key(2)).await, None);
    assert_eq!(lease(records, &key(2), token(1), at(0)).await, None);
}

pub async fn a_leased_task_is_leased_to_nobody_else(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    enqueue(records, &key(2), at(0)).await;
    let first = lease(records, &key(1), token(1), at(0)).await.unwrap();
    assert_eq!(lease(records, &key(1), token(2), at(59)).await, None);
    assert!(lease(records, &key(2), token(2), at(0)).await.is_some());

    assert!(release(records, &first, "not now", at(5)).await);
    let second = lease(records, &key(1), token(2), at(59)).await.unwrap();
    assert!(complete(records, &second).await);
    assert!(lease(records, &key(1), token(3), at(59)).await.is_some(), "a done task can be leased");
}

pub async fn racing_leases_give_one(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    let racers = (0..8).map(|number| {
        let records = records.clone();
        tokio::spawn(async move { records.try_write(|transaction| take(transaction, number).boxed()).await })
    });
    let mut winners = 0;
    for result in join_all(racers).await {
        match result.unwrap() {
            Ok(Some(_)) => winners += 1,
            Ok(None) | Err(RecordError::Conflict(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(winners, 1);
}

async fn take(transaction: &mut dyn Transaction, number: u32) -> Result<Option<Lease>, RecordError> {
    transaction.outbox().lease(&key(1), request(token(number), at(0))).await
}

pub async fn asking_and_leasing_in_one_is_both_in_turn(records: &Records) {
    // Where a row can stand: how it came there, and when it is asked for.
    for (number, (asked, leased_at, ended, again)) in (0..).zip([
        (false, None, None, 5),
        (true, None, None, 5),
        (true, Some(0), None, 5),
        (true, Some(0), None, 60),
        (true, Some(0), None, 61),
        (true, Some(0), Some(true), 5),
        (true, Some(0), Some(false), 5),
        (true, Some(0), Some(false), 90),
    ]) {
        let (one, two) = (key(2 * number), key(2 * number + 1));
        for key in [&one, &two] {
            if asked {
                enqueue(records, key, at(0)).await;
            }
            if let Some(seconds) = leased_at {
                // The first lease runs out, so that the row is to be verified at 700.
                lease(records, key, token(7), at(seconds)).await.unwrap();
                let held = lease(records, key, token(8), at(seconds + 100)).await.unwrap();
                match ended {
                    Some(true) => assert!(complete(records, &held).await),
                    Some(false) => assert!(release(records, &held, "not now", at(40)).await),
                    None => {}
                }
            }
        }
        for again in [again, again + 100, again + 700] {
            let mut transaction = records.begin().await;
            let in_one = transaction.outbox().enqueue_and_lease(&one, request(token(9), at(again)));
            let (generation, leased) = in_one.await.unwrap();
            transaction.commit().await.unwrap();
            assert_eq!(generation, enqueue(records, &two, at(again)).await);
            let second = lease(records, &two, token(9), at(again)).await;
            let renamed = leased.clone().map(|lease| Lease { key: two.clone(), ..lease });
            assert_eq!(renamed, second, "case {number} at {again}");
            assert_eq!(state(records, &one).await, state(records, &two).await);
            for (leased, key) in [(leased, &one), (second, &two)] {
                if let Some(leased) = leased {
                    assert!(complete(records, &leased).await, "{key}");
                }
            }
            for when in [again, again + 59, again + 60, again + 599, again + 600, 5_000] {
                let due = due(records, at(when)).await;
                assert_eq!(due.contains(&one), due.contains(&two), "case {number} at {again}, due at {when}");
            }
        }
    }
}

pub async fn a_completed_lease_ends_and_its_generation_is_done(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    enqueue(records, &key(1), at(0)).await;
    enqueue(records, &key(2), at(0)).await;
    let leased = lease(records, &key(1), token(1), at(0)).await.unwrap();
    assert_eq!(leased.generation, 2);
    assert!(complete(records, &leased).await);
    assert_eq!(state(records, &key(1)).await, Some(TaskState { generation: 2, done: 2 }));
    assert_eq!(state(records, &key(2)).await, Some(TaskState { generation: 1, done: 0 }));
    assert_eq!(due(records, at(10_000)).await, [key(2)]);
    assert!(!complete(records, &leased).await, "the lease has ended");
}

pub async fn a_lease_is_completed_in_a_transaction_of_its_own(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    enqueue(records, &key(2), at(0)).await;
    let leased = lease(records, &key(1), token(1), at(0)).await.unwrap();
    let lost = Lease { token: token(2), ..leased.clone() };
    assert!(!records.unit_of_work.complete(&lost).await.unwrap(), "it is another's");
    assert_eq!(state(records, &key(1)).await, Some(TaskState { generation: 1, done: 0 }));
    assert!(records.unit_of_work.complete(&leased).await.unwrap());
    assert_eq!(state(records, &key(1)).await, Some(TaskState { generation: 1, done: 1 }));
    assert_eq!(state(records, &key(2)).await, Some(TaskState { generation: 1, done: 0 }));
    assert!(!records.unit_of_work.complete(&leased).await.unwrap(), "it has ended");
    assert!(lease(records, &key(1), token(3), at(0)).await.is_some());
}

pub async fn only_a_task_that_is_behind_is_leased_in_a_transaction_of_its_own(records: &Records) {
    let lease_behind = |generation, number, seconds| {
        let (unit_of_work, now) = (records.unit_of_work.clone(), at(seconds));
        async move { unit_of_work.lease_behind(generation, &key(1), request(token(number), now)).await.unwrap() }
    };
    assert_eq!(lease_behind(1, 1, 0).await, None, "there is no such task");
    done_task(records, &key(1)).await;
    assert_eq!(lease_behind(1, 1, 0).await, None, "it is done");
    enqueue(records, &key(1), at(0)).await;
    assert_eq!(lease_behind(1, 1, 0).await, None, "so much is done");
    let expected = |number| Lease { key: key(1), token: token(number), generation: 2, attempts: 0 };
    assert_eq!(lease_behind(2, 2, 0).await, Some(expected(2)));
    assert_eq!(lease_behind(2, 3, 59).await, None, "it is another's");
    // A takeover, with what follows from it.
    assert_eq!(lease_behind(2, 4, 60).await, Some(expected(4)));
    assert!(complete(records, &expected(4)).await);
    assert_eq!(due(records, at(659)).await, []);
    assert_eq!(due(records, at(660)).await, [key(1)]);
}

pub async fn a_change_during_a_lease_leaves_the_task_pending(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    let leased = lease(records, &key(1), token(1), at(0)).await.unwrap();
    assert_eq!(enqueue(records, &key(1), at(1)).await, 2);
    assert_eq!(lease(records, &key(1), token(2), at(2)).await, None, "a change does not end a lease");
    assert!(complete(records, &leased).await);
    assert_eq!(state(records, &key(1)).await, Some(TaskState { generation: 2, done: 1 }));
    assert_eq!(due(records, at(2)).await, [key(1)]);
    assert_eq!(lease(records, &key(1), token(2), at(2)).await.unwrap().generation, 2);
}

pub async fn a_released_task_is_put_off_and_counts_its_failures(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    for (attempts, error) in [(1, "first"), (2, "it's \"größe\"\nof two lines")] {
        let leased = lease(records, &key(1), token(1), at(0)).await.unwrap();
        assert_eq!(leased.attempts, attempts - 1);
        assert!(release(records, &leased, error, at(30)).await);
        assert!(!release(records, &leased, "again", at(90)).await, "the lease has ended");
        let state = TaskState { generation: 1, done: 0 };
        let expected = PendingTask { key: key(1), state, attempts, last_error: Some(error.to_owned()) };
        assert_eq!(pending(records).await, std::slice::from_ref(&expected));
        assert_eq!(due(records, at(29)).await, []);
        assert_eq!(records.begin().await.outbox().list_due(at(30), 100).await.unwrap(), [expected]);
    }
}

pub async fn a_success_forgets_the_failures(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    let failing = lease(records, &key(1), token(1), at(0)).await.unwrap();
    assert!(release(records, &failing, "away", at(9_000)).await);
    let working = lease(records, &key(1), token(2), at(1)).await.unwrap();
    enqueue(records, &key(1), at(2)).await;
    assert!(complete(records, &working).await);

    let state = TaskState { generation: 2, done: 1 };
    let expected = [PendingTask { key: key(1), state, attempts: 0, last_error: None }];
    assert_eq!(pending(records).await, expected);
    assert_eq!(due(records, at(2)).await, [key(1)], "it is no longer put off");
    assert_eq!(lease(records, &key(1), token(3), at(2)).await.unwrap().attempts, 0);
}

pub async fn a_lost_lease_changes_nothing(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    let lost = lease(records, &key(1), token(1), at(0)).await.unwrap();
    let taken = lease(records, &key(1), token(2), at(61)).await.unwrap();
    assert!(!complete(records, &lost).await);
    assert!(!release(records, &lost, "late", at(9_000)).await);

    let state_of = |done| Some(TaskState { generation: 1, done });
    assert_eq!(state(records, &key(1)).await, state_of(0));
    assert_eq!(pending(records).await[0].attempts, 0);
    assert_eq!(pending(records).await[0].last_error, None);
    assert_eq!(lease(records, &key(1), token(3), at(62)).await, None, "the other lease still holds");
    assert!(complete(records, &taken).await);
    assert_eq!(state(records, &key(1)).await, state_of(1));

    let other_key = Lease { key: key(2), ..taken };
    assert!(!complete(records, &other_key).await);
    assert!(!release(records, &other_key, "no such row", at(0)).await);
}

pub async fn a_lease_past_its_time_that_nobody_took_is_still_good(records: &Records) {
    for number in [1, 2] {
        enqueue(records, &key(number), at(0)).await;
    }
    let first = lease(records, &key(1), token(1), at(0)).await.unwrap();
    let second = lease(records, &key(2), token(2), at(0)).await.unwrap();
    assert_eq!(due(records, at(61)).await.len(), 2);
    assert!(complete(records, &first).await);
    assert!(release(records, &second, "away", at(90)).await);
    assert_eq!(due(records, at(61)).await, []);
    assert_eq!(due(records, at(10_000)).await, [key(2)]);
}

pub async fn a_takeover_has_the_task_verified_later(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    let lost = lease(records, &key(1), token(1), at(0)).await.unwrap();
    let taken = lease(records, &key(1), token(2), at(100)).await.unwrap();
    assert!(complete(records, &taken).await);
    assert!(!complete(records, &lost).await);

    assert_eq!(pending(records).await, []);
    assert_eq!(due(records, at(699)).await, []);
    assert_eq!(due(records, at(701)).await, [key(1)]);
    let verifying = lease(records, &key(1), token(3), at(701)).await.unwrap();
    assert_eq!(due(records, at(702)).await, []);
    assert!(complete(records, &verifying).await);
    assert_eq!(due(records, at(100_000)).await, [], "it is verified once");
    assert_eq!(state(records, &key(1)).await, Some(TaskState { generation: 1, done: 1 }));
}

pub async fn leasing_before_a_verification_is_due_leaves_it_due(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    lease(records, &key(1), token(1), at(0)).await.unwrap();
    let taken = lease(records, &key(1), token(2), at(100)).await.unwrap();
    assert!(complete(records, &taken).await);

    enqueue(records, &key(1), at(300)).await;
    let early = lease(records, &key(1), token(3), at(300)).await.unwrap();
    assert!(complete(records, &early).await);
    assert_eq!(due(records, at(699)).await, []);
    assert_eq!(due(records, at(701)).await, [key(1)]);
}

pub async fn a_failed_verification_comes_back(records: &Records) {
    enqueue(records, &key(1), at(0)).await;
    lease(records, &key(1), token(1), at(0)).await.unwrap();
    let taken = lease(records, &key(1), token(2), at(100)).await.unwrap();
    assert!(complete(records, &taken).await);

    let verifying = lease(records, &key(1), token(3), at(701)).await.unwrap();
    assert!(release(records, &verifying, "away", at(720)).await);
    assert_eq!(due(records, at(719)).await, []);
    assert_eq!(due(records, at(721)).await, [key(1)]);
    let again = lease(records, &key(1), token(4), at(721)).await.unwrap();
    assert!(complete(records, &again).await);
    assert_eq!(due(records, at(100_000)).await, []);
}

pub async fn an_abandoned_task_is_due_though_it_is_done(records: &Records) {
    done_task(records, &key(1)).await;
    lease(records, &key(1), token(1), at(10)).await.unwrap();
    assert_eq!(due(records, at(69)).await, []);
    assert_eq!(due(records, at(71)).await, [key(1)]);
}

pub async fn leased_done_and_put_off_tasks_are_not_due(records: &Records) {
    done_task(records, &key(1)).await;
    for number in [2, 3, 4] {
        enqueue(records, &key(number), at(0)).await;
    }
    lease(records, &key(2), token(2), at(0)).await.unwrap();
    let put_off = lease(records, &key(3), token(3), at(0)).await.unwrap();
    assert!(release(records, &put_off, "away", at(50)).await);
    assert_eq!(due(records, at(1)).await, [key(4)]);
    assert_eq!(due(records, at(51)).await, [key(3), key(4)]);
    assert_eq!(due(records, at(61)).await, [key(2), key(3), key(4)]);
}

pub async fn tasks_come_in_the_order_of_their_waiting(records: &Records) {
    done_task(records, &key(1)).await;
    for (number, seconds) in [(5, 10), (2, 30), (4, 20), (3, 40)] {
        enqueue(records, &key(number), at(seconds)).await;
    }
    // One that waits already does not lose its place by another change; one that was done queues up at the end.
    enqueue(records, &key(5), at(50)).await;
    enqueue(records, &key(1), at(60)).await;
    let expected = [5, 4, 2, 3, 1].map(key);
    assert_eq!(due(records, at(100)).await, expected);
    let listed: Vec<_> = pending(records).await.into_iter().map(|task| task.key).collect();
    assert_eq!(listed, expected);
}

pub async fn lists_end_at_the_number_asked_for(records: &Records) {
    for number in 1..=5 {
        enqueue(records, &key(number), at(i64::from(number))).await;
    }
    let mut transaction = records.begin().await;
    let two: Vec<_> = [1, 2].map(key).into();
    let due = transaction.outbox().list_due(at(9), 2).await.unwrap();
    assert_eq!(due.into_iter().map(|task| task.key).collect::<Vec<_>>(), two);
    let pending = transaction.outbox().list_pending(2).await.unwrap();
    assert_eq!(pending.into_iter().map(|task| task.key).collect::<Vec<_>>(), two);
}

pub async fn pending_tasks_are_listed_leased_or_put_off_or_not(records: &Records) {
    done_task(records, &key(1)).await;
    for number in [2, 3, 4] {
        enqueue(records, &key(number), at(i64::from(number))).await;
    }
    lease(records, &key(2), token(2), at(5)).await.unwrap();
    let put_off = lease(records, &key(3), token(3), at(5)).await.unwrap();
    assert!(release(records, &put_off, "away", at(9_000)).await);
    let listed: Vec<_> = pending(records).await.into_iter().map(|task| task.key).collect();
    assert_eq!(listed, [2, 3, 4].map(key));
}

pub async fn the_backlog_is_what_is_pending_and_since_when(records: &Records) {
    let backlog = async |limit| records.directory.find_backlog(limit).await.unwrap();
    assert_eq!(backlog(9).await, Backlog::default());
    done_task(records, &key(1)).await;
    assert_eq!(backlog(9).await, Backlog::default());
    for number in [4, 2, 3] {
        enqueue(records, &key(number), at(i64::from(number))).await;
    }
    lease(records, &key(2), token(2), at(5)).await.unwrap();
    // Asked for once more, it waits since the first time.
    enqueue(records, &key(2), at(8)).await;
    assert_eq!(backlog(9).await, Backlog { tasks: 3, oldest: Some(at(2)) });
    assert_eq!(backlog(2).await, Backlog { tasks: 2, oldest: Some(at(2)) });
}

pub async fn a_removed_task_is_gone_and_begins_anew(records: &Records) {
    for _ in 0..3 {
        enqueue(records, &key(1), at(0)).await;
    }
    enqueue(records, &key(2), at(0)).await;
    let leased = lease(records, &key(1), token(1), at(0)).await.unwrap();
    let mut transaction = records.begin().await;
    transaction.outbox().delete(&key(1)).await.unwrap();
    transaction.outbox().delete(&key(7)).await.unwrap();
    transaction.commit().await.unwrap();

    assert_eq!(state(records, &key(1)).await, None);
    assert!(!complete(records, &leased).await);
    assert_eq!(due(records, at(1)).await, [key(2)]);
    assert_eq!(enqueue(records, &key(1), at(5)).await, 1);
}

//! The contract of [`Directory`](storage_hub_core::ports::Directory).

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "these are tests"
)]

use storage_hub_core::acl::{Access, Grant, GrantSet};
use storage_hub_core::domain::{Bucket, BucketName, BucketRecord, BucketState, Cursor, PageLimit, PageRequest};
use storage_hub_core::ports::{PrincipalRecord, S3BucketQuery, Shard, ShardContents};

use crate::records::Records;
use crate::sample_records::{access_key, bucket, bucket_id, email, entry, grant, grants, name, user, user_id};

mod filter;
mod s3_access;

pub use filter::the_filter_by_grants_agrees_with_the_decision;
pub use s3_access::{
    cors_rules_come_back_as_they_were_written, s3_access_finds_buckets_of_every_state,
    s3_access_has_the_entries_that_the_subject_holds, s3_access_without_a_key_or_a_bucket_finds_the_rest,
    s3_buckets_are_listed_by_every_condition,
};

/// Names in byte order, which no alphabet of a language has.
const ORDERED: [&str; 7] = ["1st", "a-b", "a.b", "a1b", "aab", "ab-c", "abc"];
/// The order in which they are made.
const SHUFFLED: [usize; 7] = [3, 0, 6, 5, 1, 4, 2];

pub async fn every_field_of_a_user_is_read(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    for expected in [user(1), user(2)] {
        let directory = &records.directory;
        assert_eq!(directory.find_user(expected.user.id).await.unwrap().as_ref(), Some(&expected.user));
        assert_eq!(directory.find_record(expected.user.id).await.unwrap().as_ref(), Some(&expected));
        assert_eq!(directory.find_record_by_email(&expected.user.email).await.unwrap().as_ref(), Some(&expected));
        let principal = directory.find_principal(&expected.user.access_key).await.unwrap();
        assert_eq!(principal, Some(PrincipalRecord { user: expected.user, sealed_secret: expected.sealed_secret }));
    }
}

pub async fn what_is_unknown_is_not_found(records: &Records) {
    records.add_users([&user(1)]).await;
    let directory = &records.directory;
    assert_eq!(directory.find_user(user_id(9)).await.unwrap(), None);
    assert_eq!(directory.find_record(user_id(9)).await.unwrap(), None);
    assert_eq!(directory.find_record_by_email(&email("nobody@example.com")).await.unwrap(), None);
    // Access keys differ by their case; emails that differ by it alone are one and never come here as two.
    assert_eq!(directory.find_principal(&access_key("user_1-key")).await.unwrap(), None);
    assert_eq!(directory.find_bucket(&name("nothing")).await.unwrap(), None);
    assert_eq!(directory.find_bucket_by_id(bucket_id(9)).await.unwrap(), None);
}

pub async fn buckets_of_every_state_are_found(records: &Records) {
    records.add_users([&user(1)]).await;
    for (number, state) in (1..).zip(BucketState::ALL) {
        let made = bucket(number, &format!("bucket-{number}"), &user(1), state);
        let entries = [entry("admin", Access::Manage, None), entry("team", Access::Write, Some(3))];
        records.add_bucket(&made, &entries).await;
        let found = records.directory.find_bucket(&made.name).await.unwrap();
        assert_eq!(records.directory.find_bucket_by_id(made.id).await.unwrap(), found);
        let owner_access_key = user(1).user.access_key;
        assert_eq!(found, Some(BucketRecord { bucket: made, owner_access_key, entries: entries.to_vec() }));
    }
}

pub async fn a_user_and_a_bucket_are_found_in_one_call(records: &Records) {
    let (owner, other) = (user(1), user(2));
    records.add_users([&owner, &other]).await;
    let made = bucket(1, "made", &owner, BucketState::Releasing);
    let entries = [entry("admin", Access::Manage, None), entry("team", Access::Write, Some(3))];
    records.add_bucket(&made, &entries).await;
    records.add_bucket(&bucket(2, "bare", &other, BucketState::Active), &[]).await;

    let owner_access_key = owner.user.access_key.clone();
    let record = BucketRecord { bucket: made, owner_access_key, entries: entries.to_vec() };
    for asking in [owner, other] {
        let found = records.directory.find_user_and_bucket(asking.user.id, &name("made")).await.unwrap();
        assert_eq!(found, Some((asking.user.clone(), Some(record.clone()))));
        let bare = records.directory.find_user_and_bucket(asking.user.id, &name("bare")).await.unwrap();
        let (_, bare) = bare.expect("the user is there");
        assert_eq!(bare.map(|found| (found.bucket.id, found.entries)), Some((bucket_id(2), Vec::new())));
        let nothing = records.directory.find_user_and_bucket(asking.user.id, &name("nothing")).await.unwrap();
        assert_eq!(nothing, Some((asking.user, None)));
    }
    assert_eq!(records.directory.find_user_and_bucket(user_id(9), &name("made")).await.unwrap(), None);
}

async fn add_ordered(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    for (number, index) in (1..).zip(SHUFFLED) {
        let made = bucket(number, ORDERED[index], &user(1), BucketState::Active);
        records.add_bucket(&made, &[entry("team", Access::Read, Some(0)), entry("crew", Access::Manage, None)]).await;
    }
}

fn page(limit: Option<u16>, after: Option<Cursor>) -> PageRequest {
    PageRequest { limit: limit.map(|rows| PageLimit::new(rows).unwrap()), after }
}

async fn owned(records: &Records, request: &PageRequest) -> (Vec<Bucket>, Option<Cursor>) {
    let (_, page) = records.directory.list_owned_buckets(user_id(1), request).await.unwrap().unwrap();
    (page.items, page.next)
}

fn texts(buckets: &[Bucket]) -> Vec<&str> {
    buckets.iter().map(|bucket| bucket.name.as_str()).collect()
}

pub async fn owned_buckets_come_with_their_owner(records: &Records) {
    add_ordered(records).await;
    let directory = &records.directory;
    // The first is disabled and has buckets, the second is enabled and has none.
    for number in [1, 2] {
        let (owner, page) = directory.list_owned_buckets(user_id(number), &page(Some(3), None)).await.unwrap().unwrap();
        assert_eq!(owner, user(number).user);
        assert_eq!(page.items.is_empty(), number == 2);
        assert_eq!(page.next.is_none(), number == 2);
    }
    // A page behind the last bucket still comes with the user.
    let behind = page(Some(3), Some(Cursor::after(name("zzz"))));
    let (owner, page) = directory.list_owned_buckets(user_id(1), &behind).await.unwrap().unwrap();
    assert_eq!((owner, page.items, page.next), (user(1).user, Vec::new(), None));
    assert_eq!(directory.list_owned_buckets(user_id(9), &PageRequest::default()).await.unwrap(), None);
}

pub async fn owned_buckets_are_those_of_the_owner_that_are_visible(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    let mut expected = Vec::new();
    for (number, state) in (1..).zip(BucketState::ALL) {
        let made = bucket(number, &format!("own-{number}"), &user(1), state);
        records.add_bucket(&made, &[]).await;
        records.add_bucket(&bucket(10 + number, &format!("other-{number}"), &user(2), state), &[]).await;
        if state.is_visible() {
            expected.push(made);
        }
    }
    assert_eq!(owned(records, &PageRequest::default()).await, (expected.clone(), None));
    // What is not visible takes no place on a page either.
    assert_eq!(owned(records, &page(Some(2), None)).await, (expected, None));
}

pub async fn pages_of_every_size_give_all_buckets_in_byte_order(records: &Records) {
    add_ordered(records).await;
    let (all, next) = owned(records, &PageRequest::default()).await;
    assert_eq!((texts(&all), next), (ORDERED.to_vec(), None));
    for limit in 1..=8 {
        let mut listed = Vec::new();
        let mut after = None;
        let mut sizes = Vec::new();
        loop {
            let (items, next) = owned(records, &page(Some(limit), after)).await;
            sizes.push(items.len());
            listed.extend(items);
            if next.is_none() {
                break;
            }
            after = next;
        }
        assert_eq!(listed, all, "in pages of {limit}");
        let full = sizes.split_last().unwrap().1;
        assert!(full.iter().all(|size| *size == usize::from(limit)), "in pages of {limit}: {sizes:?}");
        assert_ne!(sizes.last(), Some(&0), "a page that has a next one is followed by rows");
    }
    let (rest, next) = owned(records, &page(None, Some(Cursor::after(name("a1b"))))).await;
    assert_eq!((texts(&rest), next), (vec!["aab", "ab-c", "abc"], None));
}

pub async fn pages_are_stable_under_writes(records: &Records) {
    add_ordered(records).await;
    let (first, next) = owned(records, &page(Some(3), None)).await;
    assert_eq!(texts(&first), ["1st", "a-b", "a.b"]);

    // One before, the very last of the page, and one to come go; new ones come before and after.
    let mut transaction = records.begin().await;
    for gone in ["1st", "a.b", "aab"] {
        let found = transaction.buckets().find_by_name(&name(gone)).await.unwrap().unwrap();
        transaction.buckets().delete(found.bucket.id).await.unwrap();
    }
    for (number, made) in [(20, "0th"), (21, "a0b"), (22, "zzz")] {
        transaction.buckets().insert(&bucket(number, made, &user(1), BucketState::Active), &[]).await.unwrap();
    }
    transaction.commit().await.unwrap();

    let (second, next) = owned(records, &page(Some(3), next)).await;
    assert_eq!(texts(&second), ["a0b", "a1b", "ab-c"]);
    let (third, next) = owned(records, &page(Some(3), next)).await;
    assert_eq!((texts(&third), next), (vec!["abc", "zzz"], None));
}

/// The names of the buckets that subjects with these grants may see.
pub(crate) async fn names_by_grants(records: &Records, grants: &GrantSet) -> Vec<BucketName> {
    let query = S3BucketQuery { grants: Some(grants.clone()), prefix: String::new(), after: None, limit: 1000 };
    records.directory.list_s3_buckets(&query).await.unwrap().into_iter().map(|(name, _)| name).collect()
}

pub async fn names_by_grants_come_once_each_and_in_byte_order(records: &Records) {
    add_ordered(records).await;
    records.add_bucket(&bucket(20, "other", &user(2), BucketState::Active), &[entry("Team", Access::Read, None)]).await;
    let ordered = ORDERED.map(name);
    for held in [grants(["team"]), grants(["team", "crew"]), grants(["none", "crew", "admin"])] {
        assert_eq!(names_by_grants(records, &held).await, ordered);
    }
    assert_eq!(names_by_grants(records, &grants(["Team"])).await, [name("other")]);
    assert_eq!(names_by_grants(records, &grants(["tea_", "team%"])).await, []);
    assert_eq!(names_by_grants(records, &GrantSet::default()).await, []);
}

pub async fn names_by_grants_are_those_of_visible_buckets(records: &Records) {
    records.add_users([&user(1)]).await;
    let mut expected = Vec::new();
    for (number, state) in (1..).zip(BucketState::ALL) {
        let made = bucket(number, &format!("bucket-{number}"), &user(1), state);
        records.add_bucket(&made, &[entry("it's \"größe\"", Access::Read, None)]).await;
        if state.is_visible() {
            expected.push(made.name);
        }
    }
    let held = grants(["it's \"größe\""]);
    assert_eq!(names_by_grants(records, &held).await, expected);
}

pub async fn names_by_very_many_grants_are_listed(records: &Records) {
    add_ordered(records).await;
    let mut held: GrantSet = (0..40_000).map(|number| grant(&format!("grant-{number}"))).collect();
    assert_eq!(names_by_grants(records, &held).await, []);
    held.insert(grant("team"));
    assert_eq!(names_by_grants(records, &held).await, ORDERED.map(name));
}

pub async fn a_pass_over_the_users_gives_each_once(records: &Records) {
    // Their order is that of their ids, whatever the order in which they came.
    let users: Vec<_> = [0x9, 0x1, 0xa0, 0xff, 0x10].map(user).into();
    records.add_users(&users).await;
    let expected = [0x1, 0x9, 0x10, 0xa0, 0xff].map(user);
    for limit in [1, 2, 3, 4, 5, 6] {
        let mut passed = Vec::new();
        loop {
            let after = passed.last().map(|record: &storage_hub_core::domain::UserRecord| record.user.id);
            let some = records.directory.list_users(after, limit).await.unwrap();
            assert!(some.len() <= usize::from(limit));
            if some.is_empty() {
                break;
            }
            passed.extend(some);
        }
        assert_eq!(passed, expected, "{limit} at a time");
    }
}

pub async fn a_pass_over_the_buckets_gives_each_once_in_every_state(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    let mut expected = Vec::new();
    for (number, index) in (1..).zip(SHUFFLED) {
        let owner = user(1 + number % 2);
        let made = bucket(number, ORDERED[index], &owner, BucketState::ALL[index % 4]);
        // From none to three entries: a bucket without one is passed too, and their number moves no boundary.
        let entries: Vec<_> =
            ["admin", "crew", "team"].into_iter().take(index % 4).map(|text| entry(text, Access::Read, None)).collect();
        records.add_bucket(&made, &entries).await;
        expected.push(BucketRecord { bucket: made, owner_access_key: owner.user.access_key, entries });
    }
    expected.sort_by(|one, other| one.bucket.name.cmp(&other.bucket.name));
    for limit in 1..=8 {
        let mut passed: Vec<BucketRecord> = Vec::new();
        loop {
            let after = passed.last().map(|record| record.bucket.name.clone());
            let some = records.directory.list_buckets(after.as_ref(), limit).await.unwrap();
            assert!(some.len() <= usize::from(limit));
            if some.is_empty() {
                break;
            }
            passed.extend(some);
        }
        assert_eq!(passed, expected, "{limit} at a time");
    }
}

pub async fn a_change_is_seen_by_the_next_read(records: &Records) {
    let mut changing = user(1);
    records.add_users([&changing]).await;
    for round in 0..20 {
        changing.user.enabled = round % 2 == 0;
        changing.user.token_epoch = round;
        changing.user.grants = [Grant::author(round)].into_iter().collect();
        let mut transaction = records.begin().await;
        transaction.users().update(&changing).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(records.directory.find_user(user_id(1)).await.unwrap().as_ref(), Some(&changing.user));
    }
}

pub async fn the_records_answer_a_ping(records: &Records) {
    records.directory.ping().await.unwrap();
}

pub async fn a_shard_lists_its_visible_buckets_in_byte_order(records: &Records) {
    records.add_users([&user(1), &user(2)]).await;
    let ordered = ["1st", "a-b", "a.b", "a1b", "aab", "ab-c", "abc"];
    for (number, index) in (1..).zip([3_usize, 0, 6, 5, 1, 4, 2]) {
        let access = Access::ALL[index % 3];
        let state = if index % 2 == 0 { BucketState::Active } else { BucketState::Deleting };
        let made = bucket(number, ordered[index], &user(1 + number % 2), state);
        records.add_bucket(&made, &[entry("admin", Access::Manage, None), entry("team", access, Some(2))]).await;
    }
    let elsewhere = [
        ("creating", BucketState::Creating, entry("team", Access::Read, Some(2))),
        ("releasing", BucketState::Releasing, entry("team", Access::Read, Some(2))),
        ("other-shard", BucketState::Active, entry("team", Access::Read, Some(1))),
        ("no-shard", BucketState::Active, entry("team", Access::Read, None)),
        ("other-grant", BucketState::Active, entry("Team", Access::Read, Some(2))),
    ];
    for (number, (bucket_name, state, one)) in (20..).zip(elsewhere) {
        records.add_bucket(&bucket(number, bucket_name, &user(1), state), &[one]).await;
    }

    for number in [2, 3] {
        let mut transaction = records.begin().await;
        let shard = Shard { grant: grant("team"), number, bytes: 1, written: number == 2 };
        transaction.shards().upsert(&shard).await.unwrap();
        transaction.commit().await.unwrap();
    }
    let directory = &records.directory;
    let found = directory.find_shard(&grant("team"), 2).await.unwrap().unwrap();
    let expected: Vec<_> =
        ordered.iter().enumerate().map(|(index, text)| (name(text), Access::ALL[index % 3])).collect();
    assert_eq!(found, ShardContents { written: true, buckets: expected });
    let empty = directory.find_shard(&grant("team"), 3).await.unwrap();
    assert_eq!(empty, Some(ShardContents { written: false, buckets: Vec::new() }));
    assert_eq!(directory.find_shard(&grant("team"), 4).await.unwrap(), None);
    assert_eq!(directory.find_shard(&grant("Team"), 2).await.unwrap(), None);
}

use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::{Just, Strategy};
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use storage_hub_core::acl::{Access, Entries, Grant, GrantSet, Subject, authorize};
use storage_hub_core::domain::{BucketEntry, BucketName, BucketState};
use tokio::runtime::Handle;

use crate::records::Records;
use crate::sample_records::{bucket, grant, name, user, user_id};

/// How many random cases each adapter gets.
const CASES: u32 = 32;

/// A bucket of a case: its state and what it carries.
type Made = (BucketState, Vec<(Grant, Access)>);

fn pool() -> Vec<Grant> {
    let mut pool: Vec<_> = ["team", "Team", "team-a", "größe", "it's"].into_iter().map(grant).collect();
    pool.extend([Grant::public(), Grant::admin(), Grant::author(user_id(1)), Grant::author(user_id(2))]);
    pool
}

fn buckets() -> impl Strategy<Value = Vec<Made>> {
    let entries = btree_map(select(pool()), select(Access::ALL.to_vec()), 0..5);
    vec((select(BucketState::ALL.to_vec()), entries.prop_map(|entries| entries.into_iter().collect())), 0..8)
}

fn subjects() -> impl Strategy<Value = Subject> {
    let own = btree_set(select(pool()), 0..4).prop_map(|own| own.into_iter().collect::<GrantSet>());
    let known = select(vec![None, Some(1), Some(2)]);
    let signed_in =
        (own, known).prop_map(|(own, id)| Subject::new(&own, id.map(|id| user_id(id).to_string()).as_deref()));
    proptest::prop_oneof![1 => Just(Subject::anonymous()), 5 => signed_in]
}

/// The list that the database filters has exactly the buckets that the decision lets the subject read.
pub async fn the_filter_by_grants_agrees_with_the_decision(records: &Records) {
    records.add_users([&user(1)]).await;
    let check = |(made, subject): (Vec<Made>, Subject)| {
        tokio::task::block_in_place(|| Handle::current().block_on(case(records, &made, &subject)))
    };
    TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() })
        .run(&(buckets(), subjects()), check)
        .unwrap_or_else(|failure| panic!("{failure}"));
}

async fn case(records: &Records, made: &[Made], subject: &Subject) -> Result<(), TestCaseError> {
    replace_buckets(records, made).await;
    let mut expected: Vec<BucketName> = Vec::new();
    for record in records.directory.list_buckets(None, 100).await.unwrap() {
        let entries: Entries = record.access_entries();
        if authorize(subject, &entries, Access::Read).is_allowed() {
            expected.push(record.bucket.name);
        }
    }
    let listed = super::names_by_grants(records, subject.grants()).await;
    proptest::prop_assert_eq!(listed, expected);
    Ok(())
}

async fn replace_buckets(records: &Records, made: &[Made]) {
    let before = records.directory.list_buckets(None, 100).await.unwrap();
    let mut transaction = records.begin().await;
    for record in before {
        transaction.buckets().delete(record.bucket.id).await.unwrap();
    }
    for (number, (state, entries)) in (0..).zip(made) {
        let entries: Vec<_> = entries
            .iter()
            .map(|(grant, access)| BucketEntry { grant: grant.clone(), access: *access, shard: Some(0) })
            .collect();
        let new = bucket(number, name(&format!("bucket-{number}")).as_str(), &user(1), *state);
        transaction.buckets().insert(&new, &entries).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

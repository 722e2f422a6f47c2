//! What every [`PrincipalStore`] does: [`principal_store_contract!`](crate::principal_store_contract) makes a test of
//! each function here.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "these are tests")]

use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use storage_hub_core::acl::Access;
use storage_hub_core::domain::{AccessKey, BucketName, Credentials, SecretKey};
use storage_hub_core::policy::{PolicyDocument, PolicyName, SHARD_BYTES, admin_policy, entry_bytes, shard_policy};
use storage_hub_core::ports::{ObjectStore, PrincipalSettings, PrincipalState, PrincipalStore, StoreError};
use storage_hub_core::s3_action::{Rule, S3Action};
use uuid::Uuid;

use crate::object_store::{bucket_name, new_bucket};

/// The object that [`PrincipalStoreHarness::may`] reads, writes and deletes.
pub const OBJECT: &str = "folder/object";

/// The actions that [`PrincipalStoreHarness::may`] is asked for.
pub const TRIED_ACTIONS: [S3Action; 10] = [
    S3Action::ListBucket,
    S3Action::GetBucketLocation,
    S3Action::GetObject,
    S3Action::PutObject,
    S3Action::DeleteObject,
    S3Action::GetBucketPolicy,
    S3Action::PutBucketTagging,
    S3Action::PutBucketPolicy,
    S3Action::CreateBucket,
    S3Action::DeleteBucket,
];

/// An adapter under test, with whatever has to live as long as it.
#[async_trait]
pub trait PrincipalStoreHarness: Send + Sync {
    /// The adapter.
    fn store(&self) -> &dyn PrincipalStore;

    /// The buckets of the same store.
    fn objects(&self) -> &dyn ObjectStore;

    /// The same adapter with its store out of reach.
    fn away(&self) -> &dyn PrincipalStore;

    /// Whether a real request that is signed with this key gets past the access check of the store. Asked for
    /// [`TRIED_ACTIONS`] only; the request may do what it says to the bucket or to [`OBJECT`] in it.
    async fn may(&self, credentials: &Credentials, action: S3Action, bucket: &BucketName) -> bool;
}

/// Makes a test of every behaviour of the port, from the path of an `async fn() -> Option<impl PrincipalStoreHarness>`
/// (`None`: what it needs is missing). The crate needs `tokio` for it.
#[macro_export]
macro_rules! principal_store_contract {
    ($harness:path) => {
        $crate::contract_tests! { principal_store, $harness:
            a_principal_is_found_as_it_was_put,
            putting_the_same_again_changes_nothing,
            only_the_right_secret_is_accepted,
            a_rotated_secret_is_accepted_and_the_old_one_is_not,
            a_disabled_principal_is_not_accepted,
            a_rotation_does_not_revive_a_disabled_principal,
            a_principal_has_the_policies_it_was_put_with_and_no_others,
            a_principal_cannot_have_a_policy_that_is_missing,
            a_removed_principal_is_gone_and_can_be_removed_again,
            all_principals_are_listed,
            ending_sessions_can_be_repeated_and_leaves_the_key_alone,
            a_policy_is_found_as_it_was_written,
            a_policy_is_written_over,
            a_removed_policy_is_gone_and_can_be_removed_again,
            a_policy_that_a_principal_has_is_not_removed,
            a_policy_may_carry_the_name_of_any_grant_of_a_user,
            a_full_shard_is_taken_and_a_document_over_the_limit_is_refused,
            a_policy_without_statements_is_refused,
            a_shard_gives_each_level_and_no_more,
            a_principal_without_buckets_gets_nothing,
            an_admin_gets_every_bucket_but_not_what_the_hub_keeps,
            a_change_of_a_policy_is_in_force_at_once,
            a_policy_that_is_taken_away_gives_nothing_any_more,
            a_wrong_secret_and_a_disabled_principal_get_nothing,
            a_store_that_is_away_is_unavailable,
        }
    };
}

/// `put_principal` and `find_principal`.
pub async fn a_principal_is_found_as_it_was_put(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let (one, two) = (policy(harness, &[]).await, policy(harness, &[]).await);
    for enabled in [true, false] {
        let settings = settings(enabled, &[&two, &one]);
        let access_key = &settings.credentials.access_key;
        assert_eq!(store.find_principal(access_key).await.unwrap(), None);
        store.put_principal(&settings).await.unwrap();
        let mut policies = vec![one.clone(), two.clone()];
        policies.sort();
        assert_eq!(store.find_principal(access_key).await.unwrap(), Some(PrincipalState { enabled, policies }));
    }
}

/// Every write can be repeated.
pub async fn putting_the_same_again_changes_nothing(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let name = policy(harness, &[]).await;
    let settings = settings(true, &[&name]);
    for _ in 0..2 {
        store.put_principal(&settings).await.unwrap();
        let expected = Some(PrincipalState { enabled: true, policies: vec![name.clone()] });
        assert_eq!(store.find_principal(&settings.credentials.access_key).await.unwrap(), expected);
        assert!(store.accepts(&settings.credentials).await.unwrap());
    }
}

/// `accepts`, whether the principal may do anything or not.
pub async fn only_the_right_secret_is_accepted(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let empty = policy(harness, &[]).await;
    for policies in [vec![], vec![&empty]] {
        let settings = settings(true, &policies);
        assert!(!store.accepts(&settings.credentials).await.unwrap(), "there is no such principal yet");
        store.put_principal(&settings).await.unwrap();
        assert!(store.accepts(&settings.credentials).await.unwrap());
        assert!(!store.accepts(&with_another_secret(&settings.credentials)).await.unwrap());
    }
}

/// At the very next request.
pub async fn a_rotated_secret_is_accepted_and_the_old_one_is_not(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let mut settings = settings(true, &[]);
    for _ in 0..3 {
        let old = settings.credentials.clone();
        store.put_principal(&settings).await.unwrap();
        settings.credentials = with_another_secret(&old);
        store.put_principal(&settings).await.unwrap();
        assert!(!store.accepts(&old).await.unwrap());
        assert!(store.accepts(&settings.credentials).await.unwrap());
    }
}

/// And is accepted again once it is enabled.
pub async fn a_disabled_principal_is_not_accepted(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let mut settings = settings(true, &[]);
    for enabled in [true, false, true] {
        settings.enabled = enabled;
        store.put_principal(&settings).await.unwrap();
        assert_eq!(store.accepts(&settings.credentials).await.unwrap(), enabled);
    }
}

/// A new secret and the status are two things.
pub async fn a_rotation_does_not_revive_a_disabled_principal(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let mut settings = settings(false, &[]);
    store.put_principal(&settings).await.unwrap();
    settings.credentials = with_another_secret(&settings.credentials);
    store.put_principal(&settings).await.unwrap();
    assert!(!store.accepts(&settings.credentials).await.unwrap());
    let state = store.find_principal(&settings.credentials.access_key).await.unwrap().unwrap();
    assert!(!state.enabled);
}

/// The list is set, not added to.
pub async fn a_principal_has_the_policies_it_was_put_with_and_no_others(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let (one, two) = (policy(harness, &[]).await, policy(harness, &[]).await);
    let mut settings = settings(true, &[]);
    for wanted in [vec![one.clone()], vec![two.clone()], vec![], vec![two]] {
        settings.policies = wanted.clone();
        store.put_principal(&settings).await.unwrap();
        let state = store.find_principal(&settings.credentials.access_key).await.unwrap().unwrap();
        assert_eq!(state.policies, wanted);
    }
}

/// A name that means nothing would give nothing, silently.
pub async fn a_principal_cannot_have_a_policy_that_is_missing(harness: &impl PrincipalStoreHarness) {
    let there = policy(harness, &[]).await;
    let settings = settings(true, &[&there, &policy_name()]);
    assert_error!(harness.store().put_principal(&settings).await, StoreError::NotFound);
}

/// `delete_principal`, twice; its policies are free then.
pub async fn a_removed_principal_is_gone_and_can_be_removed_again(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let name = policy(harness, &[]).await;
    let settings = settings(true, &[&name]);
    let access_key = &settings.credentials.access_key;
    store.put_principal(&settings).await.unwrap();
    for _ in 0..2 {
        store.delete_principal(access_key).await.unwrap();
        assert_eq!(store.find_principal(access_key).await.unwrap(), None);
        assert!(!store.accepts(&settings.credentials).await.unwrap());
    }
    store.delete_policy(&name).await.unwrap();
}

/// Enabled or not.
pub async fn all_principals_are_listed(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let (enabled, disabled) = (settings(true, &[]), settings(false, &[]));
    store.put_principal(&enabled).await.unwrap();
    store.put_principal(&disabled).await.unwrap();
    let listed = store.list_principals().await.unwrap();
    for settings in [enabled, disabled] {
        assert!(listed.contains(&settings.credentials.access_key.to_string()));
    }
    assert!(!listed.contains(&credentials().access_key.to_string()));
}

/// `revoke_sessions`: of a principal, and of none.
pub async fn ending_sessions_can_be_repeated_and_leaves_the_key_alone(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let settings = settings(true, &[]);
    store.revoke_sessions(&settings.credentials.access_key).await.unwrap();
    store.put_principal(&settings).await.unwrap();
    for _ in 0..2 {
        store.revoke_sessions(&settings.credentials.access_key).await.unwrap();
        assert!(store.accepts(&settings.credentials).await.unwrap());
    }
}

/// What core renders comes back with the same meaning.
pub async fn a_policy_is_found_as_it_was_written(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let levels = Access::ALL.map(|level| (bucket_name(), level));
    for document in [shard_policy(&[]), shard_policy(&levels), admin_policy()] {
        let name = policy_name();
        assert_eq!(store.find_policy(&name).await.unwrap(), None);
        store.put_policy(&name, &document).await.unwrap();
        assert_eq!(store.find_policy(&name).await.unwrap(), Some(document));
    }
}

/// The last write counts, also while a principal has it.
pub async fn a_policy_is_written_over(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let name = policy(harness, &[(bucket_name(), Access::Read)]).await;
    store.put_principal(&settings(true, &[&name])).await.unwrap();
    store.put_policy(&name, &shard_policy(&[])).await.unwrap();
    assert_eq!(store.find_policy(&name).await.unwrap(), Some(shard_policy(&[])));
}

/// `delete_policy`, twice.
pub async fn a_removed_policy_is_gone_and_can_be_removed_again(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let name = policy(harness, &[]).await;
    for _ in 0..2 {
        store.delete_policy(&name).await.unwrap();
        assert_eq!(store.find_policy(&name).await.unwrap(), None);
    }
}

/// Until it has no more.
pub async fn a_policy_that_a_principal_has_is_not_removed(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let name = policy(harness, &[]).await;
    let mut settings = settings(true, &[&name]);
    store.put_principal(&settings).await.unwrap();
    assert_error!(store.delete_policy(&name).await, StoreError::Refused(_));
    assert_eq!(store.find_policy(&name).await.unwrap(), Some(shard_policy(&[])));
    settings.policies.clear();
    store.put_principal(&settings).await.unwrap();
    store.delete_policy(&name).await.unwrap();
}

/// The exclusive grant of a user is `author-` and an id.
pub async fn a_policy_may_carry_the_name_of_any_grant_of_a_user(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let name = PolicyName::from_store(format!("storage-hub.author-{}.2147483647", Uuid::now_v7()));
    store.put_policy(&name, &shard_policy(&[])).await.unwrap();
    let settings = settings(true, &[&name]);
    store.put_principal(&settings).await.unwrap();
    let state = store.find_principal(&settings.credentials.access_key).await.unwrap().unwrap();
    assert_eq!(state.policies, [name]);
}

/// Shards are filled up to [`SHARD_BYTES`]; a document of 20 KiB and a byte is over every limit.
pub async fn a_full_shard_is_taken_and_a_document_over_the_limit_is_refused(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    for length in [3, 63] {
        let bucket = |number: usize| BucketName::parse(&format!("{number:0>length$}")).unwrap();
        let fitting = SHARD_BYTES / entry_bytes(&bucket(1));
        let full: Vec<_> = (0..fitting as usize).map(|number| (bucket(number), Access::ALL[number % 3])).collect();
        let name = policy(harness, &full).await;
        assert_eq!(store.find_policy(&name).await.unwrap(), Some(shard_policy(&full)));
    }
    let empty = shard_policy(&[]).to_string().len();
    let padding = "x".repeat(20 * 1024 + 1 - empty);
    let mut json = shard_policy(&[]).json().clone();
    json["Statement"][0]["Resource"] = json!([format!("arn:aws:s3:::*{padding}")]);
    let too_large = PolicyDocument::new(json);
    assert_eq!(too_large.to_string().len(), 20 * 1024 + 1);
    let name = policy_name();
    assert_error!(store.put_policy(&name, &too_large).await, StoreError::Refused(_));
    assert_eq!(store.find_policy(&name).await.unwrap(), None);
}

/// A shard without buckets has its denials.
pub async fn a_policy_without_statements_is_refused(harness: &impl PrincipalStoreHarness) {
    let nothing = PolicyDocument::new(json!({ "Version": "2012-10-17", "Statement": [] }));
    assert_error!(harness.store().put_policy(&policy_name(), &nothing).await, StoreError::Refused(_));
}

/// The table of core, as the store enforces it.
pub async fn a_shard_gives_each_level_and_no_more(harness: &impl PrincipalStoreHarness) {
    let mut buckets = Vec::new();
    for level in Access::ALL {
        buckets.push((bucket_with_object(harness).await, level));
    }
    let shard = policy(harness, &buckets).await;
    let principal = settings(true, &[&shard]);
    harness.store().put_principal(&principal).await.unwrap();
    for (bucket, level) in &buckets {
        for action in TRIED_ACTIONS {
            let expected = matches!(action.rule(), Rule::Access(least) if least <= *level);
            let got = harness.may(&principal.credentials, action, bucket).await;
            assert_eq!(got, expected, "{action} with {level}");
        }
    }
    may_nothing(harness, &principal.credentials, &bucket_with_object(harness).await).await;
}

/// Neither with a shard that is empty nor without any.
pub async fn a_principal_without_buckets_gets_nothing(harness: &impl PrincipalStoreHarness) {
    let bucket = bucket_with_object(harness).await;
    let empty = policy(harness, &[]).await;
    for policies in [vec![], vec![&empty]] {
        let principal = settings(true, &policies);
        harness.store().put_principal(&principal).await.unwrap();
        may_nothing(harness, &principal.credentials, &bucket).await;
    }
}

/// Also of buckets that no policy names.
pub async fn an_admin_gets_every_bucket_but_not_what_the_hub_keeps(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let bucket = bucket_with_object(harness).await;
    let (name, shard) = (policy_name(), policy(harness, &[]).await);
    store.put_policy(&name, &admin_policy()).await.unwrap();
    let admin = settings(true, &[&name, &shard]);
    store.put_principal(&admin).await.unwrap();
    for action in TRIED_ACTIONS {
        let expected = !action.denied_on_minio();
        assert_eq!(harness.may(&admin.credentials, action, &bucket).await, expected, "{action}");
    }
}

/// For the next request.
pub async fn a_change_of_a_policy_is_in_force_at_once(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let (bucket, name) = (bucket_with_object(harness).await, policy(harness, &[]).await);
    let principal = settings(true, &[&name]);
    store.put_principal(&principal).await.unwrap();
    for _ in 0..10 {
        store.put_policy(&name, &shard_policy(&[(bucket.clone(), Access::Read)])).await.unwrap();
        assert!(harness.may(&principal.credentials, S3Action::GetObject, &bucket).await);
        store.put_policy(&name, &shard_policy(&[])).await.unwrap();
        assert!(!harness.may(&principal.credentials, S3Action::GetObject, &bucket).await);
    }
}

/// As soon as the principal has it no more.
pub async fn a_policy_that_is_taken_away_gives_nothing_any_more(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let bucket = bucket_with_object(harness).await;
    let name = policy(harness, &[(bucket.clone(), Access::Manage)]).await;
    let mut principal = settings(true, &[&name]);
    store.put_principal(&principal).await.unwrap();
    assert!(harness.may(&principal.credentials, S3Action::GetObject, &bucket).await);
    principal.policies.clear();
    store.put_principal(&principal).await.unwrap();
    may_nothing(harness, &principal.credentials, &bucket).await;
}

/// Whatever their policies say.
pub async fn a_wrong_secret_and_a_disabled_principal_get_nothing(harness: &impl PrincipalStoreHarness) {
    let store = harness.store();
    let bucket = bucket_with_object(harness).await;
    let name = policy(harness, &[(bucket.clone(), Access::Manage)]).await;
    let mut principal = settings(true, &[&name]);
    store.put_principal(&principal).await.unwrap();
    may_nothing(harness, &with_another_secret(&principal.credentials), &bucket).await;
    principal.enabled = false;
    store.put_principal(&principal).await.unwrap();
    may_nothing(harness, &principal.credentials, &bucket).await;
    principal.enabled = true;
    store.put_principal(&principal).await.unwrap();
    assert!(harness.may(&principal.credentials, S3Action::GetObject, &bucket).await);
}

/// No call waits indefinitely, and none reports something as missing because the store did not respond.
pub async fn a_store_that_is_away_is_unavailable(harness: &impl PrincipalStoreHarness) {
    let store = harness.away();
    let (settings, name) = (settings(true, &[]), policy_name());
    let Credentials { access_key, .. } = &settings.credentials;
    let calls = async {
        assert_error!(store.put_principal(&settings).await, StoreError::Unavailable(_));
        assert_error!(store.revoke_sessions(access_key).await, StoreError::Unavailable(_));
        assert_error!(store.delete_principal(access_key).await, StoreError::Unavailable(_));
        assert_error!(store.find_principal(access_key).await, StoreError::Unavailable(_));
        assert_error!(store.accepts(&settings.credentials).await, StoreError::Unavailable(_));
        assert_error!(store.put_policy(&name, &shard_policy(&[])).await, StoreError::Unavailable(_));
        assert_error!(store.find_policy(&name).await, StoreError::Unavailable(_));
        assert_error!(store.delete_policy(&name).await, StoreError::Unavailable(_));
        assert_error!(store.list_principals().await, StoreError::Unavailable(_));
    };
    tokio::time::timeout(Duration::from_secs(60), calls).await.expect("a call waited indefinitely");
}

async fn may_nothing(harness: &impl PrincipalStoreHarness, credentials: &Credentials, bucket: &BucketName) {
    for action in TRIED_ACTIONS {
        assert!(!harness.may(credentials, action, bucket).await, "{action}");
    }
}

async fn bucket_with_object(harness: &impl PrincipalStoreHarness) -> BucketName {
    let bucket = new_bucket();
    harness.objects().create_bucket(&bucket).await.unwrap();
    harness.objects().put_object(&bucket, OBJECT, b"body".to_vec()).await.unwrap();
    bucket.name
}

async fn policy(harness: &impl PrincipalStoreHarness, buckets: &[(BucketName, Access)]) -> PolicyName {
    let name = policy_name();
    harness.store().put_policy(&name, &shard_policy(buckets)).await.unwrap();
    name
}

fn policy_name() -> PolicyName {
    PolicyName::from_store(format!("contract.author-{}.0", Uuid::now_v7()))
}

fn settings(enabled: bool, policies: &[&PolicyName]) -> PrincipalSettings {
    let policies = policies.iter().map(|name| (*name).clone()).collect();
    PrincipalSettings { credentials: credentials(), enabled, policies }
}

fn credentials() -> Credentials {
    let access_key = AccessKey::parse(format!("contract_{}", Uuid::now_v7().simple())).unwrap();
    Credentials { access_key, secret_key: secret_key() }
}

fn with_another_secret(credentials: &Credentials) -> Credentials {
    Credentials { access_key: credentials.access_key.clone(), secret_key: secret_key() }
}

fn secret_key() -> SecretKey {
    SecretKey::parse(format!("secret-{}", Uuid::new_v4().simple())).unwrap()
}

//! Temporary credentials across rotations and disabling.

use storage_hub_adapter_minio::identity_of;
use storage_hub_adapter_minio::s3_client::TemporaryKey;
use storage_hub_core::acl::Access;
use storage_hub_core::domain::BucketName;
use storage_hub_core::policy::shard_policy;
use storage_hub_core::ports::{ObjectStore, PrincipalSettings, PrincipalStore};
use storage_hub_s3_client::Identity;

use crate::harness::{Harness, at, bucket_name, harness, secret_key, settings};

#[tokio::test]
async fn temporary_credentials_end_when_sessions_are_revoked() {
    let Some(harness) = harness().await else { return };
    let (mut principal, bucket) = owner(&harness).await;
    let session = session(&harness, &principal).await;
    assert!(reads(&harness, &session, &bucket).await);
    principal.credentials.secret_key = secret_key();
    harness.store.put_principal(&principal).await.unwrap();
    harness.store.revoke_sessions(&principal.credentials.access_key).await.unwrap();
    assert!(!reads(&harness, &session, &bucket).await);
    assert!(reads(&harness, &identity_of(&principal.credentials), &bucket).await);
}

#[tokio::test]
async fn temporary_credentials_cannot_be_used_to_make_a_key_or_change_one() {
    let Some(harness) = harness().await else { return };
    let (principal, _) = owner(&harness).await;
    let client = harness.client(session(&harness, &principal).await);
    assert!(client.make_service_account().await.unwrap().is_denied());
    assert!(!client.change_own_secret(&secret_key()).await.unwrap().is_success());
    assert!(harness.store.accepts(&principal.credentials).await.unwrap());
}

#[tokio::test]
async fn a_disabled_principal_and_its_sessions_are_refused_at_once() {
    let Some(harness) = harness().await else { return };
    let (mut principal, bucket) = owner(&harness).await;
    let session = session(&harness, &principal).await;
    principal.enabled = false;
    harness.store.put_principal(&principal).await.unwrap();
    for identity in [session, identity_of(&principal.credentials)] {
        assert!(!reads(&harness, &identity, &bucket).await);
    }
    assert!(matches!(
        harness.client(identity_of(&principal.credentials)).assume_role().await.unwrap(),
        TemporaryKey::Refused(answer) if answer.is_denied()
    ));
}

/// MinIO sets the policies of enabled users only: see `put_principal`.
#[tokio::test]
async fn a_disabled_principal_gets_other_policies_and_its_old_sessions_stay_dead() {
    let Some(harness) = harness().await else { return };
    let (mut principal, bucket) = owner(&harness).await;
    let session = session(&harness, &principal).await;
    principal.enabled = false;
    principal.policies.push(harness.policy(&shard_policy(&[])).await);
    harness.store.put_principal(&principal).await.unwrap();
    let state = harness.store.find_principal(&principal.credentials.access_key).await.unwrap().unwrap();
    assert!(!state.enabled);
    assert_eq!(state.policies.len(), 2);
    assert!(!harness.store.accepts(&principal.credentials).await.unwrap());
    principal.enabled = true;
    harness.store.put_principal(&principal).await.unwrap();
    assert!(!reads(&harness, &session, &bucket).await);
    assert!(reads(&harness, &identity_of(&principal.credentials), &bucket).await);
}

#[tokio::test]
async fn a_removed_and_remade_principal_does_not_revive_old_sessions() {
    let Some(harness) = harness().await else { return };
    let (principal, bucket) = owner(&harness).await;
    let session = session(&harness, &principal).await;
    harness.store.delete_principal(&principal.credentials.access_key).await.unwrap();
    assert!(!reads(&harness, &session, &bucket).await);
    harness.store.put_principal(&principal).await.unwrap();
    assert!(!reads(&harness, &session, &bucket).await);
}

async fn owner(harness: &Harness) -> (PrincipalSettings, BucketName) {
    let bucket = bucket_name();
    harness.store.create_bucket(&at(&bucket)).await.unwrap();
    let principal = settings(&[harness.policy(&shard_policy(&[(bucket.clone(), Access::Manage)])).await]);
    harness.store.put_principal(&principal).await.unwrap();
    (principal, bucket)
}

async fn session(harness: &Harness, principal: &PrincipalSettings) -> Identity {
    match harness.client(identity_of(&principal.credentials)).assume_role().await.unwrap() {
        TemporaryKey::Given(identity) => identity,
        TemporaryKey::Refused(answer) => panic!("{answer:?}"),
    }
}

async fn reads(harness: &Harness, identity: &Identity, bucket: &BucketName) -> bool {
    let answer = harness.client(identity.clone()).list_objects(bucket).await.unwrap();
    assert!(answer.is_success() || answer.is_denied(), "{answer:?}");
    answer.is_success()
}

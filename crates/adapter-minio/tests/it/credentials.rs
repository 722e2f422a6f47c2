//! Principals may not change their own keys: they would lose the hub, or it them.

use serde_json::json;
use storage_hub_adapter_minio::identity_of;
use storage_hub_core::policy::{PolicyDocument, admin_policy, shard_policy};
use storage_hub_core::ports::{PrincipalStore, StoreError};

use crate::harness::{harness, secret_key, settings};

/// Shows that the requests of the next test are well formed: MinIO allows them to whoever has any policy.
#[tokio::test]
async fn a_principal_without_denials_changes_its_secret_and_makes_a_key() {
    let Some(harness) = harness().await else { return };
    let nothing_denied = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::some-bucket/*"] },
    ]});
    let principal = settings(&[harness.policy(&PolicyDocument::new(nothing_denied)).await]);
    harness.store.put_principal(&principal).await.unwrap();
    let client = harness.client(identity_of(&principal.credentials));
    let made = client.make_service_account().await.unwrap();
    assert!(made.is_success(), "{made:?}");
    let changed = client.change_own_secret(&secret_key()).await.unwrap();
    assert!(changed.is_success(), "{changed:?}");
    assert!(!harness.store.accepts(&principal.credentials).await.unwrap());
}

#[tokio::test]
async fn neither_no_policy_nor_a_shard_nor_the_admins_lets_a_principal_change_its_keys() {
    let Some(harness) = harness().await else { return };
    let shard = harness.policy(&shard_policy(&[])).await;
    let admin = harness.policy(&admin_policy()).await;
    for policies in [vec![], vec![shard.clone()], vec![admin.clone()], vec![admin, shard]] {
        let principal = settings(&policies);
        harness.store.put_principal(&principal).await.unwrap();
        let client = harness.client(identity_of(&principal.credentials));
        for answer in [client.change_own_secret(&secret_key()).await, client.make_service_account().await] {
            let answer = answer.unwrap();
            assert_eq!((answer.status.as_u16(), answer.code()), (403, "AccessDenied"), "{policies:?}");
        }
        assert!(harness.store.accepts(&principal.credentials).await.unwrap());
    }
}

#[tokio::test]
async fn a_principal_cannot_do_anything_to_another() {
    let Some(harness) = harness().await else { return };
    let admin = settings(&[harness.policy(&admin_policy()).await]);
    let other = settings(&[harness.policy(&shard_policy(&[])).await]);
    for principal in [&admin, &other] {
        harness.store.put_principal(principal).await.unwrap();
    }
    let as_admin = harness.store_as(&admin.credentials);
    let name = other.policies[0].clone();
    assert_denied(as_admin.put_principal(&other).await);
    assert_denied(as_admin.delete_principal(&other.credentials.access_key).await);
    assert_denied(as_admin.revoke_sessions(&other.credentials.access_key).await);
    assert_denied(as_admin.put_policy(&name, &admin_policy()).await);
    assert_denied(as_admin.delete_policy(&name).await);
    assert_denied(as_admin.find_policy(&name).await);
    assert_denied(as_admin.find_principal(&other.credentials.access_key).await);
    assert_denied(as_admin.list_principals().await);
}

fn assert_denied<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::AccessDenied(_))), "{result:?}");
}

//! Versions: what the denial of `s3:DeleteObjectVersion` keeps principals from, and what it does not.

use http::Method;
use storage_hub_adapter_minio::identity_of;
use storage_hub_core::acl::Access;
use storage_hub_core::domain::{BucketName, ObjectKey, ObjectVersion, VersionId};
use storage_hub_core::policy::shard_policy;
use storage_hub_core::ports::{ObjectStore, PrincipalSettings, PrincipalStore, VersionOutcome};
use storage_hub_port_contract::object_store::ObjectStoreHarness as _;
use storage_hub_s3_client::Answer;

use crate::harness::{Harness, at, bucket_name, harness, settings};

/// In mode `GOVERNANCE`, MinIO lets everybody who may put the object overwrite the version, without the right to bypass it.
const RETAINED: [(&str, &str); 2] =
    [("x-amz-object-lock-mode", "COMPLIANCE"), ("x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z")];

async fn manager(harness: &Harness, bucket: &BucketName) -> PrincipalSettings {
    let policy = harness.policy(&shard_policy(&[(bucket.clone(), Access::Manage)])).await;
    let principal = settings(&[policy]);
    harness.store.put_principal(&principal).await.unwrap();
    principal
}

async fn ask(
    harness: &Harness,
    principal: &PrincipalSettings,
    method: Method,
    target: (&BucketName, &str),
    query: &[(&str, &str)],
    headers: &[(&'static str, &str)],
) -> Answer {
    let client = harness.client(identity_of(&principal.credentials));
    client.request(method, target, query, headers, b"body".to_vec()).await.unwrap()
}

#[tokio::test]
async fn a_version_is_not_deleted_by_its_id_whatever_the_access() {
    let Some(harness) = harness().await else { return };
    let bucket = bucket_name();
    harness.store.create_bucket(&at(&bucket)).await.unwrap();
    harness.enable_versioning(&at(&bucket)).await;
    let principal = manager(&harness, &bucket).await;
    harness.store.put_object(&at(&bucket), "key", b"kept".to_vec()).await.unwrap();
    let ids = harness.list_versions(&at(&bucket), "key").await;
    let deleted = ask(&harness, &principal, Method::DELETE, (&bucket, "key"), &[("versionId", &ids[0])], &[]).await;
    assert_eq!(deleted.code(), "AccessDenied");
    assert_eq!(harness.list_versions(&at(&bucket), "key").await, ids);
    let marked = ask(&harness, &principal, Method::DELETE, (&bucket, "key"), &[], &[]).await;
    assert!(marked.is_success(), "{marked:?}");
    assert_eq!(harness.list_versions(&at(&bucket), "key").await.len(), 2);
}

/// SECURITY.md states these two as limits of MinIO: no policy can forbid them. If this test fails, MinIO has changed.
#[tokio::test]
async fn forced_deletion_and_a_put_to_a_version_go_around_the_denial() {
    let Some(harness) = harness().await else { return };
    let bucket = bucket_name();
    harness.store.create_bucket(&at(&bucket)).await.unwrap();
    harness.enable_versioning(&at(&bucket)).await;
    let principal = manager(&harness, &bucket).await;
    harness.store.put_object(&at(&bucket), "key", b"kept".to_vec()).await.unwrap();
    let ids = harness.list_versions(&at(&bucket), "key").await;
    let put = ask(&harness, &principal, Method::PUT, (&bucket, "key"), &[("versionId", &ids[0])], &[]).await;
    assert!(put.is_success(), "{put:?}");
    assert_eq!(harness.list_versions(&at(&bucket), "key").await, ids);
    assert_eq!(harness.store.get_object(&at(&bucket), "key").await.unwrap(), b"body");
    let forced = [("x-minio-force-delete", "true")];
    let deleted = ask(&harness, &principal, Method::DELETE, (&bucket, "key"), &[], &forced).await;
    assert!(deleted.is_success(), "{deleted:?}");
    assert_eq!(harness.list_versions(&at(&bucket), "key").await, Vec::<String>::new());
}

#[tokio::test]
async fn object_lock_protects_a_version_from_all_of_it_and_from_the_hub() {
    let Some(harness) = harness().await else { return };
    let bucket = bucket_name();
    let locked = [("x-amz-bucket-object-lock-enabled", "true")];
    let root = harness.root();
    assert!(root.request(Method::PUT, (&bucket, ""), &[], &locked, Vec::new()).await.unwrap().is_success());
    let put = root.request(Method::PUT, (&bucket, "key"), &[], &RETAINED, b"kept".to_vec()).await.unwrap();
    assert!(put.is_success(), "{put:?}");
    let ids = harness.list_versions(&at(&bucket), "key").await;
    let principal = manager(&harness, &bucket).await;
    let (by_id, none): (&[_], &[_]) = (&[("versionId", ids[0].as_str())], &[]);
    let bypass: &[_] = &[("x-amz-bypass-governance-retention", "true")];
    let forced: &[_] = &[("x-minio-force-delete", "true")];
    for (method, query, headers) in
        [(Method::PUT, by_id, none), (Method::DELETE, none, forced), (Method::DELETE, by_id, bypass)]
    {
        let answer = ask(&harness, &principal, method, (&bucket, "key"), query, headers).await;
        assert!(!answer.is_success(), "{answer:?}");
    }
    let version = |key: &str, id: &str| ObjectVersion {
        key: ObjectKey::parse(key).unwrap(),
        version_id: VersionId::parse(id).unwrap(),
    };
    let outcomes = harness.store.delete_versions(&at(&bucket), &[version("key", &ids[0]), version("x", "null")]).await;
    assert_eq!(outcomes.unwrap(), [VersionOutcome::Protected, VersionOutcome::Deleted]);
    assert_eq!(harness.list_versions(&at(&bucket), "key").await, ids);
    assert_eq!(harness.store.get_object(&at(&bucket), "key").await.unwrap(), b"kept");
}

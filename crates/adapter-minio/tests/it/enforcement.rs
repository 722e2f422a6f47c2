//! What the server makes of core's policies, as S3 clients see it.

use storage_hub_adapter_minio::identity_of;
use storage_hub_adapter_minio::s3_client::S3Client;
use storage_hub_core::acl::Access;
use storage_hub_core::domain::BucketName;
use storage_hub_core::policy::{PolicyDocument, SHARD_BYTES, admin_policy, entry_bytes, shard_policy};
use storage_hub_core::ports::{ObjectStore, PrincipalStore};
use storage_hub_s3_client::Identity;

use crate::harness::{at, bucket_name, harness, settings};

#[tokio::test]
async fn listing_buckets_shows_a_principal_its_own_and_an_admin_all() {
    let Some(harness) = harness().await else { return };
    let (mine, other) = (bucket_name(), bucket_name());
    for name in [&mine, &other] {
        harness.store.create_bucket(&at(name)).await.unwrap();
    }
    let owner = settings(&[harness.policy(&shard_policy(&[(mine.clone(), Access::Manage)])).await]);
    let nobody = settings(&[harness.policy(&shard_policy(&[])).await]);
    let admin = settings(&[harness.policy(&admin_policy()).await]);
    for principal in [&owner, &nobody, &admin] {
        harness.store.put_principal(principal).await.unwrap();
    }
    let listed = async |principal| {
        let answer = harness.client(identity_of(principal)).list_buckets().await.unwrap();
        S3Client::bucket_names(&answer)
    };
    assert_eq!(listed(&owner.credentials).await, [mine.to_string()]);
    assert_eq!(listed(&nobody.credentials).await, Vec::<String>::new());
    let all = listed(&admin.credentials).await;
    assert!(all.contains(&mine.to_string()) && all.contains(&other.to_string()));
}

#[tokio::test]
async fn a_principal_with_a_thousand_buckets_in_several_shards_reaches_them_all() {
    let Some(harness) = harness().await else { return };
    let base = bucket_name();
    let buckets: Vec<_> = (0..1000).map(|number| BucketName::parse(&format!("{base}-{number:04}")).unwrap()).collect();
    let per_shard = (SHARD_BYTES / entry_bytes(&buckets[0])) as usize;
    let mut shards = Vec::new();
    for buckets in buckets.chunks(per_shard) {
        let entries: Vec<_> = buckets.iter().map(|name| (name.clone(), Access::Manage)).collect();
        shards.push(harness.policy(&shard_policy(&entries)).await);
    }
    assert!(shards.len() > 5, "{}", shards.len());
    let owner = settings(&shards);
    harness.store.put_principal(&owner).await.unwrap();
    let client = harness.client(identity_of(&owner.credentials));
    for name in [&buckets[0], &buckets[per_shard], &buckets[500], &buckets[999]] {
        harness.store.create_bucket(&at(name)).await.unwrap();
        let put = client.put_object(name, "key", b"body".to_vec()).await.unwrap();
        assert!(put.is_success(), "{put:?}");
        assert_eq!(client.get_object(name, "key").await.unwrap().body.as_ref(), b"body");
    }
    let stranger = BucketName::parse(&format!("{base}-1000")).unwrap();
    harness.store.create_bucket(&at(&stranger)).await.unwrap();
    assert!(client.list_objects(&stranger).await.unwrap().is_denied());
}

#[tokio::test]
async fn nobody_is_told_apart_whether_a_bucket_of_somebody_else_is_there() {
    let Some(harness) = harness().await else { return };
    let there = bucket_name();
    harness.store.create_bucket(&at(&there)).await.unwrap();
    let principal = settings(&[harness.policy(&shard_policy(&[])).await]);
    harness.store.put_principal(&principal).await.unwrap();
    for identity in [identity_of(&principal.credentials), Identity::Anonymous] {
        let client = harness.client(identity);
        for name in [&there, &bucket_name()] {
            let answers = [client.head_bucket(name).await, client.list_objects(name).await];
            for answer in answers {
                assert_eq!(answer.unwrap().status, 403);
            }
        }
    }
}

#[tokio::test]
async fn a_public_bucket_policy_serves_anonymous_requests_alone() {
    let Some(harness) = harness().await else { return };
    let name = bucket_name();
    harness.store.create_bucket(&at(&name)).await.unwrap();
    harness.store.put_object(&at(&name), "key", b"body".to_vec()).await.unwrap();
    let anonymous = harness.client(Identity::Anonymous);
    assert!(anonymous.get_object(&name, "key").await.unwrap().is_denied());
    let public = serde_json::json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": ["*"] }, "Action": ["s3:GetObject"],
        "Resource": [format!("arn:aws:s3:::{name}/*")],
    }]});
    harness.store.put_bucket_policy(&at(&name), &PolicyDocument::new(public)).await.unwrap();
    assert_eq!(anonymous.get_object(&name, "key").await.unwrap().body.as_ref(), b"body");
    assert!(anonymous.put_object(&name, "key", Vec::new()).await.unwrap().is_denied());
    let principal = settings(&[harness.policy(&shard_policy(&[])).await]);
    harness.store.put_principal(&principal).await.unwrap();
    assert!(harness.client(identity_of(&principal.credentials)).get_object(&name, "key").await.unwrap().is_denied());
}

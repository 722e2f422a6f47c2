//! What the server takes as a policy.

use std::slice;

use serde_json::json;
use storage_hub_core::acl::Grant;
use storage_hub_core::policy::{PolicyDocument, PolicyName, PolicyPrefix, shard_policy};
use storage_hub_core::ports::{PrincipalStore, StoreError};
use storage_hub_core::s3_action::S3Action;
use uuid::Uuid;

use crate::harness::{harness, policy_name, settings};

/// A name that the server did not know would be refused, and one that it dropped would not come back.
#[tokio::test]
async fn every_action_of_the_table_is_known_to_the_server() {
    let Some(harness) = harness().await else { return };
    for action in S3Action::ALL {
        let document = PolicyDocument::new(json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": [action.iam_name()], "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"] },
        ]}));
        let name = policy_name();
        harness.store.put_policy(&name, &document).await.unwrap_or_else(|error| panic!("{action}: {error:?}"));
        assert_eq!(harness.store.find_policy(&name).await.unwrap(), Some(document), "{action}");
        harness.store.delete_policy(&name).await.unwrap();
    }
    let unknown = PolicyDocument::new(json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["s3:NoSuchAction"], "Resource": ["arn:aws:s3:::bucket"] },
    ]}));
    assert!(matches!(harness.store.put_policy(&policy_name(), &unknown).await, Err(StoreError::Refused(_))));
}

#[tokio::test]
async fn a_policy_of_20_kib_is_taken() {
    let Some(harness) = harness().await else { return };
    let mut json = shard_policy(&[]).json().clone();
    let padding = "x".repeat(20 * 1024 - json.to_string().len() - 1);
    json["Statement"][0]["Resource"] = json!([format!("arn:aws:s3:::*{padding}x")]);
    let document = PolicyDocument::new(json);
    assert_eq!(document.to_string().len(), 20 * 1024);
    let name = policy_name();
    harness.store.put_policy(&name, &document).await.unwrap();
    assert_eq!(harness.store.find_policy(&name).await.unwrap(), Some(document));
}

#[tokio::test]
async fn a_policy_may_be_named_after_any_grant_that_is_no_path() {
    let Some(harness) = harness().await else { return };
    let prefix = PolicyPrefix::parse("storage-hub").unwrap();
    let run = Uuid::now_v7().simple().to_string();
    let longest = "g".repeat(Grant::MAX_BYTES - run.len());
    for text in
        ["white space", "grün", "日本語", "a:b", "a*b", "a?b", "a#b", "a%2Fb", "a+b&c=d", "'\"<>|", "..", &longest]
    {
        let grant = Grant::parse(format!("{text}{run}")).unwrap();
        let name = PolicyName::shard(&prefix, &grant, 0);
        harness.store.put_policy(&name, &shard_policy(&[])).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(harness.store.find_policy(&name).await.unwrap(), Some(shard_policy(&[])), "{text}");
        let principal = settings(slice::from_ref(&name));
        harness.store.put_principal(&principal).await.unwrap();
        let state = harness.store.find_principal(&principal.credentials.access_key).await.unwrap().unwrap();
        assert_eq!(state.policies, [name], "{text}");
    }
}

#[tokio::test]
async fn a_principal_may_have_hundreds_of_policies() {
    let Some(harness) = harness().await else { return };
    let mut policies = Vec::new();
    for _ in 0..200 {
        policies.push(harness.policy(&shard_policy(&[])).await);
    }
    let principal = settings(&policies);
    harness.store.put_principal(&principal).await.unwrap();
    policies.sort();
    let state = harness.store.find_principal(&principal.credentials.access_key).await.unwrap().unwrap();
    assert_eq!(state.policies, policies);
}

use http::Method;
use storage_hub_adapter_gateway::{GatewayS3Backend, ProbeResult};
use storage_hub_core::ports::{ObjectStore as _, StoreError};
use storage_hub_port_contract::services;
use storage_hub_s3_backend::{BucketSetting, BucketSettingKind, S3Backend as _, Write};
use storage_hub_s3_client::Request;
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::operation::DeleteEntry;
use storage_hub_s3_protocol::types::{EtagCondition, WriteConditions};
use storage_hub_s3_protocol::versioning::VersioningState;

use crate::bodies::decoded;
use crate::harness::{self, Allowing, closed_endpoint, gateway, get, put};

#[tokio::test]
async fn the_probe_finds_what_minio_does_and_leaves_nothing() {
    let Some(endpoint) = services::minio() else { return };
    let gateway = gateway(&endpoint);
    let found = gateway.probe().await.unwrap();
    let expected = ProbeResult {
        conditional_writes: true,
        conditional_copies: found.conditional_copies,
        conditional_completions: found.conditional_completions,
        conditional_deletes: false,
        versioning: true,
        tags: true,
        object_lock: found.object_lock,
        lifecycle: true,
        backslashes: found.backslashes,
        long_segments: false,
        keys_below_keys: true,
        lists_uploads: false,
        attributes: true,
        checksums: ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"].map(str::to_owned).to_vec(),
        cut_uploads_leave_nothing: true,
    };
    assert_eq!(found, expected);
    assert_no_scratch(&gateway).await;
}

#[tokio::test]
async fn the_probe_finds_what_versitygw_does_and_leaves_nothing() {
    let Some(endpoint) = services::versitygw() else { return };
    let gateway = gateway(&endpoint);
    let found = gateway.probe().await.unwrap();
    assert!(found.conditional_writes && found.attributes && found.cut_uploads_leave_nothing, "{found:?}");
    assert_eq!(found.checksums.len(), 5, "{found:?}");
    assert!(!found.keys_below_keys && !found.lifecycle, "{found:?}");
    // It keeps versions, but does not tell those of delete markers and completed uploads, and tags outlive their object.
    assert!(!found.versioning && !found.tags, "{found:?}");
    assert_no_scratch(&gateway).await;
}

async fn assert_no_scratch(gateway: &storage_hub_adapter_gateway::Gateway) {
    let answer = gateway.client().send(Request::new(Method::GET, None, None)).await.unwrap();
    let left = answer.texts("Name").into_iter().filter(|name| name.starts_with(gateway.prefix().as_str()));
    assert_eq!(left.collect::<Vec<_>>(), [""; 0]);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_not_probed() {
    assert!(matches!(gateway(&closed_endpoint()).probe().await, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn without_a_probe_result_writes_are_refused_and_reads_work() {
    for harness in harness::all().await {
        let bucket = harness.bucket().await;
        harness.put(&bucket, "key", b"bytes").await;
        let unprobed = crate::harness::options("http://127.0.0.1:1");
        let mut options = unprobed;
        options.connection.endpoint =
            format!("http://{}", harness.gateway().client().connection().endpoint().host()).parse().unwrap();
        options.bucket_prefix = harness.gateway().prefix().clone();
        let backend = GatewayS3Backend::new(storage_hub_adapter_gateway::Gateway::new(&options).unwrap());
        assert_eq!(backend.head_object(&bucket, get("key")).await.unwrap().size, 5);
        let guard = Allowing(bucket.id);
        let write = Write { bucket: &bucket, guard: &guard };
        let refused = backend.put_object(write, put("key"), decoded(b"other")).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ServiceUnavailable);
        let entry = DeleteEntry { key: "key".to_owned(), ..DeleteEntry::default() };
        let refused = backend.delete_objects(write, vec![entry]).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ServiceUnavailable);
        assert_eq!(harness.bytes(&bucket, "key").await.unwrap(), b"bytes");
    }
}

#[tokio::test]
async fn what_the_probe_found_missing_is_refused_and_never_ignored() {
    let gateway = gateway(&closed_endpoint());
    gateway.accept_probe(ProbeResult { checksums: vec!["CRC32".to_owned()], ..ProbeResult::default() });
    let backend = GatewayS3Backend::new(gateway);
    let bucket = crate::harness::new_bucket();
    let guard = Allowing(bucket.id);
    let write = || Write { bucket: &bucket, guard: &guard };
    let conditions = WriteConditions { if_none_match: Some(EtagCondition::Any), ..WriteConditions::default() };
    let mut input = put("key");
    input.conditions = conditions;
    let refused = backend.put_object(write(), input, decoded(b"x")).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NotImplemented);
    let conditions = WriteConditions { if_match: Some(EtagCondition::Any), ..WriteConditions::default() };
    let entry = DeleteEntry { key: "key".to_owned(), conditions, ..DeleteEntry::default() };
    let refused = backend.delete_objects(write(), vec![entry]).await.unwrap().remove(0).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NotImplemented);
    let setting = BucketSetting::Versioning(VersioningState::Enabled);
    let refused = backend.put_bucket_setting(write(), setting).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NotImplemented);
    for kind in [BucketSettingKind::Tags, BucketSettingKind::Lifecycle] {
        let refused = backend.delete_bucket_setting(write(), kind).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::NotImplemented);
    }
}

#[tokio::test]
async fn a_bucket_behind_is_named_by_its_id_alone() {
    for harness in harness::all().await {
        let bucket = harness.bucket().await;
        let behind = harness.gateway().prefix().bucket(bucket.id);
        let answer = harness.gateway().client().send(Request::new(Method::HEAD, Some(&behind), None)).await.unwrap();
        assert!(answer.is_success());
        assert!(harness.store.list_buckets().await.unwrap().contains(&bucket.name.to_string()));
    }
}

use std::collections::BTreeSet;

use storage_hub_adapter_gateway::{GatewayObjectStore, GatewayS3Backend, ProbeResult};
use storage_hub_core::domain::BucketRef;
use storage_hub_core::ports::{ObjectStore as _, StoreError};
use storage_hub_s3_backend::{ObjectSetting, ObjectSettingKind, S3Backend as _, Write};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CompletedPart, CopyObject, CopySource, CreateMultipartUpload, DeleteEntry,
    GetObjectAttributes, ListParts, ObjectAttribute, ObjectVersionRef, UploadPart, UploadPartCopy, UploadRef,
};

use crate::bodies::decoded;
use crate::harness::{self, Allowing, closed_endpoint, gateway, get, new_bucket, put};

/// Keys that would reach another tenant, or another object, if a URL parser or a store normalized them.
const HOSTILE: [&str; 9] =
    ["/other/x", "../other/x", "a/../../other/x", "//host/x", "a/./x", "..", "a//b", "/", "a\\b"];

fn code<T>(result: S3Result<T>) -> Option<ErrorCode> {
    result.err().map(|error| error.code())
}

/// What every operation answers for a key.
async fn codes(backend: &GatewayS3Backend, bucket: &BucketRef, key: &str) -> Vec<(&'static str, Option<ErrorCode>)> {
    let guard = Allowing(bucket.id);
    let write = || Write { bucket, guard: &guard };
    let upload = || UploadRef { key: key.to_owned(), upload_id: "id".to_owned() };
    let fine = || UploadRef { key: "fine".to_owned(), upload_id: "id".to_owned() };
    let source = |key: &str| CopySource { key: key.to_owned(), ..CopySource::default() };
    let object = || ObjectVersionRef { key: key.to_owned(), version_id: None };
    let attributes = GetObjectAttributes {
        key: key.to_owned(),
        attributes: BTreeSet::from([ObjectAttribute::Etag]),
        ..GetObjectAttributes::default()
    };
    let create = CreateMultipartUpload { key: key.to_owned(), ..CreateMultipartUpload::default() };
    let part = CompletedPart { number: 1, etag: "x".to_owned(), checksum: None };
    let complete =
        CompleteMultipartUpload { upload: upload(), parts: vec![part], ..CompleteMultipartUpload::default() };
    let list = ListParts { upload: upload(), after: 0, max_parts: 10 };
    let copy = |from: &str, to: &str| CopyObject { key: to.to_owned(), source: source(from), ..CopyObject::default() };
    let copy_part = |upload, from: &str| UploadPartCopy { upload, number: 1, source: source(from), range: None };
    let entry = DeleteEntry { key: key.to_owned(), ..DeleteEntry::default() };
    let deleted = backend.delete_objects(write(), vec![entry]).await.and_then(|mut results| results.remove(0));
    vec![
        ("GetObject", code(backend.get_object(bucket, get(key)).await)),
        ("HeadObject", code(backend.head_object(bucket, get(key)).await)),
        ("GetObjectAttributes", code(backend.get_object_attributes(bucket, attributes).await)),
        ("PutObject", code(backend.put_object(write(), put(key), decoded(b"x")).await)),
        ("PutObject, streamed", code(backend.put_object(write(), put(key), decoded(&[0; 100_000])).await)),
        ("CopyObject to", code(backend.copy_object(bucket, write(), copy("fine", key)).await)),
        ("CopyObject from", code(backend.copy_object(bucket, write(), copy(key, "fine")).await)),
        ("DeleteObjects", code(deleted)),
        ("CreateMultipartUpload", code(backend.create_multipart_upload(write(), create).await)),
        (
            "UploadPart",
            code(backend.upload_part(write(), UploadPart { upload: upload(), number: 1 }, decoded(b"x")).await),
        ),
        ("UploadPartCopy to", code(backend.upload_part_copy(bucket, write(), copy_part(upload(), "fine")).await)),
        ("UploadPartCopy from", code(backend.upload_part_copy(bucket, write(), copy_part(fine(), key)).await)),
        ("CompleteMultipartUpload", code(backend.complete_multipart_upload(write(), complete).await)),
        ("AbortMultipartUpload", code(backend.abort_multipart_upload(write(), upload()).await)),
        ("ListParts", code(backend.list_parts(bucket, &list).await)),
        ("GetObjectTagging", code(backend.find_object_setting(bucket, object(), ObjectSettingKind::Tags).await)),
        (
            "PutObjectLegalHold",
            code(backend.put_object_setting(write(), object(), ObjectSetting::LegalHold(Some(true)), false).await),
        ),
    ]
}

fn everything() -> ProbeResult {
    ProbeResult {
        conditional_writes: true,
        tags: true,
        object_lock: true,
        versioning: true,
        attributes: true,
        checksums: vec!["CRC64NVME".to_owned()],
        ..ProbeResult::default()
    }
}

/// Nobody listens at the endpoint: whatever is sent is `ServiceUnavailable`.
#[tokio::test]
async fn a_hostile_key_is_refused_before_anything_is_sent_by_every_operation() {
    let gateway = gateway(&closed_endpoint());
    gateway.accept_probe(everything());
    let backend = GatewayS3Backend::new(gateway.clone());
    let store = GatewayObjectStore::new(gateway);
    let bucket = new_bucket();
    for key in HOSTILE {
        for (operation, code) in codes(&backend, &bucket, key).await {
            assert_eq!(code, Some(ErrorCode::InvalidArgument), "{operation} of {key}");
        }
        for result in [
            store.put_object(&bucket, key, Vec::new()).await,
            store.get_object(&bucket, key).await.map(drop),
            store.delete_object(&bucket, key).await,
        ] {
            assert!(matches!(result, Err(StoreError::Refused(_))), "{key}: {result:?}");
        }
    }
    for (operation, code) in codes(&backend, &bucket, "another").await {
        assert_eq!(code, Some(ErrorCode::ServiceUnavailable), "{operation}");
    }
}

/// A key that only looks hostile is an ordinary one, and nobody's key reaches the other tenant's objects.
#[tokio::test]
async fn no_key_of_one_tenant_reaches_the_objects_of_another() {
    for harness in harness::all().await {
        let (one, other) = (harness.bucket().await, harness.bucket().await);
        let behind = harness.gateway().prefix().bucket(other.id);
        harness.put(&other, "x", b"of the other").await;
        let mut keys = HOSTILE.map(|key| key.replace("other", &behind)).to_vec();
        keys.extend(
            ["%2e%2e/other/x", "%2E%2E%2Fother%2Fx", "..%2fother/x", "x?versionId=1", "x#y"]
                .map(|key| key.replace("other", &behind)),
        );
        for key in &keys {
            let guard = Allowing(one.id);
            let write = Write { bucket: &one, guard: &guard };
            let written = harness.backend.put_object(write, put(key), decoded(b"of the one")).await;
            match written {
                Ok(_) => assert_eq!(harness.bytes(&one, key).await.unwrap(), b"of the one", "{key}"),
                Err(error) => assert_eq!(error.status(), 400, "{key}: {error}"),
            }
            let _ = codes(&harness.backend, &one, key).await;
            assert_eq!(harness.bytes(&other, "x").await.unwrap(), b"of the other", "{key}");
        }
        for key in ["%2e%2e/x", "x?y", "x#y"] {
            harness.put(&one, key, key.as_bytes()).await;
            assert_eq!(harness.bytes(&one, key).await.unwrap(), key.as_bytes());
        }
    }
}

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::{FutureExt as _, StreamExt as _, stream};
use storage_hub_core::domain::{BucketId, BucketRef};
use storage_hub_s3_backend::{CommitGuard, Permit, VerifiedBody, Write};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CopyObject, CopySource, CreateMultipartUpload, DeleteEntry, GetObject,
    ListMultipartUploads, ListObjects, ListParts, PutObject, UploadPart, UploadPartCopy,
};

use super::S3BackendHarness;
use super::bodies::{body, broken_body, bytes, pending_body};
use super::fixture::{Fixture, allowing, code, new_bucket};

fn put(key: &str) -> PutObject {
    PutObject { key: key.to_owned(), ..PutObject::default() }
}

/// Both a new key and one that has an object.
pub async fn a_body_that_breaks_off_leaves_what_was_there(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    at.put("key", b"before").await;
    for size in [10, 400_000] {
        for key in ["key", "new"] {
            let written = at.backend.put_object(at.write(), put(key), broken_body(&bytes(size, 1))).await;
            assert_eq!(code(written), ErrorCode::IncompleteBody);
        }
    }
    assert_eq!(at.bytes("key").await.unwrap(), b"before");
    assert_eq!(at.bytes("new").await, None);
    let upload = at.begin("upload", None).await;
    let part = UploadPart { upload: upload.clone(), number: 1 };
    assert_eq!(code(at.backend.upload_part(at.write(), part, broken_body(b"part")).await), ErrorCode::IncompleteBody);
    let listed = ListParts { upload, after: 0, max_parts: 10 };
    assert!(at.backend.list_parts(&at.bucket, &listed).await.unwrap().parts.is_empty());
}

/// The caller goes away while the body is arriving.
pub async fn a_write_that_is_given_up_leaves_nothing(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    at.put("key", b"before").await;
    for size in [10, 400_000] {
        let (body, read) = pending_body(&bytes(size, 1));
        let writing = at.backend.put_object(at.write(), put("key"), body);
        // Whichever ends first: the write, which cannot, or the signal.
        let ended = futures::future::select(writing, read).await;
        assert!(matches!(ended, futures::future::Either::Right(_)));
    }
    assert_eq!(at.bytes("key").await.unwrap(), b"before");
}

/// A guard that fails when it is asked before the body has ended.
struct AfterBody {
    bucket: BucketId,
    ended: Arc<AtomicBool>,
}

#[async_trait]
impl CommitGuard for AfterBody {
    async fn permit(&self) -> S3Result<Permit> {
        assert!(self.ended.load(Ordering::SeqCst), "the guard was asked before the body had ended");
        Ok(Permit::granted(self.bucket))
    }
}

/// For objects and for parts; small and large.
pub async fn the_guard_is_asked_after_the_end_of_the_body(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let upload = at.begin("upload", None).await;
    for size in [10, 400_000] {
        for part in [false, true] {
            let ended = Arc::new(AtomicBool::new(false));
            let guard = AfterBody { bucket: at.bucket.id, ended: Arc::clone(&ended) };
            let write = Write { bucket: &at.bucket, guard: &guard };
            let end = stream::once(async move {
                ended.store(true, Ordering::SeqCst);
                Ok(bytes(5, 2).into())
            });
            let received = stream::iter([Ok(bytes(size, 1).into())]).chain(end);
            let body = VerifiedBody::from_decoded(received, None, None);
            let written = if part {
                at.backend.upload_part(write, UploadPart { upload: upload.clone(), number: 1 }, body).await
            } else {
                at.backend.put_object(write, put("key"), body).await
            };
            written.unwrap();
        }
    }
}

/// Every operation that writes.
pub async fn a_refused_write_leaves_nothing(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    at.put("key", b"before").await;
    let upload = at.begin("upload", None).await;
    let part = at.part(&upload, 1, b"part").await;
    let refused = |result: ErrorCode| assert_eq!(result, ErrorCode::AccessDenied);
    refused(code(at.backend.put_object(at.refused(), put("key"), body(b"after")).await));
    refused(code(at.backend.put_object(at.refused(), put("new"), body(&bytes(400_000, 1))).await));
    let source = CopySource { key: "key".to_owned(), ..CopySource::default() };
    let copy = CopyObject { key: "new".to_owned(), source: source.clone(), ..CopyObject::default() };
    refused(code(at.backend.copy_object(&at.bucket, at.refused(), copy).await));
    let delete = vec![DeleteEntry { key: "key".to_owned(), ..DeleteEntry::default() }];
    refused(code(at.backend.delete_objects(at.refused(), delete).await));
    let create = CreateMultipartUpload { key: "other".to_owned(), ..CreateMultipartUpload::default() };
    refused(code(at.backend.create_multipart_upload(at.refused(), create).await));
    let second = UploadPart { upload: upload.clone(), number: 2 };
    refused(code(at.backend.upload_part(at.refused(), second, body(b"second")).await));
    let copied = UploadPartCopy { upload: upload.clone(), number: 3, source, range: None };
    refused(code(at.backend.upload_part_copy(&at.bucket, at.refused(), copied).await));
    let complete = CompleteMultipartUpload {
        upload: upload.clone(),
        parts: vec![part.clone()],
        ..CompleteMultipartUpload::default()
    };
    refused(code(at.backend.complete_multipart_upload(at.refused(), complete).await));
    refused(code(at.backend.abort_multipart_upload(at.refused(), upload.clone()).await));

    assert_eq!(at.bytes("key").await.unwrap(), b"before");
    let list = ListObjects { max_keys: 10, ..ListObjects::default() };
    assert_eq!(at.backend.list_objects(&at.bucket, &list).await.unwrap().items.len(), 1);
    let uploads = ListMultipartUploads { max_uploads: 10, ..ListMultipartUploads::default() };
    assert_eq!(at.backend.list_multipart_uploads(&at.bucket, &uploads).await.unwrap().items.len(), 1);
    let parts = ListParts { upload: upload.clone(), after: 0, max_parts: 10 };
    assert_eq!(at.backend.list_parts(&at.bucket, &parts).await.unwrap().parts.len(), 1);
    at.complete(&upload, &[part]).await.unwrap();
}

/// A reference to a deleted bucket whose name another bucket has now: every operation fails, and the other is unchanged.
pub async fn a_bucket_is_found_by_its_id_never_by_its_name(harness: &impl S3BackendHarness) {
    let old = Fixture::new(harness).await;
    let upload = old.begin("upload", None).await;
    assert!(harness.delete_bucket(&old.bucket).await);
    let later = BucketRef { id: new_bucket().id, name: old.bucket.name.clone() };
    harness.create_bucket(&later).await;
    let guard = allowing(&later);
    let write = Write { bucket: &later, guard: &guard };
    old.backend.put_object(write, put("key"), body(b"of the later bucket")).await.unwrap();

    let gone = |result: ErrorCode| assert_eq!(result, ErrorCode::NoSuchBucket);
    let get = || GetObject { key: "key".to_owned(), ..GetObject::default() };
    gone(code(old.get("key").await));
    gone(code(old.backend.head_object(&old.bucket, get()).await));
    gone(code(old.backend.put_object(old.write(), put("key"), body(b"evil")).await));
    gone(code(old.backend.put_object(old.write(), put("key"), body(&bytes(400_000, 1))).await));
    let delete = vec![DeleteEntry { key: "key".to_owned(), ..DeleteEntry::default() }];
    gone(code(old.backend.delete_objects(old.write(), delete).await));
    let source = CopySource { key: "key".to_owned(), ..CopySource::default() };
    let copy = CopyObject { key: "stolen".to_owned(), source, ..CopyObject::default() };
    gone(code(old.backend.copy_object(&old.bucket, write, copy.clone()).await));
    gone(code(old.backend.copy_object(&later, old.write(), copy).await));
    let list = ListObjects { max_keys: 10, ..ListObjects::default() };
    gone(code(old.backend.list_objects(&old.bucket, &list).await));
    let uploads = ListMultipartUploads { max_uploads: 10, ..ListMultipartUploads::default() };
    gone(code(old.backend.list_multipart_uploads(&old.bucket, &uploads).await));
    assert!(old.backend.list_multipart_uploads(&later, &uploads).await.unwrap().items.is_empty());
    gone(code(old.backend.abort_multipart_upload(old.write(), upload).await));
    let (_, stream) = old.backend.get_object(&later, get()).await.unwrap();
    let read: Vec<_> = stream.map(Result::unwrap).collect().await;
    assert_eq!(read.concat(), b"of the later bucket");
}

/// The bucket is deleted, and its name is taken, between the body's first and last byte.
pub async fn a_write_into_a_bucket_that_is_deleted_meanwhile_leaves_nothing(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let later = BucketRef { id: new_bucket().id, name: at.bucket.name.clone() };
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let rest = stream::once(ended.map(|_| Ok(bytes(5, 2).into())));
    let received = stream::iter([Ok(bytes(400_000, 1).into())]).chain(rest);
    let body = VerifiedBody::from_decoded(received, None, None);
    let writing = at.backend.put_object(at.write(), put("key"), body);
    let replacing = async {
        assert!(harness.delete_bucket(&at.bucket).await);
        harness.create_bucket(&later).await;
        end.send(()).unwrap();
    };
    let (written, ()) = futures::future::join(writing, replacing).await;
    assert_eq!(code(written), ErrorCode::NoSuchBucket);
    let list = ListObjects { max_keys: 10, ..ListObjects::default() };
    assert!(at.backend.list_objects(&later, &list).await.unwrap().items.is_empty());
}

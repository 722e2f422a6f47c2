//! How often writes sync blobs. A sync for each of 10,000 parts would take longer than clients wait.

use async_trait::async_trait;
use storage_hub_core::domain::{BucketId, BucketName, BucketRef};
use storage_hub_core::ports::ObjectStore as _;
use storage_hub_s3_backend::testing::verified_body;
use storage_hub_s3_backend::{CommitGuard, Permit, S3Backend as _, Write};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CompletedPart, CopyObject, CopySource, CreateMultipartUpload, UploadPart, UploadRef,
};
use uuid::Uuid;

use super::{EmbeddedS3Backend, MIN_PART};
use crate::object_store::EmbeddedObjectStore;
use crate::store::EmbeddedStore;

/// Permits every write.
struct Always(BucketId);

#[async_trait]
impl CommitGuard for Always {
    async fn permit(&self) -> S3Result<Permit> {
        Ok(Permit::granted(self.0))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_syncs_no_blob_and_a_copy_of_all_parts_syncs_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).await.unwrap();
    let bucket = BucketRef { id: BucketId::new(Uuid::from_u128(1)), name: BucketName::parse("photos").unwrap() };
    EmbeddedObjectStore::new(store.clone()).create_bucket(&bucket).await.unwrap();
    let backend = EmbeddedS3Backend::new(store.clone());
    let guard = Always(bucket.id);
    let write = || Write { bucket: &bucket, guard: &guard };
    let syncs = || store.blobs().syncs_requested();

    let key = "key".to_owned();
    let input = CreateMultipartUpload { key: key.clone(), ..CreateMultipartUpload::default() };
    let upload = UploadRef { key, upload_id: backend.create_multipart_upload(write(), input).await.unwrap() };
    let mut parts = Vec::new();
    let size = usize::try_from(MIN_PART).unwrap();
    for (number, size) in [(1, size), (2, size), (3, 1)] {
        let input = UploadPart { upload: upload.clone(), number };
        let written = backend.upload_part(write(), input, verified_body(vec![0; size], None)).await.unwrap();
        parts.push(CompletedPart { number, etag: written.etag, checksum: None });
    }
    assert_eq!(syncs(), 3);
    let input = CompleteMultipartUpload { upload, parts, ..CompleteMultipartUpload::default() };
    backend.complete_multipart_upload(write(), input).await.unwrap();
    assert_eq!(syncs(), 3);

    let source = CopySource { bucket: "photos".to_owned(), key: "key".to_owned(), ..CopySource::default() };
    let input = CopyObject { key: "copy".to_owned(), source, ..CopyObject::default() };
    backend.copy_object(&bucket, write(), input).await.unwrap();
    assert_eq!(syncs(), 4);
}

#[tokio::test]
async fn ten_thousand_blobs_get_their_second_names_with_one_sync() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).await.unwrap();
    let mut writer = crate::blobs::BlobWriter::begin(store.blobs(), 1);
    writer.write(vec!["x".into()]).await.unwrap();
    let stored = writer.finish().await.unwrap();
    let blob = stored.keep().unwrap();
    let before = store.blobs().syncs_requested();
    let linked = store.blobs().link(vec![blob; 10_000]).await.unwrap();
    assert_eq!(linked.keep().len(), 10_000);
    assert_eq!(store.blobs().syncs_requested() - before, 1);
}

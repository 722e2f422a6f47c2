use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::TryStreamExt as _;
use storage_hub_core::domain::{BucketId, BucketName, BucketRef};
use storage_hub_s3_backend::{CommitGuard, Permit, S3Backend, Write};
use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, ChecksumKind};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CompletedPart, CreateMultipartUpload, GetObject, PutObject, UploadPart, UploadRef,
};
use storage_hub_s3_protocol::types::{EtagCondition, ObjectHead, Written};
use uuid::Uuid;

use super::S3BackendHarness;
use super::bodies::{body, body_with};

/// A bucket, and what a test does with it.
pub(super) struct Fixture<'a> {
    pub(super) backend: &'a dyn S3Backend,
    pub(super) bucket: BucketRef,
    guard: Allowing,
}

/// A guard that permits writes to a bucket, and counts them.
pub(super) struct Allowing {
    bucket: BucketId,
    pub(super) asked: AtomicUsize,
}

/// A guard that permits nothing.
pub(super) struct Refusing;

#[async_trait]
impl CommitGuard for Allowing {
    async fn permit(&self) -> S3Result<Permit> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(Permit::granted(self.bucket))
    }
}

#[async_trait]
impl CommitGuard for Refusing {
    async fn permit(&self) -> S3Result<Permit> {
        Err(ErrorCode::AccessDenied.into())
    }
}

/// A reference to a bucket that does not exist.
pub(super) fn new_bucket() -> BucketRef {
    let id = Uuid::new_v4();
    BucketRef { id: BucketId::new(id), name: BucketName::parse(&format!("contract-{}", id.simple())).unwrap() }
}

pub(super) fn allowing(bucket: &BucketRef) -> Allowing {
    Allowing { bucket: bucket.id, asked: AtomicUsize::new(0) }
}

/// The code of an error.
#[track_caller]
pub(super) fn code<T>(result: S3Result<T>) -> ErrorCode {
    match result {
        Ok(_) => ErrorCode::NotImplemented,
        Err(error) => error.code(),
    }
}

pub(super) fn etags(named: &[&str]) -> Option<EtagCondition> {
    Some(EtagCondition::List(named.iter().map(|&etag| etag.to_owned()).collect()))
}

pub(super) fn upload_ref(key: &str, upload_id: &str) -> UploadRef {
    UploadRef { key: key.to_owned(), upload_id: upload_id.to_owned() }
}

impl<'a> Fixture<'a> {
    /// A new bucket.
    pub(super) async fn new(harness: &'a dyn S3BackendHarness) -> Self {
        let bucket = new_bucket();
        harness.create_bucket(&bucket).await;
        Self { backend: harness.backend(), guard: allowing(&bucket), bucket }
    }

    pub(super) fn write(&self) -> Write<'_> {
        Write { bucket: &self.bucket, guard: &self.guard }
    }

    pub(super) fn refused(&self) -> Write<'_> {
        Write { bucket: &self.bucket, guard: &Refusing }
    }

    pub(super) fn min_part(&self) -> usize {
        usize::try_from(self.backend.capabilities().min_part_bytes).unwrap()
    }

    pub(super) async fn put(&self, key: &str, bytes: &[u8]) -> Written {
        self.put_with(PutObject { key: key.to_owned(), ..PutObject::default() }, bytes).await.unwrap()
    }

    pub(super) async fn put_with(&self, input: PutObject, bytes: &[u8]) -> S3Result<Written> {
        self.backend.put_object(self.write(), input, body(bytes)).await
    }

    pub(super) async fn get(&self, key: &str) -> S3Result<(ObjectHead, Vec<u8>)> {
        self.get_with(GetObject { key: key.to_owned(), ..GetObject::default() }).await
    }

    pub(super) async fn get_with(&self, input: GetObject) -> S3Result<(ObjectHead, Vec<u8>)> {
        let (head, stream) = self.backend.get_object(&self.bucket, input).await?;
        let chunks: Vec<_> = stream.try_collect().await?;
        Ok((head, chunks.concat()))
    }

    /// The bytes of a key; `None` if there are none.
    pub(super) async fn bytes(&self, key: &str) -> Option<Vec<u8>> {
        match self.get(key).await {
            Ok((_, bytes)) => Some(bytes),
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::NoSuchKey);
                None
            }
        }
    }

    pub(super) async fn begin(&self, key: &str, checksum: Option<(ChecksumAlgorithm, ChecksumKind)>) -> UploadRef {
        let input = CreateMultipartUpload { key: key.to_owned(), checksum, ..CreateMultipartUpload::default() };
        upload_ref(key, &self.backend.create_multipart_upload(self.write(), input).await.unwrap())
    }

    pub(super) async fn part(&self, upload: &UploadRef, number: u32, bytes: &[u8]) -> CompletedPart {
        self.part_with(upload, number, bytes, None).await
    }

    pub(super) async fn part_with(
        &self,
        upload: &UploadRef,
        number: u32,
        bytes: &[u8],
        algorithm: Option<ChecksumAlgorithm>,
    ) -> CompletedPart {
        let input = UploadPart { upload: upload.clone(), number };
        let written = self.backend.upload_part(self.write(), input, body_with(bytes, algorithm)).await.unwrap();
        CompletedPart { number, etag: written.etag, checksum: written.checksum }
    }

    pub(super) async fn complete(&self, upload: &UploadRef, parts: &[CompletedPart]) -> S3Result<Written> {
        let input = CompleteMultipartUpload {
            upload: upload.clone(),
            parts: parts.to_vec(),
            ..CompleteMultipartUpload::default()
        };
        self.backend.complete_multipart_upload(self.write(), input).await
    }

    /// An object of two parts.
    pub(super) async fn put_in_parts(
        &self,
        key: &str,
        parts: [&[u8]; 2],
        checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
    ) -> Written {
        let upload = self.begin(key, checksum).await;
        let first = self.part(&upload, 1, parts[0]).await;
        let second = self.part(&upload, 2, parts[1]).await;
        self.complete(&upload, &[first, second]).await.unwrap()
    }
}

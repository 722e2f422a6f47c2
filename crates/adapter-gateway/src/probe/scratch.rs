use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderName, HeaderValue, Method};
use sha2::{Digest as _, Sha256};
use storage_hub_core::ports::StoreError;
use storage_hub_s3_client::{Answer, Body, ClientError, Request, S3Client};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CompletedPart, CreateMultipartUpload, DeleteEntry, ListMultipartUploads,
    ListObjectVersions, ListObjects, Operation, UploadPart, UploadRef,
};
use storage_hub_s3_protocol::response::{
    parse_create_multipart_upload, parse_list_multipart_uploads, parse_list_object_versions, parse_list_objects,
    parse_put_object,
};

use crate::bucket_prefix::BucketPrefix;
use crate::error::store_success;

/// How often the versions of the bucket are listed and deleted, at most.
const ROUNDS: usize = 5;

/// A bucket that a probe works in.
pub(super) struct Scratch<'a> {
    client: &'a S3Client,
    bucket: String,
}

impl<'a> Scratch<'a> {
    pub(super) async fn create(client: &'a S3Client, prefix: &BucketPrefix) -> Result<Self, StoreError> {
        let bucket = prefix.scratch();
        store_success(client.send(Request::new(Method::PUT, Some(&bucket), None)).await)?;
        Ok(Self { client, bucket })
    }

    pub(super) fn bucket(&self) -> &str {
        &self.bucket
    }

    pub(super) fn client(&self) -> &S3Client {
        self.client
    }

    /// Sends an operation, with the digest of its document.
    pub(super) async fn call(&self, operation: &Operation, key: Option<&str>) -> Result<Answer, ClientError> {
        let template = S3Client::template(operation, Some(&self.bucket))?;
        let mut request = Request::of(template, Some(&self.bucket), key);
        if let Operation::CopyObject(input) = operation {
            request.copy_source = Some((&input.source.bucket, &input.source.key));
        }
        if let Body::Bytes(document) = &request.body
            && !document.is_empty()
            && let Ok(digest) = HeaderValue::from_str(&BASE64.encode(Sha256::digest(document)))
        {
            request.headers.insert(HeaderName::from_static("x-amz-checksum-sha256"), digest);
        }
        self.client.send(request).await
    }

    /// Whether an operation succeeds.
    pub(super) async fn works(&self, operation: &Operation, key: Option<&str>) -> bool {
        self.call(operation, key).await.is_ok_and(|answer| answer.is_success())
    }

    /// Writes an object and returns its ETag.
    pub(super) async fn put(&self, key: &str, body: &[u8]) -> Result<String, StoreError> {
        let request = Request::new(Method::PUT, Some(&self.bucket), Some(key)).with_body(body.to_vec());
        let answer = store_success(self.client.send(request).await)?;
        Ok(parse_put_object(&answer.headers).etag)
    }

    /// The bytes of an object; `None` if it cannot be read.
    pub(super) async fn read(&self, key: &str) -> Option<Vec<u8>> {
        let answer = self.client.send(Request::new(Method::GET, Some(&self.bucket), Some(key))).await.ok()?;
        answer.is_success().then(|| answer.body.into())
    }

    /// Begins an upload with one part.
    pub(super) async fn begin_upload(&self, key: &str, body: &'static [u8]) -> Option<(UploadRef, CompletedPart)> {
        let create = CreateMultipartUpload { key: key.to_owned(), ..CreateMultipartUpload::default() };
        let answer = self.call(&Operation::CreateMultipartUpload(create), Some(key)).await.ok()?;
        let upload_id = parse_create_multipart_upload(&answer.body).ok()?;
        let upload = UploadRef { key: key.to_owned(), upload_id };
        let part = Operation::UploadPart(UploadPart { upload: upload.clone(), number: 1 });
        let template = S3Client::template(&part, Some(&self.bucket)).ok()?;
        let request = Request::of(template, Some(&self.bucket), Some(key)).with_body(body);
        let answer = self.client.send(request).await.ok().filter(Answer::is_success)?;
        let etag = parse_put_object(&answer.headers).etag;
        Some((upload, CompletedPart { number: 1, etag, checksum: None }))
    }

    pub(super) async fn complete(&self, input: CompleteMultipartUpload) -> Option<Answer> {
        let key = input.upload.key.clone();
        // Its checksum headers are about the object, so that no digest of the document is sent.
        let operation = Operation::CompleteMultipartUpload(input);
        let template = S3Client::template(&operation, Some(&self.bucket)).ok()?;
        self.client.send(Request::of(template, Some(&self.bucket), Some(&key))).await.ok()
    }

    /// Deletes everything in the bucket, and the bucket.
    pub(super) async fn remove(&self) -> Result<(), StoreError> {
        let list = ListMultipartUploads { max_uploads: 1000, encode_urls: true, ..ListMultipartUploads::default() };
        if let Ok(answer) = self.call(&Operation::ListMultipartUploads(list), None).await {
            for upload in parse_list_multipart_uploads(&answer.body).map(|listed| listed.page.items).unwrap_or_default()
            {
                let key = upload.key.clone();
                let abort = UploadRef { key: upload.key, upload_id: upload.upload_id };
                let _ = self.call(&Operation::AbortMultipartUpload(abort), Some(&key)).await;
            }
        }
        // Not every version is listed while there are later ones below its key.
        for _ in 0..ROUNDS {
            if !self.remove_versions().await {
                break;
            }
        }
        let objects = ListObjects { v2: true, max_keys: 1000, encode_urls: true, ..ListObjects::default() };
        let answer = store_success(self.call(&Operation::ListObjects(objects), None).await)?;
        for object in parse_list_objects(&answer.body).map(|listed| listed.page.items).unwrap_or_default() {
            self.delete(&object.key, None).await;
        }
        store_success(self.client.send(Request::new(Method::DELETE, Some(&self.bucket), None)).await).map(drop)
    }

    /// Deletes the versions that are listed, and returns whether there were any.
    async fn remove_versions(&self) -> bool {
        let versions = ListObjectVersions { max_keys: 1000, encode_urls: true, ..ListObjectVersions::default() };
        let Ok(answer) = self.call(&Operation::ListObjectVersions(versions), None).await else { return false };
        let listed = parse_list_object_versions(&answer.body).map(|listed| listed.page.items).unwrap_or_default();
        let any = !listed.is_empty();
        for version in listed {
            self.delete(&version.object.key, Some(version.version_id)).await;
        }
        any
    }

    async fn delete(&self, key: &str, version_id: Option<String>) {
        let entry = DeleteEntry { key: key.to_owned(), version_id, bypass_governance: true, ..DeleteEntry::default() };
        let _ = self.call(&Operation::DeleteObject(entry), Some(key)).await;
    }
}

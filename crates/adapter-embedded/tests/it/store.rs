//! A store in a folder of its own, used as the endpoint uses it.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use futures::{TryStreamExt as _, stream};
use storage_hub_adapter_embedded::{EmbeddedObjectStore, EmbeddedS3Backend, EmbeddedStore};
use storage_hub_core::domain::{BucketId, BucketName, BucketRef};
use storage_hub_core::ports::ObjectStore as _;
use storage_hub_s3_backend::{BucketSetting, CommitGuard, ObjectSetting, Permit, S3Backend as _, VerifiedBody, Write};
use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, ChecksumKind};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CompletedPart, CopyObject, CopySource, CreateMultipartUpload, DeleteEntry, GetObject,
    ListMultipartUploads, ListObjectVersions, ListObjects, ObjectVersionRef, PutObject, UploadPart, UploadRef,
};
use storage_hub_s3_protocol::response::Deleted;
use storage_hub_s3_protocol::types::{ListedVersion, Written};
use tempfile::TempDir;
use uuid::Uuid;

/// A store with the bucket `photos`.
pub(crate) struct Store {
    pub(crate) embedded: EmbeddedStore,
    pub(crate) objects: EmbeddedObjectStore,
    pub(crate) backend: EmbeddedS3Backend,
    pub(crate) bucket: BucketRef,
    folder: Arc<TempDir>,
}

/// Permits every write to a bucket.
struct Allowing(BucketId);

#[async_trait]
impl CommitGuard for Allowing {
    async fn permit(&self) -> S3Result<Permit> {
        Ok(Permit::granted(self.0))
    }
}

impl Store {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let embedded = EmbeddedStore::open(folder.path()).await.unwrap();
        embedded.recover().await;
        let objects = EmbeddedObjectStore::new(embedded.clone());
        let bucket = at("photos");
        objects.create_bucket(&bucket).await.unwrap();
        Self { backend: EmbeddedS3Backend::new(embedded.clone()), embedded, objects, bucket, folder: Arc::new(folder) }
    }

    /// The same store, with another bucket as the one that is used.
    pub(crate) fn in_bucket(&self, bucket: &BucketRef) -> Self {
        Self {
            embedded: self.embedded.clone(),
            objects: self.objects.clone(),
            backend: self.backend.clone(),
            bucket: bucket.clone(),
            folder: Arc::clone(&self.folder),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Closes the store; the folder stays.
    pub(crate) fn close(self) -> TempDir {
        Arc::into_inner(self.folder).unwrap()
    }

    /// Waits until the deletions of blobs have left this many files.
    pub(crate) async fn until_blob_files(&self, count: usize) {
        until_blob_files(self.folder(), count).await;
    }

    pub(crate) async fn put(&self, key: &str, bytes: &[u8]) -> Written {
        self.put_with(PutObject { key: key.to_owned(), ..PutObject::default() }, bytes, None).await
    }

    pub(crate) async fn put_with(
        &self,
        input: PutObject,
        bytes: &[u8],
        algorithm: Option<ChecksumAlgorithm>,
    ) -> Written {
        self.put_body(input, body(bytes, algorithm)).await.unwrap()
    }

    pub(crate) async fn put_body(&self, input: PutObject, body: VerifiedBody) -> S3Result<Written> {
        let guard = Allowing(self.bucket.id);
        self.backend.put_object(self.write(&guard), input, body).await
    }

    pub(crate) async fn get(&self, key: &str) -> S3Result<Vec<u8>> {
        let input = GetObject { key: key.to_owned(), ..GetObject::default() };
        let (_, stream) = self.backend.get_object(&self.bucket, input).await?;
        let chunks: Vec<_> = stream.try_collect().await?;
        Ok(chunks.concat())
    }

    pub(crate) async fn copy(&self, from: &str, to: &str, algorithm: Option<ChecksumAlgorithm>) {
        let source = CopySource { key: from.to_owned(), ..CopySource::default() };
        let input = CopyObject { key: to.to_owned(), source, checksum_algorithm: algorithm, ..CopyObject::default() };
        let guard = Allowing(self.bucket.id);
        self.backend.copy_object(&self.bucket, self.write(&guard), input).await.unwrap();
    }

    pub(crate) async fn delete(&self, keys: &[&str]) {
        let entries = keys.iter().map(|&key| DeleteEntry { key: key.to_owned(), ..DeleteEntry::default() });
        let guard = Allowing(self.bucket.id);
        for result in self.backend.delete_objects(self.write(&guard), entries.collect()).await.unwrap() {
            result.unwrap();
        }
    }

    pub(crate) async fn begin(&self, key: &str, checksum: Option<(ChecksumAlgorithm, ChecksumKind)>) -> UploadRef {
        let input = CreateMultipartUpload { key: key.to_owned(), checksum, ..CreateMultipartUpload::default() };
        let guard = Allowing(self.bucket.id);
        let upload_id = self.backend.create_multipart_upload(self.write(&guard), input).await.unwrap();
        UploadRef { key: key.to_owned(), upload_id }
    }

    pub(crate) async fn part(&self, upload: &UploadRef, number: u32, bytes: &[u8]) -> CompletedPart {
        let input = UploadPart { upload: upload.clone(), number };
        let guard = Allowing(self.bucket.id);
        let written = self.backend.upload_part(self.write(&guard), input, body(bytes, None)).await.unwrap();
        CompletedPart { number, etag: written.etag, checksum: None }
    }

    pub(crate) async fn complete(&self, upload: UploadRef, parts: Vec<CompletedPart>) -> Written {
        let input = CompleteMultipartUpload { upload, parts, ..CompleteMultipartUpload::default() };
        let guard = Allowing(self.bucket.id);
        self.backend.complete_multipart_upload(self.write(&guard), input).await.unwrap()
    }

    pub(crate) async fn abort(&self, upload: UploadRef) {
        let guard = Allowing(self.bucket.id);
        self.backend.abort_multipart_upload(self.write(&guard), upload).await.unwrap();
    }

    /// The keys of all objects.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let input = ListObjects { max_keys: 1000, ..ListObjects::default() };
        let page = self.backend.list_objects(&self.bucket, &input).await.unwrap();
        page.items.into_iter().map(|item| item.key).collect()
    }

    /// The keys of all unfinished uploads.
    pub(crate) async fn uploads(&self) -> Vec<String> {
        let input = ListMultipartUploads { max_uploads: 1000, ..ListMultipartUploads::default() };
        let page = self.backend.list_multipart_uploads(&self.bucket, &input).await.unwrap();
        page.items.into_iter().map(|item| item.key).collect()
    }

    /// All versions and delete markers.
    pub(crate) async fn versions(&self) -> Vec<ListedVersion> {
        let input = ListObjectVersions { max_keys: 1000, ..ListObjectVersions::default() };
        self.backend.list_object_versions(&self.bucket, &input).await.unwrap().items
    }

    pub(crate) async fn set(&self, setting: BucketSetting) -> S3Result<()> {
        let guard = Allowing(self.bucket.id);
        self.backend.put_bucket_setting(self.write(&guard), setting).await
    }

    /// Sets a setting of a version.
    pub(crate) async fn set_of(&self, key: &str, version: &str, setting: ObjectSetting) -> S3Result<Option<String>> {
        let guard = Allowing(self.bucket.id);
        let at = ObjectVersionRef { key: key.to_owned(), version_id: Some(version.to_owned()) };
        self.backend.put_object_setting(self.write(&guard), at, setting, false).await
    }

    pub(crate) async fn delete_entry(&self, entry: DeleteEntry) -> S3Result<Deleted> {
        let guard = Allowing(self.bucket.id);
        self.backend.delete_objects(self.write(&guard), vec![entry]).await.unwrap().remove(0)
    }

    /// Deletes a version.
    pub(crate) async fn delete_version(&self, key: &str, version: &str) -> S3Result<Deleted> {
        let version_id = Some(version.to_owned());
        self.delete_entry(DeleteEntry { key: key.to_owned(), version_id, ..DeleteEntry::default() }).await
    }

    /// Compares the counters of the bucket with its lists.
    pub(crate) async fn assert_usage(&self) {
        let versions = self.versions().await;
        let (markers, objects): (Vec<_>, Vec<_>) = versions.iter().partition(|version| version.is_delete_marker);
        let bytes = |latest: bool| -> u64 {
            objects.iter().filter(|version| version.is_latest || !latest).map(|version| version.object.size).sum()
        };
        let usage = self.embedded.usage(self.bucket.id).await.unwrap();
        let current = objects.iter().filter(|version| version.is_latest).count() as u64;
        assert_eq!((usage.objects, usage.bytes), (current, bytes(true)));
        assert_eq!((usage.versions, usage.version_bytes), (objects.len() as u64, bytes(false)));
        assert_eq!(usage.delete_markers, markers.len() as u64);
        assert_eq!(usage.uploads, self.uploads().await.len() as u64);
    }

    fn write<'a>(&'a self, guard: &'a Allowing) -> Write<'a> {
        Write { bucket: &self.bucket, guard }
    }
}

/// A body of these bytes.
fn body(bytes: &[u8], algorithm: Option<ChecksumAlgorithm>) -> VerifiedBody {
    let pieces = stream::iter([Ok(bytes.to_vec().into())]);
    VerifiedBody::from_decoded(pieces, Some(bytes.len() as u64), algorithm)
}

/// Bytes that are too many for the index.
pub(crate) fn large(text: &str) -> Vec<u8> {
    text.repeat(20_000 / text.len() + 1).into_bytes()
}

/// Waits until the deletions of blobs have left this many files.
pub(crate) async fn until_blob_files(folder: &Path, count: usize) {
    while blob_files(folder).len() != count {
        tokio::task::yield_now().await;
    }
}

/// All files of blobs in a folder: being written, committed and released.
pub(crate) fn blob_files(folder: &Path) -> Vec<String> {
    let names = |folder: &Path| -> Vec<_> { std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect() };
    let aside = ["incoming", "released"].into_iter().flat_map(|aside| names(&folder.join(aside)));
    let mut files: Vec<_> = aside.map(|entry| entry.path()).collect();
    for shard in names(&folder.join("blobs")) {
        files.extend(names(&shard.path()).iter().map(|entry| entry.path()));
    }
    files.into_iter().map(|path| path.display().to_string()).collect()
}

/// The file of the blob with these bytes.
pub(crate) fn blob_of(folder: &Path, bytes: impl AsRef<[u8]>) -> String {
    // Another file may be deleted meanwhile.
    let is = |path: &String| std::fs::read(path).is_ok_and(|read| read == bytes.as_ref());
    blob_files(folder).into_iter().find(is).unwrap()
}

/// The bucket of this name, whose id follows from it.
pub(crate) fn at(text: &str) -> BucketRef {
    let number = text.bytes().fold(0, |number, byte| number << 8 | u128::from(byte));
    BucketRef { id: BucketId::new(Uuid::from_u128(number)), name: BucketName::parse(text).unwrap() }
}

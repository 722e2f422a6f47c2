use std::io;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use storage_hub_core::domain::{BucketRef, ObjectKey, ObjectVersion};
use storage_hub_core::policy::PolicyDocument;
use storage_hub_core::ports::{BucketPresence, ObjectStore, StoreError, StoreLimits, VersionOutcome};
use storage_hub_s3_protocol::checksum::Hasher;
use storage_hub_s3_protocol::types::WriteConditions;

use crate::blobs::BlobWriter;
use crate::index::IndexError;
use crate::index::buckets::{self, BucketRow};
use crate::index::objects::{Found, VersionAt};
use crate::index::versions::{self, VersionToDelete};
use crate::object::{Description, Extras, NewContent, NewObject};
use crate::store::{EmbeddedStore, ObjectError, now};

/// Maximum length of a key in S3, in bytes.
pub(crate) const MAX_KEY_BYTES: usize = ObjectKey::MAX_BYTES;

/// The embedded store behind the hub's own port.
#[derive(Clone)]
pub struct EmbeddedObjectStore(EmbeddedStore);

impl EmbeddedObjectStore {
    /// Wraps a store.
    #[must_use]
    pub const fn new(store: EmbeddedStore) -> Self {
        Self(store)
    }
}

#[async_trait]
impl ObjectStore for EmbeddedObjectStore {
    fn limits(&self) -> StoreLimits {
        StoreLimits {
            max_key_bytes: MAX_KEY_BYTES,
            max_key_segment_bytes: None,
            takes_empty_segments: true,
            takes_dot_segments: true,
            takes_backslashes: true,
            takes_keys_below_keys: true,
            tells_buckets_by_id: true,
            keeps_versions: true,
            writes_conditionally: true,
            keeps_tags: true,
            locks_objects: true,
            expires_objects: true,
        }
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let read = self.0.index().read(|connection| buckets::find_id(connection, "ping")).await;
        read.map(|_| ()).map_err(index_error)
    }

    async fn find_bucket(&self, bucket: &BucketRef) -> Result<BucketPresence, StoreError> {
        let name = bucket.name.to_string();
        let found = self.0.index().read(move |connection| buckets::find_id(connection, &name)).await;
        Ok(if found.map_err(index_error)?.is_some() { BucketPresence::Present } else { BucketPresence::Absent })
    }

    async fn create_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        let bucket = bucket.clone();
        self.0.index().write(move |connection| buckets::insert(connection, &bucket, now())).await.map_err(index_error)
    }

    async fn delete_bucket(&self, bucket: &BucketRef) -> Result<(), StoreError> {
        self.0.delete_bucket(bucket.id).await.map_err(object_error)
    }

    async fn list_buckets(&self) -> Result<Vec<String>, StoreError> {
        self.0.index().read(buckets::list).await.map_err(index_error)
    }

    async fn put_bucket_policy(&self, bucket: &BucketRef, policy: &PolicyDocument) -> Result<(), StoreError> {
        let (bucket, policy) = (bucket.id, policy.to_string());
        let written = self.0.index().write(move |connection| buckets::set_policy(connection, bucket, &policy)).await;
        written.map_err(index_error)
    }

    async fn find_bucket_policy(&self, bucket: &BucketRef) -> Result<Option<PolicyDocument>, StoreError> {
        let bucket = bucket.id;
        let find = move |connection: &mut _| {
            let bucket = BucketRow::of(connection, bucket)?;
            buckets::find_policy(connection, &bucket)
        };
        let found = self.0.index().read(find).await;
        let Some(text) = found.map_err(index_error)? else { return Ok(None) };
        let json = serde_json::from_str(&text).map_err(|error| StoreError::Unexpected(error.into()))?;
        Ok(Some(PolicyDocument::new(json)))
    }

    async fn put_object(&self, bucket: &BucketRef, key: &str, body: Vec<u8>) -> Result<(), StoreError> {
        if key.is_empty() || key.len() > MAX_KEY_BYTES {
            return Err(StoreError::Refused(format!("key must be 1 to {MAX_KEY_BYTES} bytes long, got {}", key.len())));
        }
        let mut hasher = Hasher::new(None);
        hasher.update(&body);
        // Always a blob: through this port the hub tries whether its store can write, and tests look for the file.
        let mut writer = BlobWriter::begin(self.0.blobs(), body.len() as u64);
        writer.write(vec![body.into()]).await.map_err(blob_error)?;
        let stored = writer.finish().await.map_err(blob_error)?;
        let Some(blob) = stored.keep() else { return Err(StoreError::Unexpected("a blob has no name".into())) };
        let new = NewObject {
            key: key.to_owned(),
            description: Description::default(),
            size: hasher.length(),
            etag: hasher.finish().etag(),
            checksum: None,
            content: NewContent::Whole(blob.clone()),
            extras: Extras::default(),
        };
        let bucket = bucket.id;
        let put = move |connection: &mut _| {
            let bucket = BucketRow::of(connection, bucket)?;
            let put = versions::put(connection, &bucket, &new, &WriteConditions::default(), now())?;
            Ok(((), put.released))
        };
        self.0.commit(vec![blob], put).await.map_err(object_error)
    }

    async fn get_object(&self, bucket: &BucketRef, key: &str) -> Result<Vec<u8>, StoreError> {
        loop {
            let found = self.0.find_in(bucket.id, VersionAt::current(key)).await.map_err(index_error)?;
            let Found::Object(object) = found else { return Err(StoreError::NotFound) };
            let Some(mut stream) = self.0.read(&object, 0..object.size).await.map_err(object_error)? else { continue };
            let mut body = Vec::new();
            while let Some(chunk) = stream.next().await {
                body.extend_from_slice(&chunk.map_err(StoreError::Unexpected)?);
            }
            return Ok(body);
        }
    }

    async fn delete_object(&self, bucket: &BucketRef, key: &str) -> Result<(), StoreError> {
        let (bucket, key) = (bucket.id, key.to_owned());
        let delete = move |connection: &mut _| {
            let bucket = BucketRow::of(connection, bucket)?;
            let removed = versions::delete_current(connection, &bucket, &key, &WriteConditions::default(), now())?;
            Ok(((), removed.released))
        };
        self.0.commit(Vec::new(), delete).await.map_err(object_error)
    }

    async fn delete_versions(
        &self,
        bucket: &BucketRef,
        versions: &[ObjectVersion],
    ) -> Result<Vec<VersionOutcome>, StoreError> {
        let (bucket, versions) = (bucket.id, versions.to_vec());
        let delete = move |connection: &mut _| {
            let bucket = BucketRow::of(connection, bucket)?;
            let (mut outcomes, mut released, conditions) = (Vec::new(), Vec::new(), WriteConditions::default());
            for version in &versions {
                let at = VersionToDelete {
                    key: version.key.as_str(),
                    version: version.version_id.as_str(),
                    conditions: &conditions,
                    bypass_governance: false,
                };
                match versions::delete_version(connection, &bucket, at, now()) {
                    Ok(removed) => {
                        released.extend(removed.released);
                        outcomes.push(VersionOutcome::Deleted);
                    }
                    // Without conditions, only object lock refuses.
                    Err(IndexError::Refused(_)) => outcomes.push(VersionOutcome::Protected),
                    Err(error) => return Err(error),
                }
            }
            Ok((outcomes, released))
        };
        self.0.commit(Vec::new(), delete).await.map_err(object_error)
    }

    /// Writes are bound to the bucket's row in the index, whose id is never used again.
    async fn name_reservation(&self) -> Result<Duration, StoreError> {
        Ok(Duration::ZERO)
    }
}

fn object_error(error: ObjectError) -> StoreError {
    match error {
        ObjectError::Index(error) => index_error(error),
        ObjectError::Blobs(error) => blob_error(error),
        error @ ObjectError::Beside => StoreError::Refused(error.to_string()),
    }
}

fn blob_error(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Unavailable(error.into()),
        _ => StoreError::Unexpected(error.into()),
    }
}

fn index_error(error: IndexError) -> StoreError {
    match error {
        IndexError::NoSuchBucket | IndexError::NoSuchKey | IndexError::NoSuchVersion | IndexError::NoSuchUpload => {
            StoreError::NotFound
        }
        IndexError::BucketExists => StoreError::AlreadyOwned,
        IndexError::BucketNotEmpty => StoreError::NotEmpty,
        error @ IndexError::Refused(_) => StoreError::Refused(error.to_string()),
        error @ (IndexError::Full(_) | IndexError::Unavailable(_) | IndexError::Disk(_)) => {
            StoreError::Unavailable(error.into())
        }
        error @ IndexError::Failed(_) => StoreError::Unexpected(error.into()),
    }
}

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use storage_hub_core::domain::{BucketId, BucketName, BucketRef};
use storage_hub_s3_protocol::checksum::{Checksum, ChecksumAlgorithm, ChecksumKind};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::lifecycle::LifecycleConfiguration;
use storage_hub_s3_protocol::object_lock::{ObjectLock, ObjectLockConfiguration};
use storage_hub_s3_protocol::operation::UploadRef;
use storage_hub_s3_protocol::tags::Tags;
use storage_hub_s3_protocol::types::{Description, Millis, ObjectHead, Written};
use storage_hub_s3_protocol::versioning::VersioningState;

use crate::{Permit, Selection};

/// Everything that the backend holds.
#[derive(Default)]
pub(super) struct State {
    buckets: HashMap<BucketId, BucketContent>,
    uploads_started: u64,
}

pub(super) struct BucketContent {
    pub(super) name: BucketName,
    pub(super) settings: Settings,
    /// By key, the newest first. No key is without versions.
    pub(super) versions: BTreeMap<String, Vec<Version>>,
    pub(super) versions_written: u64,
    /// By key and id. Ids are in the order in which the uploads were started.
    pub(super) uploads: BTreeMap<(String, String), Upload>,
    /// By the id of the upload.
    pub(super) completed: HashMap<String, CompletedUpload>,
}

/// The settings of a bucket.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) versioning: Option<VersioningState>,
    pub(super) tags: Option<Tags>,
    pub(super) lifecycle: Option<LifecycleConfiguration>,
    pub(super) object_lock: Option<ObjectLockConfiguration>,
}

pub(super) struct Version {
    pub(super) id: String,
    pub(super) written_at: Millis,
    /// `None`: a delete marker.
    pub(super) object: Option<StoredObject>,
}

#[derive(Clone)]
pub(super) struct StoredObject {
    pub(super) description: Description,
    pub(super) tags: Tags,
    pub(super) lock: ObjectLock,
    pub(super) bytes: Bytes,
    pub(super) etag: String,
    pub(super) modified_at: Millis,
    pub(super) checksum: Option<Checksum>,
    /// Set for a multipart object.
    pub(super) parts: Option<Vec<ObjectPart>>,
}

#[derive(Clone)]
pub(super) struct ObjectPart {
    pub(super) size: u64,
    pub(super) checksum: Option<Checksum>,
}

pub(super) struct Upload {
    pub(super) description: Description,
    pub(super) tags: Tags,
    pub(super) lock: ObjectLock,
    pub(super) checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
    pub(super) initiated_at: Millis,
    pub(super) parts: BTreeMap<u32, UploadedPart>,
}

#[derive(Clone)]
pub(super) struct UploadedPart {
    pub(super) bytes: Bytes,
    pub(super) etag: String,
    pub(super) modified_at: Millis,
    pub(super) checksum: Option<Checksum>,
}

/// What a repeated completion is answered with.
pub(super) struct CompletedUpload {
    pub(super) key: String,
    /// The fingerprint of the parts that the completion named.
    pub(super) parts: String,
    pub(super) written: Written,
    pub(super) completed_at: Millis,
}

impl State {
    pub(super) fn bucket(&self, bucket: &BucketRef) -> S3Result<&BucketContent> {
        self.buckets.get(&bucket.id).ok_or_else(|| ErrorCode::NoSuchBucket.into())
    }

    /// The bucket that a write was permitted for.
    pub(super) fn permitted(&mut self, permit: &Permit) -> S3Result<&mut BucketContent> {
        self.buckets.get_mut(&permit.bucket()).ok_or_else(|| ErrorCode::NoSuchBucket.into())
    }

    pub(super) fn has_bucket_named(&self, name: &BucketName) -> bool {
        self.buckets.values().any(|bucket| bucket.name == *name)
    }

    pub(super) fn bucket_names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.buckets.values().map(|bucket| bucket.name.to_string()).collect();
        names.sort();
        names
    }

    /// Creates a bucket unless its id or name is in use. Returns whether it did.
    pub(super) fn create_bucket(&mut self, bucket: &BucketRef) -> bool {
        if self.buckets.contains_key(&bucket.id) || self.has_bucket_named(&bucket.name) {
            return false;
        }
        let content = BucketContent {
            name: bucket.name.clone(),
            settings: Settings::default(),
            versions: BTreeMap::new(),
            versions_written: 0,
            uploads: BTreeMap::new(),
            completed: HashMap::new(),
        };
        self.buckets.insert(bucket.id, content);
        true
    }

    /// Deletes a bucket without versions, and its unfinished uploads.
    pub(super) fn delete_bucket(&mut self, bucket: &BucketRef) -> S3Result<()> {
        if !self.bucket(bucket)?.versions.is_empty() {
            return Err(ErrorCode::BucketNotEmpty.into());
        }
        self.buckets.remove(&bucket.id);
        Ok(())
    }

    /// An id that is greater than those of all earlier uploads.
    pub(super) fn next_upload_id(&mut self) -> String {
        self.uploads_started += 1;
        format!("{:032x}", self.uploads_started)
    }
}

impl BucketContent {
    pub(super) fn upload(&self, upload: &UploadRef) -> S3Result<&Upload> {
        self.uploads.get(&place(upload)).ok_or_else(no_such_upload)
    }

    pub(super) fn upload_mut(&mut self, upload: &UploadRef) -> S3Result<&mut Upload> {
        self.uploads.get_mut(&place(upload)).ok_or_else(no_such_upload)
    }

    pub(super) fn take_upload(&mut self, upload: &UploadRef) -> S3Result<Upload> {
        self.uploads.remove(&place(upload)).ok_or_else(no_such_upload)
    }
}

impl StoredObject {
    pub(super) fn size(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn part_sizes(&self) -> Option<Vec<u64>> {
        self.parts.as_ref().map(|parts| parts.iter().map(|part| part.size).collect())
    }

    /// The head of an answer with these bytes.
    pub(super) fn head(&self, selection: &Selection, with_checksum: bool) -> ObjectHead {
        let of_part = selection.part.and_then(|index| self.parts.as_ref()?.get(index)?.checksum.as_ref());
        let checksum = match selection.part {
            Some(_) => of_part,
            None => self.checksum.as_ref().filter(|_| selection.whole),
        };
        ObjectHead {
            description: self.description.clone(),
            size: self.size(),
            etag: self.etag.clone(),
            modified_at: self.modified_at,
            bytes: selection.bytes.clone(),
            partial: selection.partial,
            parts_count: selection.parts_count,
            checksum: checksum.filter(|_| with_checksum).cloned(),
            tags_count: u32::try_from(self.tags.len()).unwrap_or(u32::MAX),
            lock: self.lock,
            ..ObjectHead::default()
        }
    }

    pub(super) fn written(&self) -> Written {
        Written {
            etag: self.etag.clone(),
            modified_at: self.modified_at,
            checksum: self.checksum.clone(),
            ..Written::default()
        }
    }
}

fn place(upload: &UploadRef) -> (String, String) {
    (upload.key.clone(), upload.upload_id.clone())
}

fn no_such_upload() -> S3Error {
    ErrorCode::NoSuchUpload.into()
}

use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{CopySource, DeleteEntry};
use storage_hub_s3_protocol::response::Deleted;
use storage_hub_s3_protocol::types::{Millis, ObjectExpiration, Written};
use storage_hub_s3_protocol::versioning::VersioningState;

use super::in_memory::InMemoryS3Backend;
use super::state::{BucketContent, StoredObject, Version};
use crate::conditions::check_write;
use crate::lifecycle;
use crate::object_lock::check_deletion;
use crate::versions::{NULL_VERSION, current_is_marker, is_marker, source_is_marker};

/// A version that was found.
pub(super) struct Found<'a> {
    /// As answers show it.
    pub(super) version_id: Option<&'a str>,
    pub(super) object: &'a StoredObject,
    pub(super) is_current: bool,
}

/// The source of a copy, with its version as answers show it.
pub(super) fn copy_source(
    backend: &InMemoryS3Backend,
    from: &BucketRef,
    source: &CopySource,
) -> S3Result<(Option<String>, StoredObject)> {
    let state = backend.lock();
    let found = state
        .bucket(from)?
        .find(&source.key, source.version_id.as_deref())
        .map_err(|error| if error.code() == ErrorCode::MethodNotAllowed { source_is_marker() } else { error })?;
    Ok((found.version_id.map(str::to_owned), found.object.clone()))
}

impl BucketContent {
    /// The place of a version that is an object; without an id, of the current one.
    pub(super) fn locate(&self, key: &str, version_id: Option<&str>) -> S3Result<usize> {
        let versions = self.versions.get(key).map(Vec::as_slice).unwrap_or_default();
        let Some(id) = version_id else {
            return match versions.first() {
                None => Err(ErrorCode::NoSuchKey.into()),
                Some(Version { id, object: None, .. }) => Err(current_is_marker(id)),
                Some(_) => Ok(0),
            };
        };
        let place = versions.iter().position(|version| version.id == id);
        let place = place.ok_or_else(|| S3Error::new(ErrorCode::NoSuchVersion))?;
        match versions.get(place) {
            Some(Version { object: None, .. }) => Err(is_marker(id)),
            _ => Ok(place),
        }
    }

    pub(super) fn find(&self, key: &str, version_id: Option<&str>) -> S3Result<Found<'_>> {
        let place = self.locate(key, version_id)?;
        let version = self.versions.get(key).and_then(|versions| versions.get(place));
        let object = version.and_then(|version| Some((version, version.object.as_ref()?)));
        let (version, object) = object.ok_or_else(|| S3Error::new(ErrorCode::NoSuchKey))?;
        let version_id = self.settings.versioning.map(|_| version.id.as_str());
        Ok(Found { version_id, object, is_current: place == 0 })
    }

    pub(super) fn find_mut(&mut self, key: &str, version_id: Option<&str>) -> S3Result<&mut StoredObject> {
        let place = self.locate(key, version_id)?;
        let version = self.versions.get_mut(key).and_then(|versions| versions.get_mut(place));
        version.and_then(|version| version.object.as_mut()).ok_or_else(|| ErrorCode::NoSuchKey.into())
    }

    /// The keys whose current version is an object.
    pub(super) fn current_objects(&self) -> impl Iterator<Item = (&String, &StoredObject)> {
        self.versions.iter().filter_map(|(key, versions)| Some((key, versions.first()?.object.as_ref()?)))
    }

    /// The ETag of the current version.
    pub(super) fn etag(&self, key: &str) -> Option<&str> {
        Some(self.versions.get(key)?.first()?.object.as_ref()?.etag.as_str())
    }

    pub(super) fn expiration(&self, key: &str, object: &StoredObject) -> Option<ObjectExpiration> {
        let rules = self.settings.lifecycle.as_ref()?;
        lifecycle::expiration_of(rules, key, object.size(), &object.tags, object.modified_at)
    }

    /// Makes an object the current version.
    pub(super) fn insert(&mut self, key: String, object: StoredObject) -> Written {
        let written = Written { expiration: self.expiration(&key, &object), ..object.written() };
        let id = self.push(key, object.modified_at, Some(object));
        Written { version_id: self.settings.versioning.map(|_| id), ..written }
    }

    /// Adds a version, and returns its id. Without enabled versioning it replaces the version `null`.
    fn push(&mut self, key: String, written_at: Millis, object: Option<StoredObject>) -> String {
        self.versions_written += 1;
        let id = match self.settings.versioning {
            Some(VersioningState::Enabled) => format!("{:032x}", self.versions_written),
            None | Some(VersioningState::Suspended) => NULL_VERSION.to_owned(),
        };
        let versions = self.versions.entry(key).or_default();
        versions.retain(|version| version.id != id);
        versions.insert(0, Version { id: id.clone(), written_at, object });
        id
    }

    pub(super) fn delete(&mut self, entry: DeleteEntry, now: Millis) -> S3Result<Deleted> {
        match entry.version_id.clone() {
            Some(id) => self.delete_version(&entry, id, now),
            None => {
                check_write(&entry.conditions, self.etag(&entry.key))?;
                let delete_marker = match self.settings.versioning {
                    None => {
                        self.versions.remove(&entry.key);
                        None
                    }
                    Some(_) => Some(self.push(entry.key, now, None)),
                };
                Ok(Deleted { version_id: None, delete_marker })
            }
        }
    }

    fn delete_version(&mut self, entry: &DeleteEntry, id: String, now: Millis) -> S3Result<Deleted> {
        let versions = self.versions.get(&entry.key).map(Vec::as_slice).unwrap_or_default();
        let place = versions.iter().position(|version| version.id == id);
        let object = place.and_then(|place| versions.get(place)).map(|version| version.object.as_ref());
        check_write(&entry.conditions, object.flatten().map(|object| object.etag.as_str()))?;
        let Some((place, object)) = place.zip(object) else {
            let is_unversioned = self.settings.versioning.is_none() && id != NULL_VERSION;
            return match is_unversioned {
                true => Err(ErrorCode::NoSuchVersion.into()),
                false => Ok(Deleted { version_id: Some(id), delete_marker: None }),
            };
        };
        if let Some(object) = object {
            check_deletion(&object.lock, entry.bypass_governance, now)?;
        }
        let delete_marker = object.is_none().then(|| id.clone());
        if let Some(versions) = self.versions.get_mut(&entry.key) {
            versions.remove(place);
            if versions.is_empty() {
                self.versions.remove(&entry.key);
            }
        }
        Ok(Deleted { version_id: Some(id), delete_marker })
    }
}

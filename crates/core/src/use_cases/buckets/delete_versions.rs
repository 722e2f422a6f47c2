use super::{BucketError, find_authorized};
use crate::acl::Access;
use crate::context::Ports;
use crate::domain::{BucketName, ObjectVersion};
use crate::ports::{KeyRefusal, StoreError, VersionOutcome};
use crate::use_cases::admission::Actor;

/// The maximum number of versions that one request may name.
pub const MAX_VERSIONS: usize = 1000;

/// Deletes versions of objects for good, with the hub's own key: MinIO lets nobody delete versions by S3, because it
/// does not tell their deletion from that of an object unless it is denied to all. The outcomes are those of the
/// versions, in their order.
///
/// # Errors
/// [`BucketError::InvalidVersions`], before anything is deleted; [`BucketError::NotFound`]; [`BucketError::Forbidden`]
/// for callers who may read the bucket but not manage it; [`BucketError::Session`]; [`BucketError::Fault`], after which
/// some versions may have been deleted.
pub async fn delete_versions(
    ports: &Ports,
    actor: &Actor,
    name: &BucketName,
    versions: &[ObjectVersion],
) -> Result<Vec<VersionOutcome>, BucketError> {
    let (_, record) = find_authorized(ports, actor, name, Access::Manage).await?;
    if versions.is_empty() || versions.len() > MAX_VERSIONS {
        return Err(InvalidVersions::Count(versions.len()).into());
    }
    let limits = ports.store.limits();
    for (index, version) in versions.iter().enumerate() {
        limits.check_key(version.key.as_str()).map_err(|refusal| InvalidVersions::Key { index, refusal })?;
    }
    match ports.store.delete_versions(&record.bucket.reference(), versions).await {
        // Deleted since it was authorized.
        Err(StoreError::NotFound) => Err(BucketError::NotFound),
        outcomes => Ok(outcomes?),
    }
}

/// What is wrong with the versions that a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersions {
    /// There are none, or too many.
    #[error("objects must have 1 to {MAX_VERSIONS} items, got {0}")]
    Count(usize),
    /// The store does not take a key.
    #[error("objects[{index}].key: {refusal}")]
    Key {
        /// Which item.
        index: usize,
        /// What is wrong with it.
        #[source]
        refusal: KeyRefusal,
    },
}

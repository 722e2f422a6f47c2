use storage_hub_core::domain::BucketId;
use storage_hub_core::ports::Source;

use super::EmbeddedStore;
use crate::index::usage;

/// What a bucket holds. It is exact at every moment, after a crash too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketUsage {
    /// Current objects. Delete markers are not objects.
    pub objects: u64,
    /// Their sizes together.
    pub bytes: u64,
    /// All versions, the current ones too.
    pub versions: u64,
    /// Their sizes together.
    pub version_bytes: u64,
    /// Delete markers.
    pub delete_markers: u64,
    /// Unfinished uploads.
    pub uploads: u64,
    /// The sizes of their parts together.
    pub part_bytes: u64,
}

impl EmbeddedStore {
    /// Tells what a bucket holds.
    ///
    /// # Errors
    /// When the bucket does not exist, or the index fails.
    pub async fn usage(&self, bucket: BucketId) -> Result<BucketUsage, Source> {
        Ok(self.index().read(move |connection| usage::get(connection, bucket)).await?)
    }
}

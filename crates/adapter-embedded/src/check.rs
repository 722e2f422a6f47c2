//! Holds the index against the blobs: for `store check`.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use storage_hub_core::ports::Source;

use crate::blobs::BlobName;
use crate::index::blobs;
use crate::store::EmbeddedStore;

/// Something that is not as the index says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckFinding {
    /// The index knows the blob, the disk does not: bytes of an object are lost.
    Missing {
        /// Which blob.
        blob: String,
    },
    /// The blob has another size than the index says.
    WrongSize {
        /// Which blob.
        blob: String,
        /// The size that the index says, in bytes.
        expected: u64,
        /// The size that it has, in bytes.
        found: u64,
    },
    /// The disk has the blob, the index does not: space that the next start gives back.
    Orphan {
        /// Which blob.
        blob: String,
    },
}

impl EmbeddedStore {
    /// Holds every blob of the index against the disk, and the other way round. Blobs that are written or removed at
    /// this very moment may be told as orphans.
    ///
    /// # Errors
    /// The error of the index or of the disk.
    pub async fn check(&self) -> Result<Vec<CheckFinding>, Source> {
        let mut findings = Vec::new();
        for shard in BlobName::shards() {
            let (blobs, wanted) = (Arc::clone(self.blobs()), shard.clone());
            // The disk first: what is committed later only looks like an orphan.
            let files =
                tokio::task::spawn_blocking(move || blobs.list_shard(&wanted)).await.map_err(io::Error::from)??;
            let mut files: HashMap<_, _> = files.into_iter().map(|file| (file.name, file.size)).collect();
            let known = self.index().read(move |connection| blobs::list_shard(connection, &shard)).await?;
            for row in known {
                let blob = row.name.as_str().to_owned();
                match files.remove(&row.name) {
                    Some(found) if found != row.size => {
                        findings.push(CheckFinding::WrongSize { blob, expected: row.size, found });
                    }
                    Some(_) => {}
                    // Written since the disk was read?
                    None if self.blobs().has(&row.name).await => {}
                    None => findings.push(CheckFinding::Missing { blob }),
                }
            }
            findings.extend(files.into_keys().map(|name| CheckFinding::Orphan { blob: name.as_str().to_owned() }));
        }
        Ok(findings)
    }
}

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;

use super::{BlobName, Blobs};

/// A blob as it lies on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BlobFile {
    pub(crate) name: BlobName,
    pub(crate) size: u64,
    /// When it got its name, in seconds since 1970.
    pub(crate) placed_at: i64,
}

impl Blobs {
    /// Removes what unfinished writes left aside. Blocks; only while nothing is being written.
    pub(crate) fn sweep_incoming(&self) -> io::Result<usize> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.incoming)? {
            fs::remove_file(entry?.path())?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Removes the blobs of a shard that the index does not know. Blocks; only while nothing is being written.
    pub(crate) fn sweep_shard(&self, shard: &str, known: &HashSet<BlobName>) -> io::Result<usize> {
        let mut removed = 0;
        for file in self.list_shard(shard)? {
            if !known.contains(&file.name) {
                fs::remove_file(self.path(&file.name))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// The names of what is being written, or was left aside. Blocks.
    pub(crate) fn list_incoming(&self) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(&self.incoming)?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// The blobs of a shard. Blocks.
    pub(crate) fn list_shard(&self, shard: &str) -> io::Result<Vec<BlobFile>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(self.folder.join(shard))? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            match entry.metadata() {
                Ok(metadata) => files.push(BlobFile {
                    name: BlobName::from_index(name),
                    size: metadata.len(),
                    placed_at: metadata.ctime(),
                }),
                // Removed since the folder was read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(files)
    }
}

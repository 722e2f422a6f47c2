//! Lists the files of the folders. Everything here blocks.

use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use super::folders::Place;
use super::{BlobName, Blobs};
use crate::private;

impl Blobs {
    /// The names of what is being written, or was left by a process that died.
    pub(crate) fn list_incoming(&self) -> io::Result<Vec<BlobName>> {
        blob_names(&self.folders.incoming)
    }

    /// The names of the blobs that are kept for a backup or a reader.
    pub(crate) fn list_released(&self) -> io::Result<Vec<BlobName>> {
        blob_names(&self.folders.released)
    }

    /// The names of the files in a shard of `blobs`.
    pub(crate) fn list_shard(&self, shard: &str) -> io::Result<Vec<BlobName>> {
        names(&self.folders.stored.join(shard))
    }

    /// Whether `blobs` holds any file.
    pub(crate) fn holds_any(&self) -> io::Result<bool> {
        for shard in BlobName::shards() {
            if entries(&self.folders.stored.join(shard))?.next().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The size of a file of `blobs`; `None` when it was deleted meanwhile.
    pub(crate) fn stored_size(&self, blob: &BlobName) -> io::Result<Option<u64>> {
        match fs::metadata(self.folders.path(Place::Stored, blob)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Deletes a file of `incoming` that no commit has named.
    pub(crate) fn delete_incoming(&self, blob: &BlobName) -> io::Result<()> {
        fs::remove_file(self.folders.path(Place::Incoming, blob))
    }

    /// Moves a file of `blobs` to a folder of the store, unless that folder already has it.
    pub(crate) fn move_into(&self, blob: &BlobName, folder: &Path) -> io::Result<()> {
        let (source, target) = (self.folders.path(Place::Stored, blob), folder.join(blob.as_str()));
        // `rename` does nothing when both names are links to the same file.
        match fs::hard_link(&source, &target) {
            Ok(()) => fs::remove_file(source),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && same_file(&source, &target)? => {
                fs::remove_file(source)
            }
            Err(error) => Err(error),
        }
    }

    /// Restricts the files that an earlier release created with wider modes. Until then nobody else reaches them, because
    /// the folder above was restricted at the start.
    pub(crate) fn restrict_shards(&self) -> io::Result<()> {
        BlobName::shards().try_for_each(|shard| private::restrict_contents(&self.folders.stored.join(shard)))
    }
}

fn entries(folder: &Path) -> io::Result<impl Iterator<Item = io::Result<DirEntry>>> {
    fs::read_dir(folder)
}

fn names(folder: &Path) -> io::Result<Vec<BlobName>> {
    entries(folder)?.map(|entry| Ok(BlobName::from_file(entry?.file_name().to_string_lossy().into_owned()))).collect()
}

/// Leaves out files that this store cannot have written.
fn blob_names(folder: &Path) -> io::Result<Vec<BlobName>> {
    let mut names = names(folder)?;
    names.retain(|name| name.number().is_some());
    Ok(names)
}

fn same_file(one: &Path, other: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let (one, other) = (fs::metadata(one)?, fs::metadata(other)?);
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

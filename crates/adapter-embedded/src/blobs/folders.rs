use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::BlobName;

/// A folder that a blob can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Incoming,
    Stored,
    Released,
}

impl Place {
    /// Where to look for a blob, in order. `Stored` comes first because nearly all blobs are there, and again after
    /// `Incoming` because the blob may have been moved between the first two looks.
    pub(super) const READING: [Self; 4] = [Self::Stored, Self::Incoming, Self::Stored, Self::Released];
    /// Where a blob can be before it is released.
    pub(super) const KEPT: [Self; 3] = [Self::Stored, Self::Incoming, Self::Stored];
}

/// The paths of blobs in a store or in a copy of one. A copy has the folder `blobs` only.
pub(crate) struct BlobFolders {
    pub(super) stored: PathBuf,
    pub(super) incoming: PathBuf,
    pub(super) released: PathBuf,
}

impl BlobFolders {
    pub(crate) fn new(folder: &Path) -> Self {
        let [stored, incoming, released] = ["blobs", "incoming", "released"].map(|name| folder.join(name));
        Self { stored, incoming, released }
    }

    /// The path of a blob that was moved to `blobs`.
    pub(crate) fn stored_path(&self, blob: &BlobName) -> PathBuf {
        self.path(Place::Stored, blob)
    }

    /// Opens a blob for reading, wherever it is. Blocks.
    pub(crate) fn open(&self, blob: &BlobName) -> io::Result<File> {
        self.find(blob, &Place::READING, |path| File::open(path))
    }

    pub(super) fn path(&self, place: Place, blob: &BlobName) -> PathBuf {
        match place {
            Place::Incoming => self.incoming.join(blob.as_str()),
            Place::Stored => self.stored.join(blob.shard()).join(blob.as_str()),
            Place::Released => self.released.join(blob.as_str()),
        }
    }

    /// Runs an action on the first of the places that has the blob. Blocks.
    pub(super) fn find<T>(
        &self,
        blob: &BlobName,
        places: &[Place],
        action: impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut missing = io::Error::from(io::ErrorKind::NotFound);
        for place in places {
            match action(&self.path(*place, blob)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => missing = error,
                result => return result,
            }
        }
        Err(missing)
    }
}

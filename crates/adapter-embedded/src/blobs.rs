//! The bytes: files of random names, written aside, synced and renamed, never changed.

mod name;
mod pins;
mod reader;
mod sweep;
mod writer;

pub(crate) use name::BlobName;
pub(crate) use pins::Pin;
pub(crate) use reader::{BlobStream, PieceRange};
pub(crate) use writer::{BlobWriter, StoredBlob};

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pins::Pins;

/// What objects leave free of the disk: the index needs room to delete some, and so do the records beside it.
const RESERVE: u64 = 16 * 1024 * 1024;

/// A folder of blobs: `blobs/<two digits>/<name>`, and `incoming/<name>` for what is being written.
pub(crate) struct Blobs {
    folder: PathBuf,
    incoming: PathBuf,
    pins: Pins,
}

impl Blobs {
    /// Makes the folders that are not there yet. Blocks.
    pub(crate) fn open(folder: &Path) -> io::Result<Arc<Self>> {
        let blobs = Self { folder: folder.join("blobs"), incoming: folder.join("incoming"), pins: Pins::default() };
        fs::create_dir_all(&blobs.incoming)?;
        for shard in BlobName::shards() {
            fs::create_dir_all(blobs.folder.join(shard))?;
        }
        for made in [&blobs.folder, folder] {
            File::open(made)?.sync_all()?;
        }
        Ok(Arc::new(blobs))
    }

    fn path(&self, blob: &BlobName) -> PathBuf {
        self.folder.join(blob.shard()).join(blob.as_str())
    }

    /// Opens a blob for reading. Blocks.
    pub(crate) fn open_blob(&self, blob: &BlobName) -> io::Result<File> {
        File::open(self.path(blob))
    }

    /// Gives a blob a second name in a folder beside the blobs. Blocks.
    pub(crate) fn link_into(&self, blob: &BlobName, folder: &Path) -> io::Result<()> {
        fs::hard_link(self.path(blob), folder.join(blob.as_str()))
    }

    /// Refuses bytes that would take what is kept free. Blocks, for a moment.
    fn has_room_for(&self, bytes: u64) -> io::Result<()> {
        let disk = rustix::fs::statvfs(&self.incoming)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        if free < RESERVE.saturating_add(bytes) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// Makes what a rename or a link did in a blob's folder last. Blocks.
    fn sync_folder_of(&self, blob: &BlobName) -> io::Result<()> {
        File::open(self.folder.join(blob.shard()))?.sync_all()
    }

    /// Gives blobs a second name each, which lives on when the first is removed. No byte is copied.
    pub(crate) async fn link(self: &Arc<Self>, blobs: Vec<BlobName>) -> io::Result<Vec<BlobName>> {
        let this = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            let mut linked = Vec::with_capacity(blobs.len());
            for blob in blobs {
                let name = BlobName::random();
                let made = fs::hard_link(this.path(&blob), this.path(&name)).and_then(|()| this.sync_folder_of(&name));
                linked.push(name);
                if let Err(error) = made {
                    for name in &linked {
                        let _ = fs::remove_file(this.path(name));
                    }
                    return Err(error);
                }
            }
            Ok(linked)
        })
        .await?
    }

    /// Removes blobs that hold nothing any more, as soon as nobody reads them. One that cannot be removed is told in the
    /// log and left for the sweep of the next start.
    pub(crate) async fn remove(self: &Arc<Self>, blobs: Vec<BlobName>) {
        if blobs.is_empty() {
            return;
        }
        let this = Arc::clone(self);
        let removed = tokio::task::spawn_blocking(move || {
            for blob in this.pins.free(blobs) {
                this.remove_now(&blob);
            }
        });
        if let Err(error) = removed.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the removal of blobs broke off");
        }
    }

    fn remove_now(&self, blob: &BlobName) {
        if let Err(error) = fs::remove_file(self.path(blob)) {
            tracing::error!(error = &error as &dyn std::error::Error, blob = blob.as_str(), "a blob stays behind");
        }
    }
}

/// Runs something short that blocks where it does not hold up others, without waiting for it.
fn run_aside(task: impl FnOnce() + Send + 'static) {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn_blocking(task)),
        Err(_) => task(),
    }
}

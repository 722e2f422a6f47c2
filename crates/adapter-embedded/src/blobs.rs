//! The bytes of objects: immutable files with random names, synced before the index names them.
//!
//! A blob only ever moves forward through these folders:
//!
//! ```text
//!   incoming/<name> ──index commit──▶ blobs/<xx>/<name> ──released by the index──▶ deleted
//!                                             └──▶ released/<name> ──backup or readers done──▶ deleted
//! ```
//!
//! * `incoming` holds what is being written, and what was committed but not moved yet because the process died. The file and
//!   its entry in `incoming` are synced before the commit, so the move needs no sync: after a power cut the blob is in one
//!   of both folders, and readers look into both.
//! * `blobs` holds what the index names, and files that a commit released and that are about to be deleted. The index notes
//!   the latter, so that a start deletes what a crash left. It deletes nothing else from `blobs`, because the index may be
//!   older than the folder or damaged.
//! * `released` holds blobs that the index has released and that a running backup (see [`BackupLock`]) or an open
//!   download may still need.
//!
//! Because blobs only move forward, one look at each of the places in `Place::READING` finds a blob that is being moved
//! concurrently.

mod backup_lock;
mod folders;
mod listing;
mod name;
mod pins;
mod reader;
mod released;
mod writer;

pub(crate) use backup_lock::BackupLock;
pub(crate) use folders::BlobFolders;
pub(crate) use name::BlobName;
pub(crate) use pins::Pin;
pub(crate) use reader::{BlobStream, PieceRange};
pub(crate) use writer::{BlobWriter, StoredBlob, UncommittedBlobs};

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::private;
use folders::Place;
use pins::Pins;

/// Free disk space that objects must leave: deleting objects needs room in the index, and so do the records.
const RESERVE: u64 = 16 * 1024 * 1024;

/// The blob files of one store.
pub(crate) struct Blobs {
    folders: BlobFolders,
    /// For syncing the entries of `incoming`.
    incoming_folder: File,
    syncs_requested: AtomicU64,
    /// The number of requested syncs that a sync has covered.
    synced: Mutex<u64>,
    backup: BackupLock,
    pins: Pins,
    /// Whether the files in `released` were compared with the index, so that they may be deleted.
    released_verified: AtomicBool,
    /// Whether a task is waiting to delete the files in `released`.
    purging: AtomicBool,
}

impl Blobs {
    /// Opens the folders and creates the missing ones. Blocks.
    pub(crate) fn open(folder: &Path) -> io::Result<Arc<Self>> {
        let folders = BlobFolders::new(folder);
        for path in [folder, &folders.stored, &folders.incoming, &folders.released] {
            private::create_folder(path)?;
        }
        for shard in BlobName::shards() {
            let path = folders.stored.join(shard);
            // The mode of an existing one tells whether its files were restricted: `restrict_shards` sets it.
            if !path.exists() {
                private::create_folder(&path)?;
            }
        }
        for created in [&folders.stored, folder] {
            File::open(created)?.sync_all()?;
        }
        Ok(Arc::new(Self {
            incoming_folder: File::open(&folders.incoming)?,
            syncs_requested: AtomicU64::new(0),
            synced: Mutex::new(0),
            backup: BackupLock::open(folder)?,
            folders,
            pins: Pins::default(),
            released_verified: AtomicBool::new(false),
            purging: AtomicBool::new(false),
        }))
    }

    /// Opens a blob for reading. Blocks.
    pub(crate) fn open_blob(&self, blob: &BlobName) -> io::Result<File> {
        self.folders.open(blob)
    }

    /// Gives a blob a second name in another folder of the store. Blocks.
    pub(crate) fn link_into(&self, blob: &BlobName, folder: &Path) -> io::Result<()> {
        self.folders.find(blob, &Place::READING, |path| fs::hard_link(path, folder.join(blob.as_str())))
    }

    /// Whether a backup of the folder is running. Blocks for a moment.
    pub(crate) fn is_backed_up_now(&self) -> bool {
        self.backup.is_held()
    }

    /// Free space on the disk, in bytes. Blocks for a moment.
    fn free_space(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.folders.incoming)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Refuses bytes that would use the reserve. Blocks for a moment.
    pub(crate) fn has_room_for(&self, bytes: u64) -> io::Result<()> {
        if self.free_space()? < RESERVE.saturating_add(bytes) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    /// Makes the entries of `incoming` durable. Blocks. Concurrent calls share a sync: one that begins after an entry was
    /// created covers the entry.
    fn sync_incoming(&self) -> io::Result<()> {
        let ticket = self.syncs_requested.fetch_add(1, Ordering::SeqCst) + 1;
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        if *synced >= ticket {
            return Ok(());
        }
        let covered = self.syncs_requested.load(Ordering::SeqCst);
        self.incoming_folder.sync_all()?;
        *synced = covered;
        Ok(())
    }

    /// How often entries of `incoming` were to be made durable.
    #[cfg(test)]
    pub(crate) fn syncs_requested(&self) -> u64 {
        self.syncs_requested.load(Ordering::SeqCst)
    }

    /// Gives each blob a second name in `incoming`, which remains when the first is deleted. Copies no bytes.
    pub(crate) async fn link(self: &Arc<Self>, blobs: Vec<BlobName>) -> io::Result<UncommittedBlobs> {
        let mut linked = UncommittedBlobs { blobs: Arc::clone(self), names: Vec::with_capacity(blobs.len()) };
        tokio::task::spawn_blocking(move || {
            let this = Arc::clone(&linked.blobs);
            for blob in &blobs {
                let name = BlobName::random();
                this.folders.find(blob, &Place::READING, |path| {
                    fs::hard_link(path, this.folders.path(Place::Incoming, &name))
                })?;
                linked.names.push(name);
            }
            // Once for all of them: a sync for each of 10,000 parts takes longer than clients wait.
            this.sync_incoming()?;
            Ok(linked)
        })
        .await?
    }

    /// Moves blobs that the index has committed from `incoming` to `blobs`. One that cannot be moved stays readable, and
    /// the next start tries again.
    pub(crate) async fn publish(self: &Arc<Self>, blobs: Vec<BlobName>) {
        if blobs.is_empty() {
            return;
        }
        let this = Arc::clone(self);
        let published = tokio::task::spawn_blocking(move || blobs.iter().for_each(|blob| this.publish_now(blob)));
        if let Err(error) = published.await {
            tracing::error!(error = &error as &dyn std::error::Error, "moving committed blobs failed");
        }
    }

    pub(crate) fn publish_now(&self, blob: &BlobName) {
        match fs::rename(self.folders.path(Place::Incoming, blob), self.folders.path(Place::Stored, blob)) {
            Ok(()) => {}
            // A later commit has released it already.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, blob.name = blob.as_str(), "could not move a committed blob out of `incoming`");
            }
        }
    }

    /// Deletes blobs that no commit has named.
    pub(crate) async fn discard(self: &Arc<Self>, blobs: Vec<BlobName>) {
        if blobs.is_empty() {
            return;
        }
        let this = Arc::clone(self);
        let discarded = tokio::task::spawn_blocking(move || blobs.iter().for_each(|blob| this.discard_now(blob)));
        if let Err(error) = discarded.await {
            tracing::error!(error = &error as &dyn std::error::Error, "deleting uncommitted blobs failed");
        }
    }

    /// The next start deletes what this cannot.
    fn discard_now(&self, blob: &BlobName) {
        let _ = fs::remove_file(self.folders.path(Place::Incoming, blob));
    }
}

/// Runs a short blocking task on a thread where it delays nothing else, without waiting for it.
fn run_aside(task: impl FnOnce() + Send + 'static) {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn_blocking(task)),
        Err(_) => task(),
    }
}

//! Deletes blobs that the index has released, as soon as no backup and no reader needs them.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::folders::Place;
use super::{BlobName, Blobs};
use crate::private::ignore_missing;

/// Free disk space below which released blobs are deleted even though a backup is running. The backup then fails.
const RESERVE_WHILE_KEEPING: u64 = 64 * 1024 * 1024;
const PURGE_INTERVAL: Duration = Duration::from_secs(2);

impl Blobs {
    /// Deletes blobs that the index does not name any more, or moves them to `released` while somebody needs them. Returns
    /// those that are gone from `blobs`; one that cannot be deleted is logged. Blocks.
    pub(crate) fn remove(self: &Arc<Self>, blobs: Vec<BlobName>) -> Vec<BlobName> {
        let (unread, read) = self.pins.doom(blobs);
        // Out of `blobs` at once: the last reader deletes it, and if the process dies before, a start does.
        let read = read.into_iter().filter(|blob| succeeded(blob, self.set_aside(blob)));
        let unread = unread.into_iter().filter(|blob| self.delete_or_keep(blob));
        read.chain(unread).collect()
    }

    /// As [`remove`](Self::remove), for what an earlier process was to remove, and may have removed. Blocks.
    pub(crate) fn remove_leftovers(self: &Arc<Self>, blobs: Vec<BlobName>) -> Vec<BlobName> {
        let exists = |blob: &BlobName| Place::KEPT.iter().any(|place| self.folders.path(*place, blob).exists());
        let (existing, mut gone): (Vec<_>, Vec<_>) = blobs.into_iter().partition(exists);
        gone.extend(self.remove(existing));
        gone
    }

    /// Keeps released blobs for the next start to delete.
    pub(crate) async fn keep(self: &Arc<Self>, blobs: Vec<BlobName>) {
        if blobs.is_empty() {
            return;
        }
        let this = Arc::clone(self);
        let kept = tokio::task::spawn_blocking(move || {
            for blob in &blobs {
                succeeded(blob, this.set_aside(blob));
            }
        });
        if let Err(error) = kept.await {
            tracing::error!(error = &error as &dyn std::error::Error, "keeping released blobs failed");
        }
    }

    /// Deletes a released blob that nobody reads, or keeps it aside while a backup is running. Returns whether it could.
    pub(super) fn delete_or_keep(self: &Arc<Self>, blob: &BlobName) -> bool {
        if self.keeps_released() {
            let kept = succeeded(blob, self.set_aside(blob));
            self.purge_later();
            kept
        } else {
            succeeded(blob, self.folders.find(blob, &Place::READING, |path| fs::remove_file(path)))
        }
    }

    fn set_aside(&self, blob: &BlobName) -> io::Result<()> {
        let target = self.folders.path(Place::Released, blob);
        match self.folders.find(blob, &Place::KEPT, |path| fs::rename(path, &target)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && target.exists() => Ok(()),
            result => result,
        }
    }

    /// Whether a backup needs released blobs, and the disk has room for them.
    fn keeps_released(&self) -> bool {
        self.backup.is_held() && self.free_space().is_ok_and(|free| free >= RESERVE_WHILE_KEEPING)
    }

    /// Allows that the files in `released` are deleted: the index names none of them.
    pub(crate) fn released_are_verified(self: &Arc<Self>) {
        self.released_verified.store(true, Ordering::SeqCst);
        self.purge_later();
    }

    /// Moves a blob that the index names from `released` back to `blobs`.
    pub(crate) fn take_back(&self, blob: &BlobName) -> io::Result<()> {
        fs::rename(self.folders.path(Place::Released, blob), self.folders.path(Place::Stored, blob))
    }

    /// Starts a task that empties `released` when the backup has ended, unless there is such a task.
    fn purge_later(self: &Arc<Self>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.purging.swap(true, Ordering::SeqCst) {
            return;
        }
        // Weak: the folder must be free for another process when this store is closed.
        let this = Arc::downgrade(self);
        runtime.spawn(async move {
            loop {
                let Some(blobs) = this.upgrade() else { return };
                let purged = tokio::task::spawn_blocking(move || blobs.purge_released()).await;
                match purged {
                    Ok(Ok(true)) => return,
                    Ok(Ok(false)) => {}
                    Ok(Err(error)) => {
                        let error: &dyn std::error::Error = &error;
                        tracing::error!(error, "could not delete the released blobs");
                    }
                    Err(_) => return,
                }
                tokio::time::sleep(PURGE_INTERVAL).await;
            }
        });
    }

    /// Deletes the files in `released` unless a backup is running. Returns whether nothing is left to do.
    fn purge_released(&self) -> io::Result<bool> {
        if !self.released_verified.load(Ordering::SeqCst) || self.keeps_released() {
            return Ok(false);
        }
        // Before the folder is read: a blob that is set aside from now on starts a task of its own.
        self.purging.store(false, Ordering::SeqCst);
        for name in self.list_released()? {
            // Its last reader deletes it.
            if !self.pins.contains(&name) {
                fs::remove_file(self.folders.path(Place::Released, &name)).or_else(ignore_missing)?;
            }
        }
        Ok(true)
    }
}

/// Whether the blob is gone. Logs a failure.
fn succeeded(blob: &BlobName, result: io::Result<()>) -> bool {
    let Err(error) = result.or_else(ignore_missing) else { return true };
    let error: &dyn std::error::Error = &error;
    tracing::error!(error, blob.name = blob.as_str(), "could not delete a released blob");
    false
}

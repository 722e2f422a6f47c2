use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::private;

const FILE: &str = "backup.lock";
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Tells the process that serves from a folder that a backup of the folder is running.
///
/// A backup takes the lock exclusively before it copies the index. The server asks for the lock, shared and without
/// waiting, each time that it wants to delete a released blob. It asks after the commit that released the blob. So a blob
/// that the copied index names can only be released after the lock was taken, and the server then keeps it aside. The
/// kernel gives the lock back when the backup ends, however it ends.
pub(crate) struct BackupLock(File);

impl BackupLock {
    /// Opens the lock file and creates it when it is missing. Blocks.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        private::create_file(&folder.join(FILE)).map(Self)
    }

    /// Opens the lock file of a folder that a server has used. Blocks.
    pub(crate) fn open_existing(folder: &Path) -> io::Result<Self> {
        File::options().read(true).write(true).open(folder.join(FILE)).map(Self)
    }

    /// Whether a backup is running. An error counts as yes: a blob that is kept too long costs space only.
    pub(crate) fn is_held(&self) -> bool {
        match self.0.try_lock_shared() {
            Ok(()) => {
                // Several threads share this lock. Each of them only wants to know that no backup held it at that moment.
                let _ = self.0.unlock();
                false
            }
            Err(TryLockError::WouldBlock) => true,
            Err(TryLockError::Error(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "could not ask for the lock of backups");
                true
            }
        }
    }

    /// Takes the lock for a backup. `false` when another backup has it. Blocks.
    pub(crate) fn acquire(&self, patience: Duration) -> io::Result<bool> {
        let started = Instant::now();
        loop {
            match self.0.try_lock() {
                Ok(()) => return Ok(true),
                Err(TryLockError::WouldBlock) if started.elapsed() >= patience => return Ok(false),
                // A server that asks has it for a moment.
                Err(TryLockError::WouldBlock) => std::thread::sleep(POLL_INTERVAL),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }
}

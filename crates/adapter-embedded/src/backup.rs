//! Copies of a store: what `storage-hub backup` and `storage-hub restore` do about objects.
//!
//! A backup runs concurrently with the process that serves from the folder. It takes the lock of backups, copies the index
//! (one state of it), and then copies the blobs that the copy names. Blobs never change, and the server keeps those that it
//! releases meanwhile in `released` (see `blobs::BackupLock`), so every blob of the copied index can still be copied, however
//! long that takes. The only exception is a disk that runs full: then the server deletes them, and the backup fails.
//!
//! A copy has the layout of a store: `index.sqlite` and `blobs/<xx>/<name>`.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use storage_hub_core::ports::Source;

use crate::blobs::{BackupLock, BlobFolders, BlobName};
use crate::index::{IndexError, Snapshot};
use crate::private;

/// How long a backup waits for a server that asks for the lock at the same moment.
const PATIENCE: Duration = Duration::from_secs(2);

/// A backup in progress. The server keeps released blobs until it is dropped.
pub struct StoreBackup {
    folder: PathBuf,
    _lock: BackupLock,
}

/// The blobs of a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlobTotals {
    /// How many there are.
    pub count: u64,
    /// Their sizes together.
    pub bytes: u64,
}

/// Why a store could not be backed up or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// No server of a release that knows about backups has used the folder.
    #[error("no hub of this release has served from `{0}`; start it once before the backup")]
    NotServed(PathBuf),
    /// The lock is taken.
    #[error("another backup of `{0}` is running")]
    InProgress(PathBuf),
    /// A blob that the index names does not exist.
    #[error(
        "the bytes of an object are missing (blob `{blob}`): they were lost earlier, which `storage-hub store check` shows, or \
         the disk became so full during the backup that the hub had to delete them"
    )]
    MissingBlob {
        /// Its name.
        blob: String,
    },
    /// A blob does not have the size that the index says.
    #[error(
        "blob `{blob}` has {found} bytes, but the index says {expected}; `storage-hub store check` shows the object"
    )]
    WrongSize {
        /// Its name.
        blob: String,
        /// The size in the index, in bytes.
        expected: u64,
        /// The size on the disk, in bytes.
        found: u64,
    },
    /// The index cannot be copied or read.
    #[error("could not copy the object index")]
    Index(#[source] Source),
    /// The index of a backup is damaged.
    #[error("the object index of the backup is damaged: {0}")]
    DamagedIndex(String),
    /// A file cannot be copied.
    #[error("could not copy `{path}`")]
    Copy {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl From<IndexError> for BackupError {
    fn from(error: IndexError) -> Self {
        Self::Index(error.into())
    }
}

impl StoreBackup {
    /// Begins a backup of the store in a folder, which a server may be using.
    ///
    /// # Errors
    /// [`BackupError::NotServed`], [`BackupError::InProgress`], [`BackupError::Copy`].
    pub async fn begin(folder: &Path) -> Result<Self, BackupError> {
        let folder = folder.to_owned();
        blocking(move || {
            let lock = match BackupLock::open_existing(&folder) {
                Ok(lock) => lock,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(BackupError::NotServed(folder)),
                Err(source) => return Err(BackupError::Copy { path: folder, source }),
            };
            match lock.acquire(PATIENCE) {
                Ok(true) => Ok(Self { folder, _lock: lock }),
                Ok(false) => Err(BackupError::InProgress(folder)),
                Err(source) => Err(BackupError::Copy { path: folder, source }),
            }
        })
        .await
    }

    /// Copies the index as it is now. The target folder must exist and be empty.
    ///
    /// # Errors
    /// [`BackupError::Index`], [`BackupError::Copy`].
    pub async fn copy_index(&self, target: &Path) -> Result<(), BackupError> {
        let (source, target) = (self.folder.join("index.sqlite"), target.join("index.sqlite"));
        blocking(move || {
            // SQLite accepts an empty file, and would create one that everybody can read.
            let file = private::create_new_file(&target).map_err(copying(&target))?;
            Snapshot::create(&source, &target).map_err(BackupError::Index)?;
            file.sync_all().map_err(copying(&target))
        })
        .await
    }

    /// Copies the blobs that the copied index names, and waits until they are on the disk.
    ///
    /// # Errors
    /// [`BackupError`].
    pub async fn copy_blobs(&self, target: &Path) -> Result<BlobTotals, BackupError> {
        let (source, target) = (BlobFolders::new(&self.folder), target.to_owned());
        blocking(move || copy_blobs(&source, &target)).await
    }
}

/// Copies a store out of a backup. The target folder must not exist. Every blob that the index names must be in the backup
/// and have its size.
///
/// # Errors
/// [`BackupError`]; what was copied until then stays.
pub async fn restore_store(backup: &Path, target: &Path) -> Result<BlobTotals, BackupError> {
    let (source, target) = (backup.to_owned(), target.to_owned());
    blocking(move || {
        private::create_folder(&target).map_err(copying(&target))?;
        let index = source.join("index.sqlite");
        copy_file(&index, &target.join("index.sqlite")).map_err(copying(&index))?;
        let problems = Snapshot::open(&target.join("index.sqlite")).map_err(BackupError::Index)?.problems()?;
        if let Some(problem) = problems.into_iter().next() {
            return Err(BackupError::DamagedIndex(problem));
        }
        copy_blobs(&BlobFolders::new(&source), &target)
    })
    .await
}

/// Copies the blobs that the index in the target folder names into that folder.
fn copy_blobs(source: &BlobFolders, target: &Path) -> Result<BlobTotals, BackupError> {
    let blobs = target.join("blobs");
    for folder in std::iter::once(blobs.clone()).chain(BlobName::shards().map(|shard| blobs.join(shard))) {
        private::create_folder(&folder).map_err(copying(&folder))?;
    }
    let copy = BlobFolders::new(target);
    let mut totals = BlobTotals::default();
    Snapshot::open(&target.join("index.sqlite")).map_err(BackupError::Index)?.for_each_blob(|blob, size| {
        copy_blob(source, &copy, &blob, size)?;
        totals.count += 1;
        totals.bytes += size;
        Ok::<_, BackupError>(())
    })?;
    // One sync of the file system instead of one for each of perhaps a million files.
    let synced = File::open(target).and_then(|folder| rustix::fs::syncfs(folder).map_err(io::Error::from));
    synced.map_err(copying(target))?;
    Ok(totals)
}

fn copy_blob(source: &BlobFolders, target: &BlobFolders, blob: &BlobName, size: u64) -> Result<(), BackupError> {
    let path = target.stored_path(blob);
    let mut file = match source.open(blob) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(BackupError::MissingBlob { blob: blob.to_string() });
        }
        Err(error) => return Err(copying(&path)(error)),
    };
    let copied = private::create_new_file(&path).and_then(|mut copy| io::copy(&mut file, &mut copy));
    match copied.map_err(copying(&path))? {
        found if found == size => Ok(()),
        found => Err(BackupError::WrongSize { blob: blob.to_string(), expected: size, found }),
    }
}

fn copy_file(source: &Path, target: &Path) -> io::Result<()> {
    let mut copy = private::create_new_file(target)?;
    io::copy(&mut File::open(source)?, &mut copy)?;
    copy.sync_all()
}

fn copying(path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Copy { path, source }
}

/// Runs work with files on a thread that may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| BackupError::Index(error.into()))?
}

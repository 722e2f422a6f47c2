mod lifecycle;
mod reading;
mod usage;

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::SqliteConnection;
use storage_hub_core::domain::{BucketId, BucketRef};
use storage_hub_core::failpoint::{self, Failpoint};
use storage_hub_core::ports::{PoolState, Source};
use time::OffsetDateTime;

use crate::blobs::{BlobName, Blobs};
use crate::identity::FolderLock;
use crate::index::{Index, IndexError, buckets, released, uploads};
use crate::private;

pub use lifecycle::LifecyclePass;
pub(crate) use reading::slice;
pub use usage::BucketUsage;

/// The embedded object store: an index of objects and the blobs that hold their bytes, in one folder. Clones share one
/// store.
#[derive(Clone)]
pub struct EmbeddedStore(Arc<Inner>);

struct Inner {
    index: Index,
    blobs: Arc<Blobs>,
    /// Held while the store is open: the recovery of a second process would delete what this one is writing. `None` for a
    /// tool that works concurrently with the process that holds it.
    lock: Option<File>,
    /// What was in `incoming` when the store was opened, until the recovery takes it.
    leftovers: Mutex<Vec<BlobName>>,
    /// Released blobs whose files were deleted, until a commit forgets them.
    removed: Mutex<Vec<BlobName>>,
}

/// How long opening waits until another process leaves the folder: one that is ending, or a check that looks for unknown
/// files.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Maximum number of uploads that one transaction aborts, so that other writers do not wait for long.
const EXPIRED_AT_ONCE: i64 = 20;

/// Maximum number of completions that one transaction forgets.
const FORGOTTEN_AT_ONCE: i64 = 1_000;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the folder.
    #[error("another process uses the object store of this folder; stop it, or use another folder")]
    InUse,
    /// The folder cannot be read or written.
    #[error("could not read or write the folder of the object store")]
    Folder(#[from] io::Error),
    /// The index cannot be opened or migrated.
    #[error("could not open the index of the object store")]
    Index(#[source] Source),
}

/// Why an object could not be written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ObjectError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("reading or writing the bytes of an object failed")]
    Blobs(#[from] io::Error),
    #[error("only the process that serves from the folder may write and delete objects")]
    Beside,
}

impl EmbeddedStore {
    /// Opens the store of a folder for serving: creates what is missing and migrates the index. Call
    /// [`recover`](Self::recover) afterwards.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(folder: &Path) -> Result<Self, OpenError> {
        Self::open_locked(FolderLock::take(folder).await?).await
    }

    /// As [`open`](Self::open), for a caller that holds the lock of the folder already.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open_locked(lock: FolderLock) -> Result<Self, OpenError> {
        let FolderLock { folder, file: lock } = lock;
        let path = folder.join("index.sqlite");
        let (blobs, leftovers) = tokio::task::spawn_blocking(move || {
            restrict_files(&folder)?;
            let blobs = Blobs::open(&folder)?;
            // Before anything is written: later files belong to this process.
            let leftovers = blobs.list_incoming()?;
            Ok::<_, OpenError>((blobs, leftovers))
        })
        .await
        .map_err(io::Error::from)??;
        let index = Index::open(&path).await.map_err(OpenError::Index)?;
        Ok(Self(Arc::new(Inner {
            index,
            blobs,
            lock: Some(lock),
            leftovers: Mutex::new(leftovers),
            removed: Mutex::default(),
        })))
    }

    /// Opens the store of a folder for a tool, which may run concurrently with the process that serves from the folder.
    /// The index is migrated only when there is no such process.
    ///
    /// It is for buckets, their policies, and reading. It must not write or delete objects: a server that starts meanwhile
    /// would delete a blob that is being written, and readers of a running server would lose what they read.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn attach(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join("index.sqlite");
        let folder = folder.to_owned();
        let (blobs, lock) = tokio::task::spawn_blocking(move || {
            private::create_folder(&folder)?;
            restrict_files(&folder)?;
            let lock = match take_lock(&folder, Duration::ZERO) {
                Ok(lock) => Some(lock),
                Err(OpenError::InUse) => None,
                Err(error) => return Err(error),
            };
            Ok((Blobs::open(&folder)?, lock))
        })
        .await
        .map_err(io::Error::from)??;
        let index = match &lock {
            Some(_) => Index::open(&path).await,
            None => Index::open_beside(&path).await,
        };
        let index = index.map_err(OpenError::Index)?;
        // Now a server may start.
        drop(lock);
        Ok(Self(Arc::new(Inner { index, blobs, lock: None, leftovers: Mutex::default(), removed: Mutex::default() })))
    }

    /// The state of the pools of connections to its index.
    #[must_use]
    pub fn pools(&self) -> [(&'static str, PoolState); 2] {
        self.index().pools()
    }

    pub(crate) fn index(&self) -> &Index {
        &self.0.index
    }

    pub(crate) fn blobs(&self) -> &Arc<Blobs> {
        &self.0.blobs
    }

    /// Whether the disk has room for objects: they leave its last 16 MiB free.
    pub async fn has_room(&self) -> bool {
        let blobs = Arc::clone(self.blobs());
        let checked = tokio::task::spawn_blocking(move || blobs.has_room_for(0)).await;
        checked.is_ok_and(|room| room.is_ok())
    }

    /// The names that were in `incoming` when the store was opened; empty the second time.
    pub(crate) fn take_leftovers(&self) -> Vec<BlobName> {
        std::mem::take(&mut self.0.leftovers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Aborts the unfinished uploads that are older than `life`, and deletes their parts. Returns how many. Completions that
    /// need not be remembered any more are forgotten.
    ///
    /// # Errors
    /// When the index fails. Uploads that were aborted before the failure stay aborted.
    pub async fn expire_uploads(&self, life: Duration) -> Result<usize, Source> {
        let before = now().saturating_sub(i64::try_from(life.as_millis()).unwrap_or(i64::MAX));
        let forgotten = now().saturating_sub(uploads::COMPLETION_REMEMBERED);
        let forget = move |connection: &mut SqliteConnection| {
            uploads::forget_completed(connection, forgotten, FORGOTTEN_AT_ONCE)
        };
        while self.index().write(forget).await? > 0 {}
        let mut expired = 0;
        loop {
            let dropped = self
                .commit(Vec::new(), move |connection| {
                    let (count, blobs) = uploads::expire(connection, before, EXPIRED_AT_ONCE)?;
                    Ok((count, blobs))
                })
                .await?;
            expired += dropped;
            if dropped == 0 {
                return Ok(expired);
            }
        }
    }

    /// Whether the index has buckets without an id of the records: buckets of an earlier release, or such that the records
    /// do not know.
    ///
    /// # Errors
    /// When the index fails.
    pub async fn has_buckets_without_ids(&self) -> Result<bool, Source> {
        Ok(self.index().read(buckets::some_lack_an_id).await?)
    }

    /// Gives the buckets of an earlier release, which had names alone, the ids that the records have for these names.
    /// Buckets that have an id keep it, and nothing is deleted. Returns how many got one.
    ///
    /// # Errors
    /// When the index fails. Then none of these got one.
    pub async fn adopt_bucket_ids(&self, known: &[BucketRef]) -> Result<usize, Source> {
        let known = known.to_vec();
        let adopt = move |connection: &mut _| {
            let mut adopted = 0;
            for bucket in &known {
                adopted += usize::from(buckets::adopt(connection, bucket)?);
            }
            Ok(adopted)
        };
        Ok(self.index().write(adopt).await?)
    }

    /// Commits a change of the index, and moves the fresh blobs to `blobs`. Completes even when the caller is dropped.
    ///
    /// The files of the blobs that the change released are deleted afterwards, without anybody waiting for it. The same
    /// commit notes them, so that a start can finish the deletion.
    pub(crate) async fn commit<R: Send + 'static>(
        &self,
        fresh: Vec<BlobName>,
        task: impl FnOnce(&mut SqliteConnection) -> Result<(R, Vec<BlobName>), IndexError> + Send + 'static,
    ) -> Result<R, ObjectError> {
        if self.0.lock.is_none() {
            self.blobs().discard(fresh).await;
            return Err(ObjectError::Beside);
        }
        let (store, writes) = (self.clone(), !fresh.is_empty());
        let committed = tokio::spawn(async move {
            // Only where there is an object to write: expiring uploads commits as well.
            let reach = |point| {
                if writes {
                    failpoint::reach(point)
                }
            };
            reach(Failpoint::BlobBeforeCommit);
            let this = store.clone();
            let change = move |connection: &mut SqliteConnection| {
                let (result, blobs) = task(connection)?;
                if !blobs.is_empty() {
                    released::insert(connection, &blobs)?;
                    released::delete(connection, &this.take_removed())?;
                }
                Ok((result, blobs))
            };
            match store.index().write(change).await {
                Ok((result, released)) => {
                    reach(Failpoint::BlobAfterCommit);
                    store.blobs().publish(fresh).await;
                    reach(Failpoint::BlobBeforeRelease);
                    store.remove_released(released);
                    Ok(result)
                }
                Err(error) => {
                    // After a disk failure nobody knows whether the commit is durable. The next start reads the index.
                    if !error.is_in_doubt() {
                        store.blobs().discard(fresh).await;
                    }
                    Err(error)
                }
            }
        });
        Ok(committed.await.map_err(io::Error::from)??)
    }

    /// Deletes the files of released blobs on a thread of its own.
    fn remove_released(&self, released: Vec<BlobName>) {
        if released.is_empty() {
            return;
        }
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || {
            let removed = inner.blobs.remove(released);
            inner.removed.lock().unwrap_or_else(PoisonError::into_inner).extend(removed);
        });
    }

    /// Blobs whose files were deleted and which the index still notes as released, at most as many as one commit
    /// may release. A later commit forgets them, so that they cost no commit of their own.
    fn take_removed(&self) -> Vec<BlobName> {
        let mut removed = self.0.removed.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = removed.len().saturating_sub(uploads::PARTS_PER_TRANSACTION);
        removed.split_off(kept)
    }

    /// Deletes a bucket without objects, and its unfinished uploads.
    ///
    /// A tool may do so as well, because it deletes no file: it leaves the blobs of the uploads in `released`, and the next
    /// start of a server deletes them.
    pub(crate) async fn delete_bucket(&self, bucket: BucketId) -> Result<(), ObjectError> {
        let delete = move |connection: &mut SqliteConnection| buckets::delete(connection, bucket);
        if self.0.lock.is_some() {
            return self.commit(Vec::new(), move |connection| Ok(((), delete(connection)?))).await;
        }
        let released = self.index().write(delete).await?;
        self.blobs().keep(released).await;
        Ok(())
    }
}

/// Restricts what an earlier release created in the folder, except the shards of `blobs`, and creates the index file: SQLite
/// would create it readable for everybody, and its side files get the mode that it has. Blocks.
fn restrict_files(folder: &Path) -> io::Result<()> {
    private::create_file(&folder.join("index.sqlite"))?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let restricted = match entry.file_type()? {
            kind if kind.is_file() => private::restrict_file(&entry.path()),
            kind if kind.is_dir() && entry.file_name() == "blobs" => private::restrict_folder(&entry.path()),
            kind if kind.is_dir() => private::restrict_contents(&entry.path()),
            _ => Ok(()),
        };
        // SQLite deletes its side files when the last connection is closed.
        restricted.or_else(private::ignore_missing)?;
    }
    Ok(())
}

/// Takes the folder for this process alone. Waits for at most `patience`. Blocks.
pub(crate) fn take_lock(folder: &Path, patience: Duration) -> Result<File, OpenError> {
    let lock = private::create_file(&folder.join("lock"))?;
    let started = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if started.elapsed() >= patience => return Err(OpenError::InUse),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(50)),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

/// The current time, in milliseconds since 1970. The only place in this crate that reads it.
#[expect(clippy::disallowed_methods, reason = "the store is opened without a `Clock`")]
pub(crate) fn now() -> i64 {
    let millis = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
    i64::try_from(millis).unwrap_or(i64::MAX)
}

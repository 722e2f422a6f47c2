use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::SqliteConnection;
use storage_hub_core::ports::{PoolState, Source};
use time::OffsetDateTime;

use crate::blobs::{BlobName, BlobStream, Blobs, PieceRange};
use crate::index::{Index, IndexError, blobs, objects, uploads};
use crate::object::{Content, Object};

/// The embedded object store: an index of objects and the blobs that hold their bytes, in one folder. Handles are
/// cheap to clone.
#[derive(Clone)]
pub struct EmbeddedStore(Arc<Inner>);

struct Inner {
    index: Index,
    blobs: Arc<Blobs>,
    /// Held as long as the store is open: the sweep of a second process would take away what this one is writing.
    /// `None` for who works beside the one that has it.
    lock: Option<File>,
}

/// How long an opening waits for another process to leave the folder: one that ends, or a check that looks for orphans.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many uploads one transaction drops, so that other writers do not wait for long.
const EXPIRED_AT_ONCE: i64 = 20;

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has the folder open.
    #[error("another process has the object store of this folder open; end it, or use another folder")]
    InUse,
    /// The folder cannot be read or written.
    #[error("the folder of the object store cannot be used")]
    Folder(#[from] io::Error),
    /// The index cannot be opened or brought up to date.
    #[error("the index of the object store cannot be opened")]
    Index(#[source] Source),
}

/// Why an object cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ObjectError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("the blobs failed")]
    Blobs(#[from] io::Error),
    #[error("objects are written and deleted by the process that serves from the folder")]
    Beside,
}

impl EmbeddedStore {
    /// Opens the store of a folder: makes what is not there, brings the index up to date, and removes what writes that
    /// did not come to their end have left.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(folder: &Path) -> Result<Self, OpenError> {
        let store = Self::open_unswept(folder).await?;
        store.sweep().await?;
        Ok(store)
    }

    /// Opens the store of a folder, for nobody else, and leaves everything as it is.
    pub(crate) async fn open_unswept(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join("index.sqlite");
        let folder = folder.to_owned();
        let (blobs, lock) = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            let lock = take_lock(&folder, PATIENCE)?;
            Ok::<_, OpenError>((Blobs::open(&folder)?, lock))
        })
        .await
        .map_err(io::Error::from)??;
        let index = Index::open(&path).await.map_err(OpenError::Index)?;
        Ok(Self(Arc::new(Inner { index, blobs, lock: Some(lock) })))
    }

    /// Opens the store of a folder beside the process that serves from it: nothing is swept, and while there is such a
    /// process the index is not brought up to date either.
    ///
    /// For buckets, their policies, and reading. Objects are neither written nor deleted by it: the sweep of a server that
    /// starts meanwhile would take an object that is being written for one that was left over, and what the server's own
    /// readers read would be removed under them.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn attach(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join("index.sqlite");
        let folder = folder.to_owned();
        let (blobs, lock) = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
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
        Ok(Self(Arc::new(Inner { index, blobs, lock: None })))
    }

    /// How the connections to its index stand.
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

    /// Removes what the index does not know. Nothing is being written yet, so all of it was left behind.
    pub(crate) async fn sweep(&self) -> Result<(), OpenError> {
        let blobs = Arc::clone(self.blobs());
        let mut removed =
            tokio::task::spawn_blocking(move || blobs.sweep_incoming()).await.map_err(io::Error::from)??;
        for shard in BlobName::shards() {
            let wanted = shard.clone();
            let known = self.index().read(move |connection| blobs::list_shard(connection, &wanted)).await;
            let known = known.map_err(|error| OpenError::Index(error.into()))?;
            let blobs = Arc::clone(self.blobs());
            removed += tokio::task::spawn_blocking(move || blobs.sweep_shard(&shard, &known))
                .await
                .map_err(io::Error::from)??;
        }
        if removed > 0 {
            tracing::info!(files = removed, "removed what unfinished writes had left");
        }
        Ok(())
    }

    /// Aborts the uploads that were begun longer ago than this and not finished, with their parts. Returns how many.
    ///
    /// # Errors
    /// When the index or the disk fails; what was aborted until then is.
    pub async fn expire_uploads(&self, life: Duration) -> Result<usize, Source> {
        let before = now().saturating_sub(i64::try_from(life.as_millis()).unwrap_or(i64::MAX));
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

    /// Has the index take fresh blobs, and removes those that it releases. Runs to its end even when the caller goes
    /// away.
    pub(crate) async fn commit<R: Send + 'static>(
        &self,
        fresh: Vec<BlobName>,
        task: impl FnOnce(&mut SqliteConnection) -> Result<(R, Vec<BlobName>), IndexError> + Send + 'static,
    ) -> Result<R, ObjectError> {
        if self.0.lock.is_none() {
            self.blobs().remove(fresh).await;
            return Err(ObjectError::Beside);
        }
        let store = self.clone();
        let committed = tokio::spawn(async move {
            match store.index().write(task).await {
                Ok((result, released)) => {
                    store.blobs().remove(released).await;
                    Ok(result)
                }
                Err(error) => {
                    // After a failure of the disk nobody knows whether the commit is on it: the next start's sweep does.
                    if !error.is_in_doubt() {
                        store.blobs().remove(fresh).await;
                    }
                    Err(error)
                }
            }
        });
        Ok(committed.await.map_err(io::Error::from)??)
    }

    /// An object as it is now.
    pub(crate) async fn find(&self, bucket: &str, key: &str) -> Result<Object, IndexError> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        self.index().read(move |connection| objects::get(connection, &bucket, &key)).await
    }

    /// Bytes of an object that was just found. `None` when it has been replaced or removed since: find it again.
    pub(crate) async fn read(
        &self,
        object: &Object,
        range: std::ops::Range<u64>,
    ) -> Result<Option<BlobStream>, ObjectError> {
        let pieces = pieces(object, &range);
        let pin = self.blobs().pin(pieces.iter().map(|piece| piece.blob.clone()).collect());
        if pieces.len() > 1 {
            // Blobs that are removed from now on wait for the pin; those of an object that is gone may be gone already.
            let id = object.id;
            if !self.index().read(move |connection| objects::exists(connection, id)).await? {
                return Ok(None);
            }
        }
        match BlobStream::open(self.blobs(), pieces, pin).await {
            Ok(stream) => Ok(Some(stream)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let id = object.id;
                if self.index().read(move |connection| objects::exists(connection, id)).await? {
                    return Err(error.into());
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Takes the folder for this process alone, waiting for so long. Blocks.
pub(crate) fn take_lock(folder: &Path, patience: Duration) -> Result<File, OpenError> {
    let lock = File::options().create(true).truncate(false).write(true).open(folder.join("lock"))?;
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

/// The pieces of blobs that hold a range of an object's bytes.
fn pieces(object: &Object, range: &std::ops::Range<u64>) -> Vec<PieceRange> {
    let whole = match &object.content {
        Content::Whole(blob) => vec![(blob.clone(), object.size)],
        Content::Parts(pieces) => pieces.iter().map(|piece| (piece.blob.clone(), piece.size)).collect(),
    };
    let mut pieces = Vec::new();
    let mut begin = 0_u64;
    for (blob, size) in whole {
        let end = begin.saturating_add(size);
        let (first, last) = (range.start.max(begin), range.end.min(end));
        if first < last {
            pieces.push(PieceRange { blob, from: first - begin, length: last - first });
        }
        begin = end;
    }
    pieces
}

/// The time now, in milliseconds since 1970.
pub(crate) fn now() -> i64 {
    let millis = OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000;
    i64::try_from(millis).unwrap_or(i64::MAX)
}

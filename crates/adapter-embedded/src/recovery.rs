//! What a start does about the files of an earlier process, and how files that the index does not name are found.
//!
//! | folder | named by the index | not named |
//! |---|---|---|
//! | `incoming` | moved to `blobs` | deleted: the write was never committed |
//! | `released` | moved back to `blobs` | deleted when no backup is running |
//! | `blobs` | – | deleted if the index notes that a commit released it; otherwise counted and logged, and [`EmbeddedStore::repair`] moves it to `quarantine` |
//!
//! Nothing is deleted when the index is damaged, or when it never held an object although `blobs` holds files: then it is not
//! the index that belongs to this folder.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use storage_hub_core::ports::Source;

use crate::blobs::{BlobName, Blobs};
use crate::index::{blobs, checking, released};
use crate::store::EmbeddedStore;

/// How many file names are compared with the index at a time: 32 MiB of memory. Each time reads the tables once.
const NAMES_PER_PASS: usize = 1_000_000;

/// Maximum number of SQLite's messages about a damaged index that an error shows.
const SHOWN_PROBLEMS: usize = 3;

/// A file of `blobs` that the index does not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownBlob {
    pub(crate) name: BlobName,
    pub(crate) bytes: u64,
}

/// Why nothing is deleted or moved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Distrust {
    /// SQLite found damage.
    #[error("the object index is damaged: {0}")]
    Damaged(String),
    /// The index is new.
    #[error(
        "the object index never held an object, but the folder `blobs` holds files: the index was lost or replaced"
    )]
    Empty,
    #[error(transparent)]
    Failed(#[from] Source),
}

impl EmbeddedStore {
    /// Finishes what an earlier process left unfinished: moves committed blobs out of `incoming`, deletes the other files
    /// there, and logs how many files of `blobs` the index does not name. Files that an earlier release created with wider
    /// modes are restricted.
    ///
    /// This reads the whole index and the names of all blobs. The store can be used meanwhile, so a server runs it in the
    /// background. Call it once, after it was verified that the folder belongs to this installation.
    pub async fn recover(&self) {
        if let Err(error) = self.recover_unfinished().await {
            let error: &dyn std::error::Error = &error;
            tracing::error!(
                error,
                "kept the files that an earlier process left; run `storage-hub store check` while the hub is stopped"
            );
            return;
        }
        let blobs = Arc::clone(self.blobs());
        match blocking(move || blobs.restrict_shards()).await {
            Ok(()) => {}
            Err(error) => tracing::error!(error = &*error as &dyn std::error::Error, "could not restrict file modes"),
        }
        match self.unknown_blobs().await {
            Ok(unknown) if unknown.is_empty() => {}
            Ok(unknown) => tracing::warn!(
                files = unknown.len(),
                bytes = unknown.iter().map(|file| file.bytes).sum::<u64>(),
                "found blobs that the index does not name and kept them; `storage-hub store check --repair` moves them to \
                 objects/quarantine"
            ),
            Err(error) => {
                tracing::error!(
                    error = &*error as &dyn std::error::Error,
                    "could not compare the blobs with the index"
                );
            }
        }
    }

    /// Deals with the files that were in `incoming` and `released` when the store was opened.
    pub(crate) async fn recover_unfinished(&self) -> Result<(), Distrust> {
        let incoming = self.take_leftovers();
        let blobs = Arc::clone(self.blobs());
        let released = blocking(move || blobs.list_released()).await?;
        let noted = self.index().read(released::list).await.map_err(|error| Distrust::Failed(error.into()))?;
        if incoming.is_empty() && released.is_empty() && noted.is_empty() {
            self.blobs().released_are_verified();
            return Ok(());
        }
        self.verify_index(false).await?;
        self.verify_used().await?;
        let numbers = |names: &[BlobName]| names.iter().filter_map(BlobName::number).collect::<HashSet<_>>();
        let mut names = numbers(&incoming);
        names.extend(numbers(&released));
        names.extend(numbers(&noted));
        let unnamed = self.index().read(move |connection| blobs::subtract(connection, names)).await;
        let unnamed = unnamed.map_err(|error| Distrust::Failed(error.into()))?;
        let blobs = Arc::clone(self.blobs());
        let is_named = move |blob: &BlobName| blob.number().is_some_and(|number| !unnamed.contains(&number));
        let (moved, deleted, forgotten) = blocking(move || {
            let (named, unnamed): (Vec<_>, Vec<_>) = incoming.into_iter().partition(&is_named);
            named.iter().for_each(|blob| blobs.publish_now(blob));
            unnamed.iter().try_for_each(|blob| blobs.delete_incoming(blob))?;
            let back: Vec<_> = released.into_iter().filter(&is_named).collect();
            back.iter().try_for_each(|blob| blobs.take_back(blob))?;
            blobs.released_are_verified();
            // What the index names is never deleted, whatever it says of releases.
            let (mut forgotten, noted): (Vec<_>, Vec<_>) = noted.into_iter().partition(&is_named);
            forgotten.extend(blobs.remove_leftovers(noted));
            Ok((named.len() + back.len(), unnamed.len(), forgotten))
        })
        .await?;
        let forget = move |connection: &mut _| released::delete(connection, &forgotten);
        self.index().write(forget).await.map_err(|error| Distrust::Failed(error.into()))?;
        if moved + deleted > 0 {
            tracing::info!(moved, deleted, "finished the writes that an earlier process left");
        }
        Ok(())
    }

    /// The files of `incoming` that the index does not name. Only while no other process can be writing.
    pub(crate) async fn unnamed_incoming(&self) -> Result<Vec<BlobName>, Source> {
        let blobs = Arc::clone(self.blobs());
        let mut files = blocking(move || blobs.list_incoming()).await?;
        if !files.is_empty() {
            let names = files.iter().filter_map(BlobName::number).collect();
            let unnamed = self.index().read(move |connection| blobs::subtract(connection, names)).await?;
            files.retain(|blob| blob.number().is_some_and(|number| unnamed.contains(&number)));
        }
        Ok(files)
    }

    /// Refuses a damaged index. The thorough check also compares SQLite's own indexes with the tables.
    pub(crate) async fn verify_index(&self, thorough: bool) -> Result<(), Distrust> {
        let problems = self.index().read(move |connection| checking::problems(connection, thorough)).await;
        let problems = problems.map_err(|error| Distrust::Failed(error.into()))?;
        if problems.is_empty() {
            return Ok(());
        }
        let shown: Vec<_> = problems.into_iter().take(SHOWN_PROBLEMS).collect();
        Err(Distrust::Damaged(shown.join("; ")))
    }

    /// Refuses an index that never held an object next to a folder that holds blobs. One whose objects were all deleted
    /// passes.
    pub(crate) async fn verify_used(&self) -> Result<(), Distrust> {
        let used = self.index().read(checking::was_used).await.map_err(|error| Distrust::Failed(error.into()))?;
        let blobs = Arc::clone(self.blobs());
        if !used && blocking(move || blobs.holds_any()).await? {
            return Err(Distrust::Empty);
        }
        Ok(())
    }

    /// The files of `blobs` that the index does not name. A blob that is written or deleted meanwhile is not among them.
    pub(crate) async fn unknown_blobs(&self) -> Result<Vec<UnknownBlob>, Source> {
        let (mut unknown, mut shards) = (Vec::new(), BlobName::shards());
        loop {
            // The files before the index: a blob comes to `blobs` only after its commit.
            let blobs = Arc::clone(self.blobs());
            let (files, rest) = blocking(move || {
                let mut files = Vec::new();
                while files.len() < NAMES_PER_PASS
                    && let Some(shard) = shards.next()
                {
                    files.extend(blobs.list_shard(&shard)?);
                }
                Ok((files, shards))
            })
            .await?;
            shards = rest;
            if files.is_empty() {
                return Ok(unknown);
            }
            let (mut names, mut strange) = (HashSet::with_capacity(files.len()), Vec::new());
            for file in files {
                match file.number() {
                    Some(number) => drop(names.insert(number)),
                    None => strange.push(file),
                }
            }
            let unknown_to_index = move |connection: &mut _| {
                let unnamed = blobs::subtract(connection, names)?;
                released::subtract(connection, unnamed)
            };
            let unnamed = self.index().read(unknown_to_index).await?;
            let found = unnamed.into_iter().map(BlobName::from_number).chain(strange).collect();
            let blobs = Arc::clone(self.blobs());
            unknown.extend(blocking(move || existing(&blobs, found)).await?);
        }
    }

    /// Leaves out the files that have been deleted since: their release was committed, and the deletion followed.
    pub(crate) async fn still_existing(&self, unknown: Vec<UnknownBlob>) -> Result<Vec<UnknownBlob>, Source> {
        let blobs = Arc::clone(self.blobs());
        blocking(move || existing(&blobs, unknown.into_iter().map(|file| file.name).collect())).await
    }
}

fn existing(blobs: &Blobs, names: Vec<BlobName>) -> io::Result<Vec<UnknownBlob>> {
    let mut files = Vec::new();
    for name in names {
        if let Some(bytes) = blobs.stored_size(&name)? {
            files.push(UnknownBlob { name, bytes });
        }
    }
    Ok(files)
}

/// Runs work with files on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, Source> {
    Ok(tokio::task::spawn_blocking(work).await??)
}

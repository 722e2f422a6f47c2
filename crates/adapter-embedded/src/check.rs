//! Compares the index with the blobs, and repairs differences: `storage-hub store check`.

mod bodies;
mod finding;
mod quarantine;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use storage_hub_core::ports::Source;

pub use finding::{CheckFinding, Place};

use crate::blobs::BlobName;
use crate::index::checking::{self, PlacedObject, PlacedPart};
use crate::index::{objects, usage};
use crate::object::Content;
use crate::recovery::{Distrust, UnknownBlob};
use crate::store::{EmbeddedStore, OpenError, take_lock};

/// Maximum number of index rows that are held in memory.
const PAGE: i64 = 256;
/// How much of the store is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckDepth {
    /// Names and sizes.
    Quick,
    /// Every byte of every blob, compared with its ETag and its checksum.
    Full,
}

/// Why a store could not be checked or repaired.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A repair would trust an index that is damaged.
    #[error(
        "the object index is damaged, so nothing was changed: stop the hub, keep a copy of the folder, and rebuild the \
         indexes with `sqlite3 index.sqlite REINDEX`; if that does not help, restore a backup. SQLite reports: {0}"
    )]
    Damaged(String),
    /// A repair would trust an index that does not belong to the blobs.
    #[error(
        "the object index never held an object, but the folder `blobs` holds files, so nothing was changed: the index was lost \
         or replaced; restore it from a backup"
    )]
    EmptyIndex,
    /// A repair would move blobs that a backup is copying.
    #[error("a backup of this folder is running; repair it when the backup has ended")]
    BackupRunning,
    /// The index or the disk failed.
    #[error("the check failed")]
    Failed(#[from] Source),
}

impl From<Distrust> for CheckError {
    fn from(distrust: Distrust) -> Self {
        match distrust {
            Distrust::Damaged(problems) => Self::Damaged(problems),
            Distrust::Empty => Self::EmptyIndex,
            Distrust::Failed(error) => Self::Failed(error),
        }
    }
}

impl EmbeddedStore {
    /// Compares everything in the store of a folder with its index. Changes nothing, and can run concurrently with the
    /// process that serves from the folder: what is written or deleted meanwhile is not a finding.
    ///
    /// # Errors
    /// [`CheckError`].
    pub async fn check(folder: &Path, depth: CheckDepth) -> Result<Vec<CheckFinding>, CheckError> {
        let store = Self::attach(folder).await?;
        let wanted = folder.to_owned();
        // A server that starts meanwhile waits for the lock, so it is held for the files of `incoming` only.
        let alone = tokio::task::spawn_blocking(move || take_lock(&wanted, Duration::ZERO).ok());
        let alone = alone.await.map_err(|error| CheckError::Failed(error.into()))?;
        let unfinished = if alone.is_some() { store.unnamed_incoming().await? } else { Vec::new() };
        drop(alone);
        let unknown = store.unknown_blobs().await?;
        let mut findings = store.examine(depth, None).await?;
        // A release whose commit was seen may have been deleted only now.
        let unknown = store.still_existing(unknown).await?;
        findings.extend(unknown.into_iter().map(UnknownBlob::finding));
        findings.extend(unfinished.into_iter().map(|blob| CheckFinding::Orphan { blob: format!("incoming/{blob}") }));
        Ok(findings)
    }

    /// Checks the store of a folder and repairs what it finds. Objects whose bytes are damaged, and files that the index
    /// does not name, are moved to the folder `quarantine`. Damaged objects are also removed from the index, so that lists
    /// show what can be read. Returns what it found.
    ///
    /// # Errors
    /// [`CheckError`]; [`OpenError::InUse`] while a process serves from the folder. Any damage of the index is an error,
    /// and nothing is changed then.
    pub async fn repair(folder: &Path, depth: CheckDepth) -> Result<Vec<CheckFinding>, CheckError> {
        let store = Self::open(folder).await?;
        if store.blobs().is_backed_up_now() {
            return Err(CheckError::BackupRunning);
        }
        // Thorough at any depth: the quick check does not compare SQLite's indexes with the tables.
        store.verify_index(true).await?;
        store.verify_used().await?;
        let unfinished = store.unnamed_incoming().await?;
        store.recover_unfinished().await?;
        let unknown = store.unknown_blobs().await?;
        let quarantine = folder.join("quarantine");
        let mut findings = store.examine(depth, Some(&quarantine)).await?;
        // Again, because the index does not name the damaged objects any more.
        let moved = store.unknown_blobs().await?;
        let blobs = Arc::clone(store.blobs());
        tokio::task::spawn_blocking(move || quarantine::take(&blobs, &quarantine, &moved))
            .await
            .map_err(|error| CheckError::Failed(error.into()))?
            .map_err(|error| CheckError::Failed(error.into()))?;
        findings.extend(unknown.into_iter().map(UnknownBlob::finding));
        findings.extend(unfinished.into_iter().map(|blob| CheckFinding::Orphan { blob: format!("incoming/{blob}") }));
        Ok(findings)
    }

    /// Compares every row of the index with its blobs. With a quarantine, moves what is damaged there.
    async fn examine(&self, depth: CheckDepth, quarantine: Option<&Path>) -> Result<Vec<CheckFinding>, Source> {
        let thorough = depth == CheckDepth::Full;
        let problems = self.index().read(move |connection| checking::problems(connection, thorough)).await?;
        let mut findings: Vec<_> = problems.into_iter().map(|problem| CheckFinding::Index { problem }).collect();
        let wrong = self.index().read(usage::find_wrong).await?;
        let problem = |name| format!("the counters of bucket `{name}` differ from what it holds");
        let has_wrong = !wrong.is_empty();
        findings.extend(wrong.into_iter().map(|name| CheckFinding::Index { problem: problem(name) }));
        if has_wrong && quarantine.is_some() {
            self.index().write(usage::recount).await?;
        }
        let mut after = 0;
        loop {
            let page = self.index().read(move |connection| checking::list_objects(connection, after, PAGE)).await?;
            let Some(last) = page.last() else { break };
            after = last.object.id;
            for placed in page {
                findings.extend(self.examine_object(placed, depth, quarantine).await?);
            }
        }
        let mut after = (String::new(), 0);
        loop {
            let (upload, number) = after.clone();
            let page =
                self.index().read(move |connection| checking::list_parts(connection, (&upload, number), PAGE)).await?;
            let Some(last) = page.last() else { break };
            after = (last.upload.clone(), last.number);
            for part in page {
                findings.extend(self.examine_part(part, depth, quarantine).await?);
            }
        }
        Ok(findings)
    }

    async fn examine_object(
        &self,
        placed: PlacedObject,
        depth: CheckDepth,
        quarantine: Option<&Path>,
    ) -> Result<Option<CheckFinding>, Source> {
        let place = Place { bucket: placed.bucket, key: placed.key, part: None };
        let (blobs, object) = (Arc::clone(self.blobs()), placed.object.clone());
        let id = object.id;
        let data = match object.content {
            Content::Inline => self.index().read(move |connection| objects::data(connection, id)).await?,
            Content::Whole(_) | Content::Parts(_) => None,
        };
        let read = data.clone();
        let fault = move || bodies::fault_of_object(&blobs, &object, read.as_ref(), depth);
        let fault = tokio::task::spawn_blocking(fault).await?;
        let Some(fault) = fault else { return Ok(None) };
        if !self.index().read(move |connection| objects::exists(connection, id)).await? {
            return Ok(None);
        }
        if let Some(folder) = quarantine {
            let kept = quarantine::Description::of_object(&place, &placed.object, &fault);
            self.keep_in_quarantine(folder, kept, placed.object.content.blobs(), data).await?;
            self.index().write(move |connection| checking::forget_object(connection, id)).await?;
        }
        Ok(Some(fault.at(place)))
    }

    async fn examine_part(
        &self,
        part: PlacedPart,
        depth: CheckDepth,
        quarantine: Option<&Path>,
    ) -> Result<Option<CheckFinding>, Source> {
        let place = Place {
            bucket: part.bucket.clone(),
            key: part.key.clone(),
            part: Some((part.upload.clone(), part.number)),
        };
        let (blobs, read) = (Arc::clone(self.blobs()), part.clone());
        let fault = tokio::task::spawn_blocking(move || bodies::fault_of_part(&blobs, &read, depth)).await?;
        let Some(fault) = fault else { return Ok(None) };
        let blob = part.blob.clone();
        if !self.index().read(move |connection| checking::part_exists(connection, &blob)).await? {
            return Ok(None);
        }
        if let Some(folder) = quarantine {
            let kept = quarantine::Description::of_part(&place, &part, &fault);
            let blob = part.blob.clone();
            self.keep_in_quarantine(folder, kept, vec![part.blob], None).await?;
            self.index().write(move |connection| checking::forget_part(connection, &blob)).await?;
        }
        Ok(Some(fault.at(place)))
    }

    async fn keep_in_quarantine(
        &self,
        folder: &Path,
        kept: quarantine::Description,
        names: Vec<BlobName>,
        data: Option<Bytes>,
    ) -> Result<(), Source> {
        let (blobs, folder) = (Arc::clone(self.blobs()), folder.to_owned());
        let keep = move || quarantine::keep(&blobs, &folder, &kept, &names, data.as_deref());
        Ok(tokio::task::spawn_blocking(keep).await??)
    }
}

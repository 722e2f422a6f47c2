//! Holds the index against the blobs: `storage-hub store check`.

mod bodies;
mod finding;
mod quarantine;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use storage_hub_core::ports::Source;
use time::OffsetDateTime;

pub use finding::{CheckFinding, Place};

use crate::blobs::BlobName;
use crate::index::checking::{self, PlacedObject, PlacedPart};
use crate::index::{blobs, objects};
use crate::object::Content;
use crate::store::{EmbeddedStore, OpenError, take_lock};

/// How many rows of the index are held at a time.
const PAGE: i64 = 256;
/// A blob that no row names is left over when it is older than this; a younger one beside a server may be an object that
/// is being written. A write takes its place in the index within seconds.
const SETTLED: i64 = 60;

/// How much of the store is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckDepth {
    /// Names and sizes.
    Quick,
    /// Every byte of every blob, held against its ETag and its checksum.
    Full,
}

/// Why a store cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The index or the disk failed.
    #[error("the check broke off")]
    Failed(#[from] Source),
}

impl EmbeddedStore {
    /// Holds everything that the store of a folder has against its index. Changes nothing, and may run beside the process
    /// that serves from the folder: what is written or deleted meanwhile is not taken for a fault.
    ///
    /// # Errors
    /// [`CheckError`].
    pub async fn check(folder: &Path, depth: CheckDepth) -> Result<Vec<CheckFinding>, CheckError> {
        let store = Self::attach(folder).await?;
        let wanted = folder.to_owned();
        // A server that starts meanwhile waits; the longer part is not done under the lock.
        let alone = tokio::task::spawn_blocking(move || take_lock(&wanted, Duration::ZERO).ok());
        let alone: Option<File> = alone.await.map_err(|error| CheckError::Failed(error.into()))?;
        let orphans = store.orphans(alone.is_some()).await?;
        drop(alone);
        let mut findings = store.examine(depth, None).await?;
        findings.extend(orphans.into_iter().map(|blob| CheckFinding::Orphan { blob }));
        Ok(findings)
    }

    /// Checks, and mends what it finds: removes what nobody's row names, and moves what is broken into the folder
    /// `quarantine`, each with a description beside it, and out of the index, so that lists tell what can be read. Returns
    /// what it found; a damaged index it only tells.
    ///
    /// # Errors
    /// [`CheckError`]; [`OpenError::InUse`] while a process serves from the folder.
    pub async fn repair(folder: &Path, depth: CheckDepth) -> Result<Vec<CheckFinding>, CheckError> {
        let store = Self::open_unswept(folder).await?;
        let orphans = store.orphans(true).await?;
        let mut findings = store.examine(depth, Some(&folder.join("quarantine"))).await?;
        store.sweep().await?;
        findings.extend(orphans.into_iter().map(|blob| CheckFinding::Orphan { blob }));
        Ok(findings)
    }

    /// Blobs that the disk has and the index does not. `alone` when nobody else can be writing.
    async fn orphans(&self, alone: bool) -> Result<Vec<String>, Source> {
        let mut orphans = Vec::new();
        let settled = OffsetDateTime::now_utc().unix_timestamp() - SETTLED;
        for shard in BlobName::shards() {
            let (blobs, wanted) = (Arc::clone(self.blobs()), shard.clone());
            // The disk first: a blob that is committed later only looks like an orphan.
            let files =
                tokio::task::spawn_blocking(move || blobs.list_shard(&wanted)).await.map_err(io::Error::from)??;
            let known = self.index().read(move |connection| blobs::list_shard(connection, &shard)).await?;
            let left_over = files.into_iter().filter(|file| alone || file.placed_at < settled);
            orphans.extend(left_over.filter(|file| !known.contains(&file.name)).map(|file| file.name.to_string()));
        }
        if alone {
            let blobs = Arc::clone(self.blobs());
            let aside = tokio::task::spawn_blocking(move || blobs.list_incoming()).await.map_err(io::Error::from)??;
            orphans.extend(aside.into_iter().map(|name| format!("incoming/{name}")));
        }
        Ok(orphans)
    }

    /// Holds every row of the index against the disk, and moves what is broken to the quarantine when there is one.
    async fn examine(&self, depth: CheckDepth, quarantine: Option<&Path>) -> Result<Vec<CheckFinding>, Source> {
        let thorough = depth == CheckDepth::Full;
        let problems = self.index().read(move |connection| checking::problems(connection, thorough)).await?;
        let mut findings: Vec<_> = problems.into_iter().map(|problem| CheckFinding::Index { problem }).collect();
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
        let fault = tokio::task::spawn_blocking(move || bodies::fault_of_object(&blobs, &object, depth)).await?;
        let Some(fault) = fault else { return Ok(None) };
        let id = placed.object.id;
        if !self.index().read(move |connection| objects::exists(connection, id)).await? {
            return Ok(None);
        }
        if let Some(folder) = quarantine {
            let kept = quarantine::Description::of_object(&place, &placed.object, &fault);
            self.set_aside(folder, kept, placed.object.content.blobs()).await?;
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
            self.set_aside(folder, kept, Content::Whole(part.blob).blobs()).await?;
            self.index().write(move |connection| checking::forget_part(connection, &blob)).await?;
        }
        Ok(Some(fault.at(place)))
    }

    async fn set_aside(
        &self,
        folder: &Path,
        kept: quarantine::Description,
        names: Vec<BlobName>,
    ) -> Result<(), Source> {
        let (blobs, folder) = (Arc::clone(self.blobs()), folder.to_owned());
        Ok(tokio::task::spawn_blocking(move || quarantine::keep(&blobs, &folder, &kept, &names)).await??)
    }
}

//! Which installation the folder belongs to: a row of the index and the file `hub.json` say it, and the records repeat
//! it. `storage_hub_core::use_cases::installation` compares them; here they are read and written.

mod hub_file;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use storage_hub_core::domain::HubId;
use storage_hub_core::ports::{EmbeddedState, IndexState};

use crate::index::{Index, installation};
use crate::private;
use crate::store::{EmbeddedStore, OpenError, PATIENCE, take_lock};

pub use hub_file::write_hub_file;

/// The right to be the one process that serves from a folder, until it is dropped.
#[derive(Debug)]
pub struct FolderLock {
    pub(crate) folder: PathBuf,
    pub(crate) file: File,
}

impl FolderLock {
    /// Takes a folder for this process alone; creates it when it is missing. A process that is ending is waited for.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when another process keeps it, [`OpenError::Folder`] when it cannot be used.
    pub async fn take(folder: &Path) -> Result<Self, OpenError> {
        let folder = folder.to_owned();
        let taking = tokio::task::spawn_blocking(move || {
            private::create_folder(&folder)?;
            let file = take_lock(&folder, PATIENCE)?;
            Ok(Self { folder, file })
        });
        taking.await.map_err(io::Error::from)?
    }

    /// As [`take`](Self::take), for a folder that is there, without waiting; `None` while another process has it.
    ///
    /// # Errors
    /// [`OpenError::Folder`] when the folder cannot be used.
    pub async fn try_take(folder: &Path) -> Result<Option<Self>, OpenError> {
        let folder = folder.to_owned();
        let taking = tokio::task::spawn_blocking(move || match take_lock(&folder, Duration::ZERO) {
            Ok(file) => Ok(Some(Self { folder, file })),
            Err(OpenError::InUse) => Ok(None),
            Err(error) => Err(error),
        });
        taking.await.map_err(io::Error::from)?
    }
}

/// What a folder holds. Nothing in it is created or changed; a folder that is missing holds nothing.
///
/// # Errors
/// [`OpenError`] when something in it is there and cannot be read.
pub async fn inspect(folder: &Path) -> Result<EmbeddedState, OpenError> {
    let path = folder.join("index.sqlite");
    let wanted = folder.to_owned();
    // The file is announced first and confirmed last: read in this order, a start that is being counted meanwhile is told
    // from an older copy, or looks like one for a moment only.
    let hub_file = tokio::task::spawn_blocking(move || hub_file::read(&wanted)).await.map_err(io::Error::from)??;
    let (migrations, index) = Index::inspect(&path).await.map_err(OpenError::Index)?;
    let has_blobs = match index {
        IndexState::Missing | IndexState::Empty => {
            let wanted = folder.join("blobs");
            tokio::task::spawn_blocking(move || has_files(&wanted)).await.map_err(io::Error::from)??
        }
        IndexState::Unidentified | IndexState::Identified { .. } => false,
    };
    Ok(EmbeddedState { migrations, index, hub_file, has_blobs })
}

/// Whether one of the folders in a folder holds a file. Blocks.
fn has_files(folder: &Path) -> io::Result<bool> {
    let shards = match fs::read_dir(folder) {
        Ok(shards) => shards,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    for shard in shards {
        let shard = shard?;
        if shard.file_type()?.is_dir() && fs::read_dir(shard.path())?.next().transpose()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl EmbeddedStore {
    /// Notes in the index which installation it belongs to, and how many servers have been started on it.
    ///
    /// # Errors
    /// [`OpenError::Index`].
    pub async fn record_start(&self, hub_id: HubId, starts: i64) -> Result<(), OpenError> {
        let written = self.index().write(move |connection| installation::upsert(connection, hub_id, starts)).await;
        written.map_err(|error| OpenError::Index(error.into()))
    }
}

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use super::{BlobName, Blobs, run_aside};
use crate::digests::{Algorithm, Digests, Hasher};

/// Writes one blob. Dropped before it is finished, it leaves nothing.
pub(crate) struct BlobWriter {
    blobs: Arc<Blobs>,
    open: Option<Open>,
}

struct Open {
    file: File,
    hasher: Hasher,
    size: u64,
    aside: Aside,
}

/// A blob that is whole and on the disk, but in no index yet. Dropped before it is kept, it is removed.
pub(crate) struct StoredBlob {
    pub(crate) size: u64,
    pub(crate) digests: Digests,
    blobs: Arc<Blobs>,
    name: Option<BlobName>,
}

/// The file that is being written.
struct Aside {
    name: BlobName,
    path: Option<PathBuf>,
}

impl BlobWriter {
    pub(crate) async fn begin(blobs: &Arc<Blobs>, algorithm: Option<Algorithm>) -> io::Result<Self> {
        let blobs = Arc::clone(blobs);
        let name = BlobName::random();
        let path = blobs.incoming.join(name.as_str());
        tokio::task::spawn_blocking(move || {
            blobs.has_room_for(0)?;
            let file = File::create_new(&path)?;
            let aside = Aside { name, path: Some(path) };
            Ok(Self { blobs, open: Some(Open { file, hasher: Hasher::new(algorithm), size: 0, aside }) })
        })
        .await?
    }

    /// Appends bytes.
    pub(crate) async fn write(&mut self, chunks: Vec<Bytes>) -> io::Result<()> {
        let mut open = self.open.take().ok_or_else(broken)?;
        let blobs = Arc::clone(&self.blobs);
        let (open, written) = tokio::task::spawn_blocking(move || {
            let bytes = chunks.iter().map(|chunk| chunk.len() as u64).sum();
            let written = blobs.has_room_for(bytes).and_then(|()| open.write(&chunks));
            (open, written)
        })
        .await?;
        written?;
        self.open = Some(open);
        Ok(())
    }

    /// Makes the blob last: synced, and under its name.
    pub(crate) async fn finish(mut self) -> io::Result<StoredBlob> {
        let open = self.open.take().ok_or_else(broken)?;
        let blobs = self.blobs;
        tokio::task::spawn_blocking(move || {
            let Open { file, hasher, size, mut aside } = open;
            file.sync_all()?;
            drop(file);
            let path = aside.path.as_ref().ok_or_else(broken)?;
            fs::rename(path, blobs.path(&aside.name))?;
            aside.path = None;
            let name = aside.name.clone();
            let stored = StoredBlob { size, digests: hasher.finish(), blobs, name: Some(name) };
            stored.blobs.sync_folder_of(&aside.name)?;
            Ok(stored)
        })
        .await?
    }
}

/// An earlier write failed: what is there is not what was sent.
fn broken() -> io::Error {
    io::Error::other("the blob is broken off")
}

impl Open {
    fn write(&mut self, chunks: &[Bytes]) -> io::Result<()> {
        for chunk in chunks {
            self.file.write_all(chunk)?;
            self.hasher.update(chunk);
            self.size += chunk.len() as u64;
        }
        Ok(())
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            run_aside(move || {
                // The sweep of the next start removes what this cannot.
                let _ = fs::remove_file(path);
            });
        }
    }
}

impl StoredBlob {
    /// Leaves the blob where it is, for the index to take.
    pub(crate) fn keep(mut self) -> Option<BlobName> {
        self.name.take()
    }
}

impl Drop for StoredBlob {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            let blobs = Arc::clone(&self.blobs);
            run_aside(move || blobs.remove_now(&name));
        }
    }
}

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;

use bytes::Bytes;

use super::folders::Place;
use super::{BlobName, Blobs, run_aside};
use crate::digests::{Algorithm, Digests, Hasher};
use crate::private;

/// Writes one blob. Dropping it before it is finished deletes what was written.
pub(crate) struct BlobWriter {
    blobs: Arc<Blobs>,
    open: Option<Open>,
}

struct Open {
    file: File,
    hasher: Hasher,
    size: u64,
    unfinished: Uncommitted,
}

/// A complete and durable blob that the index does not name yet. Dropping it before it is kept deletes it.
pub(crate) struct StoredBlob {
    pub(crate) size: u64,
    pub(crate) digests: Digests,
    blob: Uncommitted,
}

/// A file in `incoming` that is deleted when this is dropped, unless its name was taken.
struct Uncommitted {
    blobs: Arc<Blobs>,
    name: Option<BlobName>,
}

impl BlobWriter {
    pub(crate) async fn begin(blobs: &Arc<Blobs>, algorithm: Option<Algorithm>) -> io::Result<Self> {
        let blobs = Arc::clone(blobs);
        let name = BlobName::random();
        tokio::task::spawn_blocking(move || {
            blobs.has_room_for(0)?;
            let file = private::create_new_file(&blobs.folders.path(Place::Incoming, &name))?;
            let unfinished = Uncommitted { blobs: Arc::clone(&blobs), name: Some(name) };
            Ok(Self { blobs, open: Some(Open { file, hasher: Hasher::new(algorithm), size: 0, unfinished }) })
        })
        .await?
    }

    /// Appends bytes.
    pub(crate) async fn write(&mut self, chunks: Vec<Bytes>) -> io::Result<()> {
        let mut open = self.open.take().ok_or_else(failed_before)?;
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

    /// Makes the blob durable. It stays in `incoming` until the index has committed it.
    pub(crate) async fn finish(mut self) -> io::Result<StoredBlob> {
        let open = self.open.take().ok_or_else(failed_before)?;
        let blobs = self.blobs;
        tokio::task::spawn_blocking(move || {
            let Open { file, hasher, size, unfinished } = open;
            file.sync_all()?;
            blobs.sync_incoming()?;
            Ok(StoredBlob { size, digests: hasher.finish(), blob: unfinished })
        })
        .await?
    }
}

/// After a failed write the file does not hold what was sent.
fn failed_before() -> io::Error {
    io::Error::other("an earlier write of the blob failed")
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

impl StoredBlob {
    /// Leaves the blob where it is, for the index to commit.
    pub(crate) fn keep(mut self) -> Option<BlobName> {
        self.blob.name.take()
    }
}

impl Drop for Uncommitted {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            let blobs = Arc::clone(&self.blobs);
            run_aside(move || blobs.discard_now(&name));
        }
    }
}

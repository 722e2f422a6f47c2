use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinHandle;

use super::folders::Place;
use super::{BlobName, Blobs, run_aside};
use crate::private;

/// Writes one blob. Dropping it before it is finished deletes what was written.
pub(crate) struct BlobWriter {
    blobs: Arc<Blobs>,
    /// The last write, which may still be running.
    writing: JoinHandle<io::Result<Open>>,
}

struct Open {
    file: File,
    unfinished: UncommittedBlobs,
    /// Makes the entry of the file durable. It was started when the entry was created, so that it runs while the bytes
    /// arrive.
    entry: JoinHandle<io::Result<()>>,
}

/// A complete and durable blob that the index does not name yet. Dropping it before it is kept deletes it.
pub(crate) struct StoredBlob {
    blob: UncommittedBlobs,
}

/// Files in `incoming` that are deleted when this is dropped, unless their names were taken.
pub(crate) struct UncommittedBlobs {
    pub(super) blobs: Arc<Blobs>,
    pub(super) names: Vec<BlobName>,
}

impl BlobWriter {
    /// Creates the file, unless the disk has no room for the bytes that are expected.
    pub(crate) fn begin(blobs: &Arc<Blobs>, expected: u64) -> Self {
        let this = Arc::clone(blobs);
        let name = BlobName::random();
        let writing = tokio::task::spawn_blocking(move || {
            this.has_room_for(expected)?;
            let file = private::create_new_file(&this.folders.path(Place::Incoming, &name))?;
            let unfinished = UncommittedBlobs { blobs: Arc::clone(&this), names: vec![name] };
            let entry = tokio::task::spawn_blocking(move || this.sync_incoming());
            Ok(Open { file, unfinished, entry })
        });
        Self { blobs: Arc::clone(blobs), writing }
    }

    /// Starts to append bytes, after the earlier ones are written. It does not wait until these are, so that the next ones
    /// can be received meanwhile. After an error the blob must be given up.
    pub(crate) async fn write(&mut self, chunks: Vec<Bytes>) -> io::Result<()> {
        let mut open = (&mut self.writing).await??;
        let blobs = Arc::clone(&self.blobs);
        self.writing = tokio::task::spawn_blocking(move || {
            blobs.has_room_for(chunks.iter().map(|chunk| chunk.len() as u64).sum())?;
            for chunk in &chunks {
                open.file.write_all(chunk)?;
            }
            Ok(open)
        });
        Ok(())
    }

    /// Makes the blob durable. It stays in `incoming` until the index has committed it.
    pub(crate) async fn finish(self) -> io::Result<StoredBlob> {
        let Open { file, unfinished, entry } = self.writing.await??;
        tokio::task::spawn_blocking(move || file.sync_all()).await??;
        entry.await??;
        Ok(StoredBlob { blob: unfinished })
    }
}

impl StoredBlob {
    /// Leaves the blob where it is, for the index to commit.
    pub(crate) fn keep(mut self) -> Option<BlobName> {
        self.blob.names.pop()
    }
}

impl UncommittedBlobs {
    /// Leaves the blobs where they are, for the index to commit.
    pub(crate) fn keep(mut self) -> Vec<BlobName> {
        std::mem::take(&mut self.names)
    }
}

impl Drop for UncommittedBlobs {
    fn drop(&mut self) {
        if !self.names.is_empty() {
            let (blobs, names) = (Arc::clone(&self.blobs), std::mem::take(&mut self.names));
            run_aside(move || names.iter().for_each(|name| blobs.discard_now(name)));
        }
    }
}

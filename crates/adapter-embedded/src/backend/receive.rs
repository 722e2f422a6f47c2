use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use storage_hub_s3_backend::VerifiedBody;
use storage_hub_s3_protocol::checksum::{BodyDigests, ChecksumAlgorithm, Hasher};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};

use super::error::blob_error;
use crate::blobs::{BlobName, BlobStream, BlobWriter, StoredBlob};
use crate::object::{MAX_INLINE, NewContent};
use crate::store::EmbeddedStore;

/// How many bytes are gathered before they are written: fewer would cost a change of threads each.
const GATHER: usize = 256 * 1024;
/// How many pieces are gathered before they are written, however small they are.
const PIECES: usize = 1024;

/// Bytes that were received to their verified end, and their digests. Dropping it deletes its blob.
pub(super) struct Received {
    pub(super) bytes: ReceivedBytes,
    pub(super) digests: BodyDigests,
}

/// Where received bytes are.
pub(super) enum ReceivedBytes {
    /// In memory, because they are few: the index keeps them.
    Inline(Bytes),
    /// In a durable blob.
    Blob(StoredBlob),
}

impl Received {
    /// The content of an object of these bytes. From now on the blob is deleted only by the commit that gets it.
    pub(super) fn keep(self) -> S3Result<(NewContent, BodyDigests)> {
        let content = match self.bytes {
            ReceivedBytes::Inline(bytes) => NewContent::Inline(bytes),
            ReceivedBytes::Blob(blob) => NewContent::Whole(blob.keep().ok_or(ErrorCode::InternalError)?),
        };
        Ok((content, self.digests))
    }

    /// As [`keep`](Self::keep), for what was received with [`Place::Blob`].
    pub(super) fn keep_blob(self) -> S3Result<(BlobName, BodyDigests)> {
        match self.keep()? {
            (NewContent::Whole(blob), digests) => Ok((blob, digests)),
            (NewContent::Inline(_) | NewContent::Parts(_), _) => Err(ErrorCode::InternalError.into()),
        }
    }
}

/// Where bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Into a blob.
    Blob,
    /// Into memory if they are few, else into a blob.
    BySize,
}

/// Receives a body. One that breaks off, or is not what the client says, leaves nothing.
pub(super) async fn receive(store: &EmbeddedStore, body: &mut VerifiedBody, place: Place) -> S3Result<Received> {
    let mut sink = Sink::new(store, place, body.announced_length());
    while let Some(chunk) = body.chunk().await? {
        sink.push(chunk).await?;
    }
    let digests = body.digests().cloned().ok_or(ErrorCode::InternalError)?;
    Ok(Received { bytes: sink.finish().await?, digests })
}

/// Copies bytes of the store.
pub(super) async fn copy_bytes(
    store: &EmbeddedStore,
    mut stream: BlobStream,
    length: u64,
    algorithm: Option<ChecksumAlgorithm>,
    place: Place,
) -> S3Result<Received> {
    let mut sink = Sink::new(store, place, Some(length));
    let mut hasher = Hasher::new(algorithm);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| S3Error::new(ErrorCode::InternalError).caused_by(error))?;
        hasher.update(&chunk);
        sink.push(chunk).await?;
    }
    Ok(Received { bytes: sink.finish().await?, digests: hasher.finish() })
}

/// Gathers bytes, and begins a blob as soon as they are too many for the index.
struct Sink<'a> {
    store: &'a EmbeddedStore,
    place: Place,
    expected: u64,
    writer: Option<BlobWriter>,
    gathered: Vec<Bytes>,
    length: usize,
}

impl<'a> Sink<'a> {
    fn new(store: &'a EmbeddedStore, place: Place, expected: Option<u64>) -> Self {
        Self { store, place, expected: expected.unwrap_or(0), writer: None, gathered: Vec::new(), length: 0 }
    }

    async fn push(&mut self, chunk: Bytes) -> S3Result<()> {
        self.length += chunk.len();
        self.gathered.push(chunk);
        if self.length >= GATHER || self.gathered.len() >= PIECES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> S3Result<()> {
        let writer = self.writer.get_or_insert_with(|| BlobWriter::begin(self.store.blobs(), self.expected));
        self.length = 0;
        writer.write(std::mem::take(&mut self.gathered)).await.map_err(blob_error)
    }

    async fn finish(mut self) -> S3Result<ReceivedBytes> {
        if self.writer.is_none() && self.length <= MAX_INLINE && self.place == Place::BySize {
            // An index full of small objects must leave the reserve too.
            self.store.blobs().has_room_for(self.length as u64).map_err(blob_error)?;
            return Ok(ReceivedBytes::Inline(joined(self.gathered, self.length)));
        }
        self.flush().await?;
        let Some(writer) = self.writer else { return Err(ErrorCode::InternalError.into()) };
        writer.finish().await.map(ReceivedBytes::Blob).map_err(blob_error)
    }
}

fn joined(mut pieces: Vec<Bytes>, length: usize) -> Bytes {
    if pieces.len() == 1 {
        return pieces.pop().unwrap_or_default();
    }
    let mut bytes = BytesMut::with_capacity(length);
    pieces.iter().for_each(|piece| bytes.extend_from_slice(piece));
    bytes.freeze()
}

//! Finding objects, and reading their bytes.

use std::io;
use std::ops::Range;

use bytes::Bytes;
use storage_hub_core::domain::BucketId;

use super::{EmbeddedStore, ObjectError};
use crate::blobs::{BlobStream, PieceRange};
use crate::index::IndexError;
use crate::index::objects::{self, Found, VersionAt};
use crate::object::{Content, Object};

impl EmbeddedStore {
    /// A version of an object as it is now, in the bucket with this id.
    pub(crate) async fn find_in(&self, bucket: BucketId, at: VersionAt) -> Result<Found, IndexError> {
        let found = self.index().read(move |connection| objects::find(connection, bucket, &at, false)).await;
        found.map(|(found, _)| found)
    }

    /// As [`find_in`](Self::find_in), with the bytes of the object if they are in the index.
    pub(crate) async fn find_with_data(
        &self,
        bucket: BucketId,
        at: VersionAt,
    ) -> Result<(Found, Option<Bytes>), IndexError> {
        self.index().read(move |connection| objects::find(connection, bucket, &at, true)).await
    }

    /// Reads bytes of an object that was just found. `None` when it was replaced or deleted since: find it again.
    pub(crate) async fn read(&self, object: &Object, range: Range<u64>) -> Result<Option<BlobStream>, ObjectError> {
        if object.content == Content::Inline {
            let id = object.id;
            let data = self.index().read(move |connection| objects::data(connection, id)).await?;
            return Ok(data.map(|data| BlobStream::of_bytes(slice(&data, &range))));
        }
        let pieces = pieces(object, &range);
        let pin = self.blobs().pin(pieces.iter().map(|piece| piece.blob.clone()).collect());
        if pieces.len() > 1 {
            // Blobs that are released from now on are kept for the pin. Those of an object that was deleted before are not.
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

/// The pieces of blobs that hold a range of an object's bytes.
fn pieces(object: &Object, range: &Range<u64>) -> Vec<PieceRange> {
    let whole = match &object.content {
        Content::Inline => Vec::new(),
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

/// A range of bytes that are in memory.
pub(crate) fn slice(bytes: &Bytes, range: &Range<u64>) -> Bytes {
    let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(at(range.start)..at(range.end))
}

use std::collections::VecDeque;
use std::error::Error;
use std::fs::File;
use std::future::Future as _;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::pin::Pin as Pinned;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use s3s::stream::{ByteStream, RemainingLength};
use tokio::task::JoinHandle;

use super::{BlobName, Blobs, Pin};

/// How many bytes are read, and held in memory, at a time.
const CHUNK: u64 = 128 * 1024;

/// A range of bytes of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PieceRange {
    pub(crate) blob: BlobName,
    pub(crate) from: u64,
    pub(crate) length: u64,
}

/// Streams pieces of blobs, one chunk in memory at a time.
pub(crate) struct BlobStream {
    state: State,
    remaining: u64,
}

enum State {
    Ready(Box<Reading>, Bytes),
    Busy(JoinHandle<(Box<Reading>, io::Result<Bytes>)>),
    Done,
}

struct Reading {
    blobs: Arc<Blobs>,
    pieces: VecDeque<PieceRange>,
    /// The file of the first piece.
    file: Option<File>,
    _pin: Pin,
}

impl BlobStream {
    /// Opens the first piece and reads its first chunk. An open file stays readable when its blob is deleted; the pin
    /// keeps the blobs of the other pieces.
    pub(crate) async fn open(blobs: &Arc<Blobs>, pieces: Vec<PieceRange>, pin: Pin) -> io::Result<Self> {
        let remaining = pieces.iter().map(|piece| piece.length).sum();
        let pieces = pieces.into_iter().filter(|piece| piece.length > 0).collect();
        let reading = Box::new(Reading { blobs: Arc::clone(blobs), pieces, file: None, _pin: pin });
        let (reading, first) = reading.read_aside().await?;
        Ok(Self { state: State::Ready(reading, first?), remaining })
    }
}

impl Reading {
    fn read_aside(mut self: Box<Self>) -> JoinHandle<(Box<Self>, io::Result<Bytes>)> {
        tokio::task::spawn_blocking(move || {
            let read = self.read();
            (self, read)
        })
    }

    /// The next chunk; empty at the end.
    fn read(&mut self) -> io::Result<Bytes> {
        let Some(piece) = self.pieces.front_mut() else { return Ok(Bytes::new()) };
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let mut file = self.blobs.open_blob(&piece.blob)?;
                file.seek(SeekFrom::Start(piece.from))?;
                file
            }
        };
        let wanted = piece.length.min(CHUNK);
        let mut chunk = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
        let read = (&mut file).take(wanted).read_to_end(&mut chunk)? as u64;
        if read < wanted {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a blob is shorter than the index says"));
        }
        piece.length -= read;
        if piece.length == 0 {
            self.pieces.pop_front();
        } else {
            self.file = Some(file);
        }
        Ok(chunk.into())
    }
}

impl Stream for BlobStream {
    type Item = Result<Bytes, Box<dyn Error + Send + Sync>>;

    fn poll_next(mut self: Pinned<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let read: Result<_, Box<dyn Error + Send + Sync>> = match &mut self.state {
            State::Busy(busy) => match ready!(Pinned::new(busy).poll(context)) {
                Ok((reading, read)) => read.map(|chunk| (reading, chunk)).map_err(Into::into),
                Err(error) => Err(error.into()),
            },
            _ => match std::mem::replace(&mut self.state, State::Done) {
                State::Ready(reading, chunk) => Ok((reading, chunk)),
                _ => return Poll::Ready(None),
            },
        };
        match read {
            Ok((_, chunk)) if chunk.is_empty() => {
                self.state = State::Done;
                Poll::Ready(None)
            }
            Ok((reading, chunk)) => {
                // Read the next chunk while this one is sent.
                self.state = if reading.pieces.is_empty() { State::Done } else { State::Busy(reading.read_aside()) };
                self.remaining = self.remaining.saturating_sub(chunk.len() as u64);
                Poll::Ready(Some(Ok(chunk)))
            }
            Err(error) => {
                tracing::error!(error = &*error as &dyn Error, "reading an object failed");
                self.state = State::Done;
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

impl ByteStream for BlobStream {
    fn remaining_length(&self) -> RemainingLength {
        usize::try_from(self.remaining).map_or_else(|_| RemainingLength::unknown(), RemainingLength::new_exact)
    }
}

use std::collections::VecDeque;
use std::error::Error;
use std::fs::File;
use std::future::Future as _;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::pin::Pin as Pinned;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures::Stream;
use tokio::task::JoinHandle;

use super::{BlobName, Blobs, Pin};

/// How many bytes are read at a time.
const CHUNK: u64 = 256 * 1024;
/// Maximum number of chunks of one stream whose memory is used again: one is being read, and others are being sent.
const KEPT_CHUNKS: usize = 3;

/// A range of bytes of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PieceRange {
    pub(crate) blob: BlobName,
    pub(crate) from: u64,
    pub(crate) length: u64,
}

/// Streams pieces of blobs. The next chunk is read while one is sent.
pub(crate) struct BlobStream {
    state: State,
}

enum State {
    Ready(Box<Reading>, Bytes),
    Busy(JoinHandle<(Box<Reading>, io::Result<Bytes>)>),
    /// The last chunk.
    Last(Bytes),
    Done,
}

struct Reading {
    blobs: Arc<Blobs>,
    pieces: VecDeque<PieceRange>,
    /// The file of the first piece.
    file: Option<File>,
    /// Chunks that were handed out, the oldest first. The memory of one that was sent is used again, because allocating and
    /// clearing it costs about as much as reading into it.
    handed_out: VecDeque<Bytes>,
    _pin: Pin,
}

impl BlobStream {
    /// Opens the first piece and reads its first chunk. An open file stays readable when its blob is deleted; the pin
    /// keeps the blobs of the other pieces.
    pub(crate) async fn open(blobs: &Arc<Blobs>, pieces: Vec<PieceRange>, pin: Pin) -> io::Result<Self> {
        let pieces = pieces.into_iter().filter(|piece| piece.length > 0).collect();
        let reading = Reading { blobs: Arc::clone(blobs), pieces, file: None, handed_out: VecDeque::new(), _pin: pin };
        let (reading, first) = Box::new(reading).read_aside().await?;
        Ok(Self { state: State::Ready(reading, first?) })
    }

    /// Streams bytes that are in memory.
    pub(crate) fn of_bytes(bytes: Bytes) -> Self {
        Self { state: State::Last(bytes) }
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
        let Some(piece) = self.pieces.front() else { return Ok(Bytes::new()) };
        let wanted = piece.length.min(CHUNK);
        let mut file = match self.file.take() {
            Some(file) => file,
            None => {
                let mut file = self.blobs.open_blob(&piece.blob)?;
                if piece.from > 0 {
                    file.seek(SeekFrom::Start(piece.from))?;
                }
                file
            }
        };
        let mut chunk = self.memory(usize::try_from(wanted).unwrap_or_default());
        file.read_exact(&mut chunk).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(error.kind(), "a blob is shorter than the index says"),
            _ => error,
        })?;
        let chunk = chunk.freeze();
        match self.pieces.front_mut() {
            Some(piece) if piece.length > wanted => {
                piece.length -= wanted;
                self.file = Some(file);
                if self.handed_out.len() < KEPT_CHUNKS {
                    self.handed_out.push_back(chunk.clone());
                }
            }
            _ => drop(self.pieces.pop_front()),
        }
        Ok(chunk)
    }

    /// Memory of this length: that of an earlier chunk if it was sent.
    fn memory(&mut self, length: usize) -> BytesMut {
        if let Some(oldest) = self.handed_out.pop_front() {
            match oldest.try_into_mut() {
                Ok(mut memory) if memory.len() >= length => {
                    memory.truncate(length);
                    return memory;
                }
                Ok(_) => {}
                Err(unsent) => self.handed_out.push_front(unsent),
            }
        }
        BytesMut::zeroed(length)
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
                State::Last(bytes) if !bytes.is_empty() => return Poll::Ready(Some(Ok(bytes))),
                _ => return Poll::Ready(None),
            },
        };
        match read {
            Ok((_, chunk)) if chunk.is_empty() => {
                self.state = State::Done;
                Poll::Ready(None)
            }
            Ok((reading, chunk)) => {
                self.state = if reading.pieces.is_empty() { State::Done } else { State::Busy(reading.read_aside()) };
                Poll::Ready(Some(Ok(chunk)))
            }
            Err(error) => {
                self.state = State::Done;
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

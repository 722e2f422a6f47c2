//! Bodies in the encoding `aws-chunked`, in constant memory.
//!
//! s3s keeps a chunk in memory until it has all of it, whatever its size, and clients may send a whole object as one
//! chunk. So unsigned chunks are cut into pieces of [`PIECE`] here, which means the same, and signed chunks, which only
//! the client can cut, are refused when they are larger than [`MAX_SIGNED`].

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame};

use super::body_fault::BodyFault;
use super::payload::Chunks;
use super::visitor::Known;

/// Size of the chunks that s3s gets.
const PIECE: usize = 64 * 1024;
/// Maximum size of a signed chunk. Clients send 64 KiB to 1 MiB.
const MAX_SIGNED: u64 = 8 * 1024 * 1024;
/// Maximum number of digits of a chunk's size, of which s3s reads eight.
const MAX_DIGITS: usize = 16;
const MAX_SIGNED_DIGITS: usize = 8;
/// Maximum length of the line before a chunk.
const MAX_LINE: usize = 256;

/// A body of chunks none of which is large.
pub(super) struct ChunkedBody<B> {
    body: B,
    known: Known,
    framing: Framing,
    ended: bool,
}

impl<B> ChunkedBody<B> {
    pub(super) fn new(body: B, chunks: Chunks, known: &Known) -> Self {
        Self { body, known: known.clone(), framing: Framing::new(chunks), ended: false }
    }

    fn fail(&mut self, fault: BodyFault) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        self.ended = true;
        self.known.set_fault(fault);
        Poll::Ready(Some(Err(fault)))
    }
}

impl<B: Body<Data = Bytes, Error = BodyFault> + Unpin> Body for ChunkedBody<B> {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        while !self.ended && self.framing.ready.len() < PIECE {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Some(bytes) = frame.data_ref()
                        && let Err(fault) = self.framing.read(bytes)
                    {
                        return self.fail(fault);
                    }
                }
                Some(Err(fault)) => return self.fail(fault),
                // s3s would take this for the end of the object.
                None if self.framing.state != State::Trailers => return self.fail(BodyFault::Incomplete),
                None => self.ended = true,
            }
        }
        let ready = self.framing.ready.split().freeze();
        Poll::Ready((!ready.is_empty()).then(|| Ok(Frame::data(ready))))
    }
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// Within the line before a chunk.
    Line(Vec<u8>),
    /// Within the data of a chunk, of which this much is missing.
    Data(u64),
    /// Behind the data of a chunk, where this is to follow.
    End(&'static [u8]),
    /// Behind the last chunk.
    Trailers,
}

struct Framing {
    chunks: Chunks,
    state: State,
    /// Data of unsigned chunks that is not in `ready` yet.
    piece: BytesMut,
    /// What s3s may read.
    ready: BytesMut,
}

impl Framing {
    fn new(chunks: Chunks) -> Self {
        Self { chunks, state: State::Line(Vec::new()), piece: BytesMut::new(), ready: BytesMut::new() }
    }

    fn read(&mut self, mut bytes: &[u8]) -> Result<(), BodyFault> {
        while let Some((first, rest)) = bytes.split_first() {
            match &mut self.state {
                State::Line(line) => {
                    line.push(*first);
                    bytes = rest;
                    if line.len() > MAX_LINE {
                        return Err(BodyFault::MalformedChunk);
                    }
                    if *first == b'\n' {
                        let line = std::mem::take(line);
                        self.begin_chunk(&line)?;
                    }
                }
                State::Data(missing) => {
                    let take = usize::try_from(*missing).unwrap_or(usize::MAX).min(bytes.len());
                    let (data, rest) = bytes.split_at(take);
                    *missing -= take as u64;
                    bytes = rest;
                    if *missing == 0 {
                        self.state = State::End(b"\r\n");
                    }
                    self.append(data);
                }
                State::End(expected) => {
                    let Some((wanted, later)) = expected.split_first() else { return Err(BodyFault::MalformedChunk) };
                    if wanted != first {
                        return Err(BodyFault::MalformedChunk);
                    }
                    bytes = rest;
                    self.state = if later.is_empty() { State::Line(Vec::new()) } else { State::End(later) };
                    if self.chunks == Chunks::Signed {
                        self.ready.extend_from_slice(&[*first]);
                    }
                }
                State::Trailers => {
                    self.ready.extend_from_slice(bytes);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn begin_chunk(&mut self, line: &[u8]) -> Result<(), BodyFault> {
        let size = self.size(line).ok_or(BodyFault::MalformedChunk)?;
        if self.chunks == Chunks::Signed {
            if size > MAX_SIGNED {
                return Err(BodyFault::LargeChunk);
            }
            self.ready.extend_from_slice(line);
        } else if size == 0 {
            self.flush();
            self.ready.extend_from_slice(line);
        }
        self.state = if size == 0 { State::Trailers } else { State::Data(size) };
        Ok(())
    }

    /// The size that the line before a chunk says. Signed chunks have their signature behind it.
    fn size(&self, line: &[u8]) -> Option<u64> {
        let line = line.strip_suffix(b"\r\n")?;
        let (digits, most) = match self.chunks {
            Chunks::Unsigned => (line, MAX_DIGITS),
            Chunks::Signed => (line.split(|byte| *byte == b';').next()?, MAX_SIGNED_DIGITS),
        };
        let plain = (1..=most).contains(&digits.len()) && digits.iter().all(u8::is_ascii_hexdigit);
        let digits = std::str::from_utf8(digits).ok().filter(|_| plain)?;
        u64::from_str_radix(digits, 16).ok()
    }

    fn append(&mut self, mut data: &[u8]) {
        if self.chunks == Chunks::Signed {
            self.ready.extend_from_slice(data);
            return;
        }
        while !data.is_empty() {
            let (now, later) = data.split_at(data.len().min(PIECE - self.piece.len()));
            self.piece.extend_from_slice(now);
            data = later;
            if self.piece.len() == PIECE {
                self.flush();
            }
        }
    }

    /// Makes a chunk of the data that was gathered.
    fn flush(&mut self) {
        if self.piece.is_empty() {
            return;
        }
        self.ready.extend_from_slice(format!("{:x}\r\n", self.piece.len()).as_bytes());
        self.ready.extend_from_slice(&self.piece);
        self.ready.extend_from_slice(b"\r\n");
        self.piece.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What s3s gets of a body that arrives in pieces of this size; and the largest amount that was ready at once.
    fn reframe(chunks: Chunks, body: &[u8], step: usize) -> Result<(Vec<u8>, usize), BodyFault> {
        let mut framing = Framing::new(chunks);
        let (mut got, mut most) = (Vec::new(), 0);
        for bytes in body.chunks(step) {
            framing.read(bytes)?;
            most = most.max(framing.ready.len());
            got.extend_from_slice(&framing.ready.split());
        }
        if framing.state == State::Trailers { Ok((got, most)) } else { Err(BodyFault::Incomplete) }
    }

    #[test]
    fn an_unsigned_body_keeps_its_bytes_and_trailers_however_it_is_cut() {
        let body = b"4\r\n1234\r\n05\r\n56789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
        for step in 1..body.len() {
            let (got, _) = reframe(Chunks::Unsigned, body, step).unwrap();
            assert_eq!(got, b"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n", "{step}");
        }
    }

    #[test]
    fn a_chunk_of_any_size_is_cut_into_small_ones() {
        let data: Vec<u8> = (0..3 * PIECE + 5).map(|number| number as u8).collect();
        let body = [format!("{:016x}\r\n", data.len()).as_bytes(), &data, b"\r\n0\r\n\r\n"].concat();
        let (got, most) = reframe(Chunks::Unsigned, &body, 1000).unwrap();
        assert!(most < 2 * PIECE, "{most}");
        let mut expected = Vec::new();
        for piece in data.chunks(PIECE) {
            expected.extend([format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat());
        }
        expected.extend(b"0\r\n\r\n");
        assert_eq!(got, expected);
        // Nine digits are a size too, and what is not sent costs nothing.
        assert_eq!(reframe(Chunks::Unsigned, b"fffffffff\r\nabc", 7), Err(BodyFault::Incomplete));
    }

    #[test]
    fn a_signed_body_stays_as_it_is_and_its_chunks_small() {
        let signature = "a".repeat(64);
        let body = format!("3;chunk-signature={signature}\r\nabc\r\n0;chunk-signature={signature}\r\n\r\n");
        for step in 1..body.len() {
            assert_eq!(reframe(Chunks::Signed, body.as_bytes(), step).unwrap().0, body.as_bytes(), "{step}");
        }
        let large = format!("800001;chunk-signature={signature}\r\n");
        assert_eq!(reframe(Chunks::Signed, large.as_bytes(), 9), Err(BodyFault::LargeChunk));
        // s3s would read eight digits of nine, and so another size.
        let long = format!("000000003;chunk-signature={signature}\r\nabc\r\n");
        assert_eq!(reframe(Chunks::Signed, long.as_bytes(), 9), Err(BodyFault::MalformedChunk));
    }

    #[test]
    fn what_is_not_in_chunks_is_refused() {
        let long = format!("{}\r\n", "0".repeat(17));
        for body in ["no chunks at all\r\n", "\r\n", "4\n1234", "+4\r\n", " 4\r\n", "0x4\r\n", &long, &"4".repeat(300)]
        {
            assert_eq!(reframe(Chunks::Unsigned, body.as_bytes(), 5), Err(BodyFault::MalformedChunk), "{body}");
        }
        for body in ["4\r\n12345\r\n", "4\r\n1234\n", "4;chunk-signature=0\r\n1234\r\n"] {
            assert_eq!(reframe(Chunks::Unsigned, body.as_bytes(), 5), Err(BodyFault::MalformedChunk), "{body}");
        }
        for torn in ["4\r\n1234\r\n", "4\r\n12", "4", ""] {
            assert_eq!(reframe(Chunks::Unsigned, torn.as_bytes(), 5), Err(BodyFault::Incomplete), "{torn}");
        }
    }
}

use bytes::{Buf as _, Bytes};

use super::ChunkSigning;
use super::chunk_signatures::ChunkSignatures;
use crate::error::{ErrorCode, S3Error, S3Result};

/// Maximum length of the line before a chunk. Today's have at most 101 bytes.
const MAX_HEAD: usize = 1024;
/// Maximum number of digits of the size of a chunk.
const MAX_DIGITS: usize = 16;
/// Maximum length of everything behind the last chunk.
const MAX_TRAILERS: usize = 8 * 1024;

/// Decodes the encoding `aws-chunked` as it arrives. Nothing but heads and trailers is held in memory.
///
/// ```text
///          size > 0             all data          CR LF
/// Head ───────────────▶ Data ─────────────▶ End ─────────▶ Head
///   │ size = 0
///   └──────────────────▶ Trailers (to the end of the body)
/// ```
#[derive(Debug)]
pub(super) struct ChunkDecoder {
    state: State,
    /// The number of decoded bytes that no chunk has announced yet.
    remaining: u64,
    signatures: Option<ChunkSignatures>,
    /// The signature of the present chunk, where chunks are signed.
    signature: String,
}

#[derive(Debug)]
enum State {
    /// Within the line before a chunk.
    Head(Vec<u8>),
    /// Within the data of a chunk, of which this much is missing.
    Data(u64),
    /// Behind the data of a chunk, where this must follow.
    End(&'static [u8]),
    /// Behind the head of the last chunk.
    Trailers(Vec<u8>),
}

impl ChunkDecoder {
    /// Begins a body of this many decoded bytes.
    pub(super) fn new(length: u64, signing: Option<ChunkSigning>) -> Self {
        Self {
            state: State::Head(Vec::new()),
            remaining: length,
            signatures: signing.map(ChunkSignatures::new),
            signature: String::new(),
        }
    }

    pub(super) fn push(&mut self, mut received: Bytes, decoded: &mut Vec<Bytes>) -> S3Result<()> {
        while let Some(&first) = received.first() {
            match &mut self.state {
                State::Head(head) => {
                    let end = received.iter().position(|byte| *byte == b'\n');
                    let take = end.map_or(received.len(), |end| end + 1);
                    if head.len().saturating_add(take) > MAX_HEAD {
                        return Err(malformed());
                    }
                    head.extend_from_slice(&received.split_to(take));
                    if end.is_some() {
                        let head = std::mem::take(head);
                        self.begin_chunk(&head)?;
                    }
                }
                State::Data(missing) => {
                    let take = usize::try_from(*missing).unwrap_or(usize::MAX).min(received.len());
                    let data = received.split_to(take);
                    *missing = missing.saturating_sub(take as u64);
                    let ended = *missing == 0;
                    if let Some(signatures) = &mut self.signatures {
                        signatures.update(&data);
                    }
                    decoded.push(data);
                    if ended {
                        self.state = State::End(b"\r\n");
                        self.verify_chunk()?;
                    }
                }
                State::End(expected) => {
                    let Some((wanted, later)) = expected.split_first() else { return Err(malformed()) };
                    if *wanted != first {
                        return Err(malformed());
                    }
                    received.advance(1);
                    self.state = if later.is_empty() { State::Head(Vec::new()) } else { State::End(later) };
                }
                State::Trailers(trailers) => {
                    if trailers.len().saturating_add(received.len()) > MAX_TRAILERS {
                        return Err(ErrorCode::MalformedTrailerError.into());
                    }
                    trailers.extend_from_slice(&received);
                    received.clear();
                }
            }
        }
        Ok(())
    }

    fn begin_chunk(&mut self, head: &[u8]) -> S3Result<()> {
        let head = head.strip_suffix(b"\r\n").and_then(|head| std::str::from_utf8(head).ok()).ok_or_else(malformed)?;
        let digits = if self.signatures.is_some() {
            let (digits, signature) = head.split_once(";chunk-signature=").ok_or_else(malformed)?;
            signature.clone_into(&mut self.signature);
            digits
        } else {
            head
        };
        if !(1..=MAX_DIGITS).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(malformed());
        }
        let size = u64::from_str_radix(digits, 16).map_err(|_| malformed())?;
        self.remaining = self.remaining.checked_sub(size).ok_or(ErrorCode::IncompleteBody)?;
        if size > 0 {
            self.state = State::Data(size);
            return Ok(());
        }
        self.state = State::Trailers(Vec::new());
        self.verify_chunk()
    }

    fn verify_chunk(&mut self) -> S3Result<()> {
        match &mut self.signatures {
            Some(signatures) => signatures.end_chunk(&self.signature),
            None => Ok(()),
        }
    }

    /// Ends the body, and returns what followed the last chunk.
    pub(super) fn finish(self) -> S3Result<(Vec<u8>, Option<ChunkSignatures>)> {
        match self.state {
            State::Trailers(trailers) => Ok((trailers, self.signatures)),
            State::Head(_) | State::Data(_) | State::End(_) => Err(ErrorCode::IncompleteBody.into()),
        }
    }
}

fn malformed() -> S3Error {
    S3Error::with_message(ErrorCode::IncompleteBody, "The request body is not valid `aws-chunked` data.")
}

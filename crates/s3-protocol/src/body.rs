//! Bodies of requests: framing, signatures of chunks, trailers, lengths and digests, in constant memory.

use bytes::Bytes;

pub use crate::checksum::BodyDigests;
use crate::checksum::ChecksumAlgorithm;
use crate::error::S3Result;
use crate::head::RequestHead;

/// How `x-amz-content-sha256` protects the body.
#[derive(Clone, Debug)]
pub enum PayloadMode {
    /// Not at all: `UNSIGNED-PAYLOAD`, presigned URLs, anonymous requests.
    Unsigned,
    /// By this SHA-256 of the whole body.
    Sha256([u8; 32]),
    /// In chunks without signatures, with a trailer.
    StreamingUnsignedTrailer,
    /// In signed chunks.
    Streaming(ChunkSigning),
    /// In signed chunks, with a signed trailer.
    StreamingTrailer(ChunkSigning),
}

/// What the signatures of chunks are computed with.
#[derive(Clone)]
pub struct ChunkSigning {
    pub(crate) signing_key: [u8; 32],
    pub(crate) timestamp: String,
    pub(crate) scope: String,
    pub(crate) seed_signature: String,
}

impl std::fmt::Debug for ChunkSigning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChunkSigning(…)")
    }
}

/// Decodes and verifies a body as it arrives, in constant memory whatever sizes it announces.
pub struct BodyVerifier {}

impl BodyVerifier {
    /// Reads what the headers say of the body: its framing, length, `Content-MD5`, checksum headers, `x-amz-trailer` and
    /// `x-amz-sdk-checksum-algorithm` / `x-amz-checksum-algorithm`.
    ///
    /// # Errors
    /// 400 for whatever is malformed, contradictory or missing; `MissingContentLength`; `EntityTooLarge` over
    /// `max_length` decoded bytes.
    pub fn new(head: &RequestHead, payload: PayloadMode, max_length: u64) -> S3Result<Self> {
        let _ = (head, payload, max_length);
        unimplemented!()
    }

    /// The number of decoded bytes that the headers announce.
    #[must_use]
    pub fn announced_length(&self) -> Option<u64> {
        unimplemented!()
    }

    /// The algorithm of the checksum that will be in the digests.
    #[must_use]
    pub fn checksum_algorithm(&self) -> Option<ChecksumAlgorithm> {
        unimplemented!()
    }

    /// Takes the next received bytes, and returns the decoded ones (none for framing alone; slices of `received`).
    ///
    /// # Errors
    /// As soon as something is wrong. The body must then be given up.
    pub fn push(&mut self, received: Bytes) -> S3Result<Vec<Bytes>> {
        let _ = received;
        unimplemented!()
    }

    /// Ends the body and verifies its length, signatures, trailers and digests.
    ///
    /// # Errors
    /// `IncompleteBody`, `BadDigest`, `XAmzContentSHA256Mismatch`, `SignatureDoesNotMatch`, `MalformedTrailerError`.
    pub fn finish(self) -> S3Result<BodyDigests> {
        unimplemented!()
    }
}

//! Bodies of requests: framing, signatures of chunks, trailers, lengths and digests, in constant memory.
//!
//! Decoded bytes are handed on as they arrive, before anything is proven: nothing that was made of them may become visible
//! until [`BodyVerifier::finish`] has returned.

mod announced;
mod chunk_signatures;
mod chunks;
mod encoder;
mod hoisted;
mod trailers;

#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, header};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use announced::Announced;
use chunks::ChunkDecoder;
use trailers::Trailers;

pub use crate::checksum::BodyDigests;
use crate::checksum::{ChecksumAlgorithm, Hasher};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
pub use encoder::{ChunkEncoder, WrongLength};

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
    pub(crate) signing_key: Zeroizing<[u8; 32]>,
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
///
/// After an error the body must be given up: every later call fails too.
#[derive(Debug)]
pub struct BodyVerifier {
    announced: Announced,
    framing: Framing,
    hasher: Hasher,
    sha256: Option<WholeSha256>,
    /// Set by the first error.
    failed: bool,
}

#[derive(Debug)]
enum Framing {
    Plain,
    Chunked(Box<ChunkDecoder>),
}

/// The SHA-256 that is signed for the whole body.
struct WholeSha256 {
    signed: [u8; 32],
    /// `None` where the checksum of the body is the same digest, which is computed only once.
    running: Option<Sha256>,
}

impl std::fmt::Debug for WholeSha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("WholeSha256").field(&hex::encode(self.signed)).finish()
    }
}

impl BodyVerifier {
    /// Reads what the headers say of the body: its framing, length, `Content-MD5`, checksum headers, `x-amz-trailer` and
    /// `x-amz-sdk-checksum-algorithm` / `x-amz-checksum-algorithm`. Of a presigned URL the checksum headers may be in the
    /// query.
    ///
    /// # Errors
    /// 400 for whatever is malformed, contradictory or missing; `MissingContentLength`; `EntityTooLarge` over
    /// `max_length` decoded bytes.
    pub fn new(head: &RequestHead, payload: PayloadMode, max_length: u64) -> S3Result<Self> {
        let headers = hoisted::with_checksums(head)?;
        Self::for_stream(&headers, payload, max_length)
    }

    fn for_stream(headers: &HeaderMap, payload: PayloadMode, max_length: u64) -> S3Result<Self> {
        let mut announced = Announced::read(headers, &payload, max_length)?;
        if announced.length.is_none() && !headers.contains_key(header::TRANSFER_ENCODING) {
            // HTTP/1.1: without either header there is no body. Some clients send an empty object like this.
            announced.length = Some(0);
        }
        if announced.length.is_none() {
            return Err(ErrorCode::MissingContentLength.into());
        }
        Ok(Self::with(announced, payload))
    }

    /// Reads the same of a body that is a document, whose length need not be announced: it may be absent.
    ///
    /// # Errors
    /// As [`new`](Self::new), but `MaxMessageLengthExceeded` over `max_length` decoded bytes, now or while it is read.
    pub fn for_document(head: &RequestHead, payload: PayloadMode, max_length: usize) -> S3Result<Self> {
        Self::of_document(head.headers(), payload, max_length)
    }

    /// Reads the same of the document of `CompleteMultipartUpload`, whose checksum headers are about the object, and not
    /// about the document.
    ///
    /// # Errors
    /// As [`for_document`](Self::for_document).
    pub fn for_completion(head: &RequestHead, payload: PayloadMode, max_length: usize) -> S3Result<Self> {
        let of_object = |name: &HeaderName| name.as_str().starts_with("x-amz-checksum-");
        let headers = head.headers().iter().filter(|(name, _)| !of_object(name));
        let headers: HeaderMap = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
        Self::of_document(&headers, payload, max_length)
    }

    fn of_document(headers: &HeaderMap, payload: PayloadMode, max_length: usize) -> S3Result<Self> {
        let max_length = u64::try_from(max_length).unwrap_or(u64::MAX);
        let announced = Announced::read(headers, &payload, max_length).map_err(|error| match error.code() {
            ErrorCode::EntityTooLarge => ErrorCode::MaxMessageLengthExceeded.into(),
            _ => error,
        })?;
        Ok(Self::with(Announced { too_large: ErrorCode::MaxMessageLengthExceeded, ..announced }, payload))
    }

    /// Reads the same of the file of a form, whose fields are this head: its length is known when it ends.
    pub(crate) fn for_form(head: &RequestHead, min_length: u64, max_length: u64) -> S3Result<Self> {
        let announced = Announced::read(head.headers(), &PayloadMode::Unsigned, max_length)?;
        Ok(Self::with(Announced { min_length, ..announced }, PayloadMode::Unsigned))
    }

    fn with(announced: Announced, payload: PayloadMode) -> Self {
        let length = announced.length.unwrap_or(u64::MAX);
        let mut sha256 = None;
        let framing = match payload {
            PayloadMode::Unsigned => Framing::Plain,
            PayloadMode::Sha256(signed) => {
                let separate = announced.algorithm != Some(ChecksumAlgorithm::Sha256);
                sha256 = Some(WholeSha256 { signed, running: separate.then(Sha256::new) });
                Framing::Plain
            }
            PayloadMode::StreamingUnsignedTrailer => Framing::Chunked(Box::new(ChunkDecoder::new(length, None))),
            PayloadMode::Streaming(signing) | PayloadMode::StreamingTrailer(signing) => {
                Framing::Chunked(Box::new(ChunkDecoder::new(length, Some(signing))))
            }
        };
        let hasher = Hasher::new(announced.algorithm);
        Self { announced, framing, hasher, sha256, failed: false }
    }

    /// Computes the checksum by this algorithm if the request names none. To be called before the first bytes.
    pub fn default_checksum(&mut self, algorithm: ChecksumAlgorithm) {
        if self.hasher.algorithm().is_none() && self.hasher.length() == 0 {
            self.hasher = Hasher::new(Some(algorithm));
        }
    }

    /// The number of decoded bytes that the headers announce.
    #[must_use]
    pub fn announced_length(&self) -> Option<u64> {
        self.announced.length
    }

    /// The SHA-256 of the whole body that is signed.
    #[must_use]
    pub fn signed_sha256(&self) -> Option<[u8; 32]> {
        self.sha256.as_ref().map(|sha256| sha256.signed)
    }

    /// The checksum that a header announces.
    #[must_use]
    pub fn announced_checksum(&self) -> Option<&str> {
        self.announced.checksum.as_deref()
    }

    /// The algorithm of the checksum that will be in the digests.
    #[must_use]
    pub fn checksum_algorithm(&self) -> Option<ChecksumAlgorithm> {
        self.hasher.algorithm()
    }

    /// Takes the next received bytes, and returns the decoded ones (none for framing alone; slices of `received`).
    ///
    /// # Errors
    /// As soon as something is wrong. The body must then be given up.
    pub fn push(&mut self, received: Bytes) -> S3Result<Vec<Bytes>> {
        if self.failed {
            return Err(ErrorCode::IncompleteBody.into());
        }
        let decoded = self.decode(received);
        self.failed = decoded.is_err();
        decoded
    }

    fn decode(&mut self, received: Bytes) -> S3Result<Vec<Bytes>> {
        let mut decoded = Vec::new();
        match &mut self.framing {
            Framing::Chunked(decoder) => decoder.push(received, &mut decoded)?,
            Framing::Plain if received.is_empty() => {}
            Framing::Plain => decoded.push(received),
        }
        for bytes in &decoded {
            self.hasher.update(bytes);
            if let Some(WholeSha256 { running: Some(running), .. }) = &mut self.sha256 {
                running.update(bytes);
            }
        }
        let length = self.hasher.length();
        if self.announced.length.is_some_and(|announced| length > announced) {
            return Err(ErrorCode::IncompleteBody.into());
        }
        if length > self.announced.max_length {
            return Err(self.announced.too_large.into());
        }
        Ok(decoded)
    }

    /// Ends the body and verifies its length, signatures, trailers and digests.
    ///
    /// # Errors
    /// `IncompleteBody`, `BadDigest`, `XAmzContentSHA256Mismatch`, `SignatureDoesNotMatch`, `MalformedTrailerError`.
    pub fn finish(self) -> S3Result<BodyDigests> {
        let Self { announced, framing, hasher, sha256, failed } = self;
        if failed || announced.length.is_some_and(|length| length != hasher.length()) {
            return Err(ErrorCode::IncompleteBody.into());
        }
        if hasher.length() < announced.min_length {
            return Err(ErrorCode::EntityTooSmall.into());
        }
        let trailing = match framing {
            Framing::Chunked(decoder) => {
                let (trailers, signatures) = decoder.finish()?;
                Trailers::parse(&trailers)?.verify(announced.trailer, announced.signed_trailer, signatures)?
            }
            Framing::Plain => None,
        };
        let digests = hasher.finish();
        if let Some(sha256) = sha256 {
            sha256.verify(&digests)?;
        }
        if let Some(expected) = announced.md5.filter(|expected| *expected != digests.md5) {
            return Err(bad_digest("Content-MD5", &BASE64.encode(expected), &BASE64.encode(digests.md5)));
        }
        for expected in [announced.checksum, trailing].into_iter().flatten() {
            match &digests.checksum {
                Some(computed) if computed.value == expected => {}
                Some(computed) => return Err(bad_digest(computed.algorithm.header(), &expected, &computed.value)),
                None => return Err(ErrorCode::BadDigest.into()),
            }
        }
        Ok(digests)
    }
}

impl WholeSha256 {
    fn verify(self, digests: &BodyDigests) -> S3Result<()> {
        let computed = match (self.running, &digests.checksum) {
            (Some(running), _) => running.finalize().to_vec(),
            (None, Some(checksum)) => BASE64.decode(&checksum.value).unwrap_or_default(),
            (None, None) => Vec::new(),
        };
        if computed == self.signed {
            return Ok(());
        }
        Err(S3Error::new(ErrorCode::XAmzContentSHA256Mismatch)
            .with_element("ClientComputedContentSHA256", hex::encode(self.signed))
            .with_element("S3ComputedContentSHA256", hex::encode(computed)))
    }
}

fn bad_digest(name: &str, expected: &str, computed: &str) -> S3Error {
    S3Error::with_message(ErrorCode::BadDigest, format!("The `{name}` you specified did not match what was received."))
        .with_element("ExpectedDigest", expected)
        .with_element("CalculatedDigest", computed)
}

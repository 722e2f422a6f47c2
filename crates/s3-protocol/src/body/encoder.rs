use bytes::Bytes;
use http::HeaderName;
use http::header::CONTENT_ENCODING;

use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumHasher};

/// Size of the chunks, but for the last one. S3 refuses smaller ones than 8 KiB.
const CHUNK: u64 = 64 * 1024;

/// Encodes a body of known length as `STREAMING-UNSIGNED-PAYLOAD-TRAILER`, with its checksum as the trailer: the client's
/// half of [`BodyVerifier`](super::BodyVerifier).
///
/// The data is neither copied nor held: the head of a chunk is written before its data has arrived.
///
/// ```
/// use storage_hub_s3_protocol::body::ChunkEncoder;
/// use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
///
/// let mut encoder = ChunkEncoder::new(ChecksumAlgorithm::Crc32, 9);
/// assert_eq!(encoder.content_length(), 50);
/// let mut body = encoder.push("123456789".into())?.concat();
/// body.extend(encoder.finish()?);
/// assert_eq!(body, b"9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n");
/// # Ok::<(), storage_hub_s3_protocol::body::WrongLength>(())
/// ```
#[derive(Debug)]
pub struct ChunkEncoder {
    length: u64,
    /// What no chunk has announced yet.
    remaining: u64,
    /// What is missing of the present chunk.
    chunk: u64,
    checksum: ChecksumHasher,
}

/// A body was shorter or longer than announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body must be exactly {announced} bytes long")]
pub struct WrongLength {
    /// The announced number of bytes.
    pub announced: u64,
}

impl ChunkEncoder {
    /// The `x-amz-content-sha256` of such a request.
    pub const CONTENT_SHA256: &'static str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

    /// Begins a body of this many bytes.
    #[must_use]
    pub fn new(algorithm: ChecksumAlgorithm, length: u64) -> Self {
        Self { length, remaining: length, chunk: 0, checksum: ChecksumHasher::new(algorithm) }
    }

    /// The headers that announce the body, besides `Content-Length` and `x-amz-content-sha256`. A content encoding of the
    /// object's own follows `aws-chunked`.
    #[must_use]
    pub fn headers(&self, content_encoding: Option<&str>) -> [(HeaderName, String); 3] {
        let encoding = content_encoding.filter(|encoding| !encoding.is_empty());
        [
            (CONTENT_ENCODING, encoding.map_or_else(|| "aws-chunked".into(), |own| format!("aws-chunked,{own}"))),
            (HeaderName::from_static("x-amz-decoded-content-length"), self.length.to_string()),
            (HeaderName::from_static("x-amz-trailer"), self.checksum.algorithm().header().to_owned()),
        ]
    }

    /// The length of the encoded body.
    #[must_use]
    pub fn content_length(&self) -> u64 {
        let frame = |size: u64| format!("{size:x}\r\n\r\n").len() as u64;
        let (whole, rest) = (self.length / CHUNK, self.length % CHUNK);
        let frames = whole.saturating_mul(frame(CHUNK)).saturating_add(if rest > 0 { frame(rest) } else { 0 });
        let algorithm = self.checksum.algorithm();
        let value = algorithm.bytes().div_ceil(3) * 4;
        let trailer = "0\r\n".len() + algorithm.header().len() + ":".len() + value + "\r\n\r\n".len();
        self.length.saturating_add(frames).saturating_add(trailer as u64)
    }

    /// Takes the next bytes, and returns what is to be sent.
    ///
    /// # Errors
    /// If the body is longer than announced.
    pub fn push(&mut self, mut data: Bytes) -> Result<Vec<Bytes>, WrongLength> {
        if (data.len() as u64).saturating_sub(self.chunk) > self.remaining {
            return Err(self.wrong_length());
        }
        self.checksum.update(&data);
        let mut encoded = Vec::new();
        while !data.is_empty() {
            if self.chunk == 0 {
                self.chunk = self.remaining.min(CHUNK);
                self.remaining = self.remaining.saturating_sub(self.chunk);
                encoded.push(format!("{:x}\r\n", self.chunk).into());
            }
            let take = usize::try_from(self.chunk).unwrap_or(usize::MAX).min(data.len());
            encoded.push(data.split_to(take));
            self.chunk = self.chunk.saturating_sub(take as u64);
            if self.chunk == 0 {
                encoded.push(Bytes::from_static(b"\r\n"));
            }
        }
        Ok(encoded)
    }

    /// Ends the body with the last chunk and the trailer.
    ///
    /// # Errors
    /// If the body is shorter than announced.
    pub fn finish(self) -> Result<Bytes, WrongLength> {
        if self.remaining > 0 || self.chunk > 0 {
            return Err(self.wrong_length());
        }
        let Checksum { algorithm, value, .. } = self.checksum.finish();
        Ok(format!("0\r\n{}:{value}\r\n\r\n", algorithm.header()).into())
    }

    fn wrong_length(&self) -> WrongLength {
        WrongLength { announced: self.length }
    }
}

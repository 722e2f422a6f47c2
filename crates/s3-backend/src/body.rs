use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use storage_hub_s3_protocol::body::{BodyDigests, BodyVerifier};
use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, Hasher};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};

/// A body that is verified while it is read: [`chunk`](Self::chunk) returns `None` only after every length, signature,
/// trailer and digest was found right. Until then, nothing that was read may become visible.
pub struct VerifiedBody {
    received: Pin<Box<dyn Stream<Item = S3Result<Bytes>> + Send>>,
    verifier: Option<Verifier>,
    decoded: std::vec::IntoIter<Bytes>,
    announced_length: Option<u64>,
    algorithm: Option<ChecksumAlgorithm>,
    digests: Option<BodyDigests>,
}

enum Verifier {
    Request(Box<BodyVerifier>),
    /// What is received is decoded and verified already; an error of the stream is the only thing that can be wrong.
    Decoded(Box<Hasher>),
}

impl VerifiedBody {
    /// Verifies what is received.
    #[must_use]
    pub fn new(received: impl Stream<Item = S3Result<Bytes>> + Send + 'static, verifier: BodyVerifier) -> Self {
        let (announced_length, algorithm) = (verifier.announced_length(), verifier.checksum_algorithm());
        Self::with_verifier(received, Verifier::Request(Box::new(verifier)), announced_length, algorithm)
    }

    /// Takes bytes that are decoded already, such as the file of an HTML form. Whatever is wrong with them must be an error
    /// of the stream. The digests contain the checksum of `algorithm`.
    #[must_use]
    pub fn from_decoded(
        decoded: impl Stream<Item = S3Result<Bytes>> + Send + 'static,
        length: Option<u64>,
        algorithm: Option<ChecksumAlgorithm>,
    ) -> Self {
        Self::with_verifier(decoded, Verifier::Decoded(Box::new(Hasher::new(algorithm))), length, algorithm)
    }

    fn with_verifier(
        received: impl Stream<Item = S3Result<Bytes>> + Send + 'static,
        verifier: Verifier,
        announced_length: Option<u64>,
        algorithm: Option<ChecksumAlgorithm>,
    ) -> Self {
        Self {
            received: Box::pin(received),
            verifier: Some(verifier),
            decoded: Vec::new().into_iter(),
            announced_length,
            algorithm,
            digests: None,
        }
    }

    /// The number of decoded bytes that the request announces.
    #[must_use]
    pub fn announced_length(&self) -> Option<u64> {
        self.announced_length
    }

    /// The SHA-256 of the whole body that the request signs; `None` where it signs none, or the body has ended.
    #[must_use]
    pub fn signed_sha256(&self) -> Option<[u8; 32]> {
        match &self.verifier {
            Some(Verifier::Request(verifier)) => verifier.signed_sha256(),
            _ => None,
        }
    }

    /// The checksum that a header of the request carries; `None` for one that comes in a trailer or is computed here.
    #[must_use]
    pub fn announced_checksum(&self) -> Option<&str> {
        match &self.verifier {
            Some(Verifier::Request(verifier)) => verifier.announced_checksum(),
            _ => None,
        }
    }

    /// The algorithm of the checksum that the digests will contain.
    #[must_use]
    pub fn checksum_algorithm(&self) -> Option<ChecksumAlgorithm> {
        self.algorithm
    }

    /// Makes the digests contain the checksum of this algorithm, which a multipart upload requires of its parts. To be
    /// called before the first chunk is read.
    ///
    /// # Errors
    /// `InvalidRequest` if the request has a checksum of another algorithm.
    pub fn require_checksum(&mut self, algorithm: ChecksumAlgorithm) -> S3Result<()> {
        match self.algorithm {
            Some(sent) if sent == algorithm => Ok(()),
            Some(sent) => Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                format!(
                    "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                    algorithm.name().to_ascii_lowercase(),
                    sent.name().to_ascii_lowercase()
                ),
            )),
            None => {
                self.algorithm = Some(algorithm);
                match &mut self.verifier {
                    Some(Verifier::Request(verifier)) => verifier.default_checksum(algorithm),
                    Some(Verifier::Decoded(hasher)) => **hasher = Hasher::new(Some(algorithm)),
                    None => {}
                }
                Ok(())
            }
        }
    }

    /// The next decoded bytes; `None` at the verified end.
    ///
    /// # Errors
    /// What is wrong with the body, or why it broke off. The write must then leave nothing.
    pub async fn chunk(&mut self) -> S3Result<Option<Bytes>> {
        loop {
            if let Some(bytes) = self.decoded.next() {
                return Ok(Some(bytes));
            }
            let Some(verifier) = self.verifier.as_mut() else { return Ok(None) };
            match self.received.next().await {
                Some(received) => self.decoded = verifier.push(received?)?.into_iter(),
                None => {
                    if let Some(verifier) = self.verifier.take() {
                        self.digests = Some(verifier.finish()?);
                    }
                }
            }
        }
    }

    /// The digests; `None` before the verified end.
    #[must_use]
    pub fn digests(&self) -> Option<&BodyDigests> {
        self.digests.as_ref()
    }
}

impl Verifier {
    fn push(&mut self, received: Bytes) -> S3Result<Vec<Bytes>> {
        match self {
            Self::Request(verifier) => verifier.push(received),
            Self::Decoded(hasher) => {
                hasher.update(&received);
                Ok(vec![received])
            }
        }
    }

    fn finish(self) -> S3Result<BodyDigests> {
        match self {
            Self::Request(verifier) => verifier.finish(),
            Self::Decoded(hasher) => Ok(hasher.finish()),
        }
    }
}

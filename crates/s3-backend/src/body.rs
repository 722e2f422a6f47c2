use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use storage_hub_s3_protocol::body::{BodyDigests, BodyVerifier};
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::error::S3Result;

/// A body that is verified while it is read: [`chunk`](Self::chunk) returns `None` only after every length, signature,
/// trailer and digest was found right. Until then, nothing that was read may become visible.
pub struct VerifiedBody {
    received: Pin<Box<dyn Stream<Item = S3Result<Bytes>> + Send>>,
    verifier: Option<BodyVerifier>,
    decoded: std::vec::IntoIter<Bytes>,
    announced_length: Option<u64>,
    algorithm: Option<ChecksumAlgorithm>,
    digests: Option<BodyDigests>,
}

impl VerifiedBody {
    /// Verifies what is received.
    #[must_use]
    pub fn new(received: impl Stream<Item = S3Result<Bytes>> + Send + 'static, verifier: BodyVerifier) -> Self {
        Self {
            received: Box::pin(received),
            announced_length: verifier.announced_length(),
            algorithm: verifier.checksum_algorithm(),
            verifier: Some(verifier),
            decoded: Vec::new().into_iter(),
            digests: None,
        }
    }

    /// The number of decoded bytes that the request announces.
    #[must_use]
    pub fn announced_length(&self) -> Option<u64> {
        self.announced_length
    }

    /// The algorithm of the checksum that the digests will contain.
    #[must_use]
    pub fn checksum_algorithm(&self) -> Option<ChecksumAlgorithm> {
        self.algorithm
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

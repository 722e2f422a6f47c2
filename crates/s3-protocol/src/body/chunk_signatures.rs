use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::ChunkSigning;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::signature::hmac_sha256;

/// Verifies the signatures of chunks, each of which covers the one before.
pub(super) struct ChunkSignatures {
    signing: ChunkSigning,
    /// Of the present chunk.
    data: Sha256,
}

impl std::fmt::Debug for ChunkSignatures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChunkSignatures(…)")
    }
}

impl ChunkSignatures {
    pub(super) fn new(signing: ChunkSigning) -> Self {
        Self { signing, data: Sha256::new() }
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        self.data.update(data);
    }

    /// Verifies the chunk whose data was taken, and begins the next one.
    pub(super) fn end_chunk(&mut self, signature: &str) -> S3Result<()> {
        let data = std::mem::take(&mut self.data).finalize();
        let covered = format!("{}\n{}", hex::encode(Sha256::digest(b"")), hex::encode(data));
        self.verify("AWS4-HMAC-SHA256-PAYLOAD", &covered, signature)
    }

    /// Verifies the trailers in their canonical form: a line `name:value` each.
    pub(super) fn end_trailers(&mut self, canonical: &str, signature: &str) -> S3Result<()> {
        let covered = hex::encode(Sha256::digest(canonical.as_bytes()));
        self.verify("AWS4-HMAC-SHA256-TRAILER", &covered, signature)
    }

    fn verify(&mut self, algorithm: &str, covered: &str, signature: &str) -> S3Result<()> {
        let ChunkSigning { signing_key, timestamp, scope, seed_signature } = &self.signing;
        let text = format!("{algorithm}\n{timestamp}\n{scope}\n{seed_signature}\n{covered}");
        let computed = hex::encode(hmac_sha256(signing_key.as_slice(), text.as_bytes()));
        if !bool::from(computed.as_bytes().ct_eq(signature.as_bytes())) {
            let message = "The signature of a chunk of the body does not match.";
            return Err(S3Error::with_message(ErrorCode::SignatureDoesNotMatch, message));
        }
        self.signing.seed_signature = computed;
        Ok(())
    }
}

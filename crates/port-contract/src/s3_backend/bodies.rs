use futures::{StreamExt as _, stream};
use storage_hub_s3_backend::VerifiedBody;
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::error::ErrorCode;
use tokio::sync::oneshot;

/// A body of these bytes, in three pieces.
pub(super) fn body(bytes: &[u8]) -> VerifiedBody {
    body_with(bytes, None)
}

/// A body of these bytes, whose digests contain a checksum.
pub(super) fn body_with(bytes: &[u8], algorithm: Option<ChecksumAlgorithm>) -> VerifiedBody {
    let pieces: Vec<_> = bytes.chunks(bytes.len() / 3 + 1).map(|piece| Ok(piece.to_vec().into())).collect();
    VerifiedBody::from_decoded(stream::iter(pieces), Some(bytes.len() as u64), algorithm)
}

/// A body that breaks off after these bytes.
pub(super) fn broken_body(bytes: &[u8]) -> VerifiedBody {
    let pieces = [Ok(bytes.to_vec().into()), Err(ErrorCode::IncompleteBody.into())];
    VerifiedBody::from_decoded(stream::iter(pieces), None, None)
}

/// A body whose end never comes after these bytes, and a signal that they were read.
pub(super) fn pending_body(bytes: &[u8]) -> (VerifiedBody, oneshot::Receiver<()>) {
    let (read, signal) = oneshot::channel();
    let rest = stream::once(async move {
        read.send(()).unwrap();
        std::future::pending().await
    });
    let received = stream::iter([Ok(bytes.to_vec().into())]).chain(rest);
    (VerifiedBody::from_decoded(received, None, None), signal)
}

/// Bytes that differ at every position from those of another seed.
pub(super) fn bytes(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8 ^ seed).collect()
}

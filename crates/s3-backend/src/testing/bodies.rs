use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, stream};
use storage_hub_s3_protocol::body::BodyDigests;
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};

use crate::VerifiedBody;

/// A body of these bytes, in pieces, whose digests contain the checksum of `algorithm`.
#[must_use]
pub fn verified_body(bytes: impl Into<Bytes>, algorithm: Option<ChecksumAlgorithm>) -> VerifiedBody {
    let bytes = bytes.into();
    let length = bytes.len();
    let pieces: Vec<_> = bytes.chunks(length / 3 + 1).map(|piece| Ok(bytes.slice_ref(piece))).collect();
    VerifiedBody::from_decoded(stream::iter(pieces), Some(length as u64), algorithm)
}

/// A body that breaks off with this error after these bytes.
#[must_use]
pub fn broken_body(bytes: impl Into<Bytes>, code: ErrorCode) -> VerifiedBody {
    let pieces = [Ok(bytes.into()), Err(code.into())];
    VerifiedBody::from_decoded(stream::iter(pieces), None, None)
}

/// A body whose end never comes after these bytes.
#[must_use]
pub fn pending_body(bytes: impl Into<Bytes>) -> VerifiedBody {
    let first = stream::iter([Ok(bytes.into())]);
    VerifiedBody::from_decoded(first.chain(stream::pending()), None, None)
}

/// Reads a body to its verified end.
pub(super) async fn receive(body: &mut VerifiedBody) -> S3Result<(Bytes, BodyDigests)> {
    let mut received = BytesMut::new();
    while let Some(chunk) = body.chunk().await? {
        received.extend_from_slice(&chunk);
    }
    let digests = body.digests().ok_or(ErrorCode::InternalError)?;
    Ok((received.freeze(), digests.clone()))
}

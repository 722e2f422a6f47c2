//! `x-amz-content-sha256`: what a signature says of the body.

use crate::body::{ChunkSigning, PayloadMode};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;

/// The header, and in lower case the parameter of presigned URLs.
pub(super) const CONTENT_SHA256: &str = "x-amz-content-sha256";

/// A value of `x-amz-content-sha256`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ContentSha256 {
    Unsigned,
    /// The text is kept as it was sent, because it is signed as it was sent.
    Hash {
        text: String,
        hash: [u8; 32],
    },
    Streaming,
    StreamingTrailer,
    StreamingUnsignedTrailer,
}

impl ContentSha256 {
    pub(super) fn of_hash(hash: [u8; 32]) -> Self {
        Self::Hash { text: hex::encode(hash), hash }
    }

    pub(super) fn parse(text: &str) -> S3Result<Self> {
        match text {
            "UNSIGNED-PAYLOAD" => Ok(Self::Unsigned),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Ok(Self::Streaming),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Ok(Self::StreamingTrailer),
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Ok(Self::StreamingUnsignedTrailer),
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" | "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER" => {
                let message = "Signatures of version 4A are not implemented. Use AWS4-HMAC-SHA256.";
                Err(S3Error::with_message(ErrorCode::NotImplemented, message))
            }
            _ => {
                let mut hash = [0; 32];
                hex::decode_to_slice(text, &mut hash).map_err(|_| {
                    let message = "`x-amz-content-sha256` must be UNSIGNED-PAYLOAD, a STREAMING- value, or the SHA-256 of the \
                                   body in hexadecimal digits.";
                    S3Error::with_message(ErrorCode::InvalidArgument, message)
                })?;
                Ok(Self::Hash { text: text.to_owned(), hash })
            }
        }
    }

    /// Reads the header of a request whose headers are not signed by version 4, so that there is no signature for chunks to
    /// continue.
    pub(super) fn of_other(head: &RequestHead) -> S3Result<Option<Self>> {
        let Some(text) = head.header(CONTENT_SHA256) else { return Ok(None) };
        match Self::parse(text)? {
            read @ (Self::Unsigned | Self::Hash { .. }) => Ok(Some(read)),
            Self::Streaming | Self::StreamingTrailer | Self::StreamingUnsignedTrailer => {
                let message = "A request with a streaming payload must be signed in its `Authorization` header.";
                Err(S3Error::with_message(ErrorCode::InvalidRequest, message))
            }
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Unsigned => "UNSIGNED-PAYLOAD",
            Self::Hash { text, .. } => text,
            Self::Streaming => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::StreamingTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::StreamingUnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        }
    }

    /// The mode of a body, whose signed chunks continue `signing`.
    pub(super) fn mode(&self, signing: ChunkSigning) -> PayloadMode {
        match self {
            Self::Unsigned => PayloadMode::Unsigned,
            Self::Hash { hash, .. } => PayloadMode::Sha256(*hash),
            Self::Streaming => PayloadMode::Streaming(signing),
            Self::StreamingTrailer => PayloadMode::StreamingTrailer(signing),
            Self::StreamingUnsignedTrailer => PayloadMode::StreamingUnsignedTrailer,
        }
    }
}

/// How the body of a request is protected that has no signature, or one of version 2.
///
/// # Errors
/// 400 if the request announces a streaming payload, or `x-amz-content-sha256` is malformed.
pub fn unsigned_payload(head: &RequestHead) -> S3Result<PayloadMode> {
    Ok(match ContentSha256::of_other(head)? {
        Some(ContentSha256::Hash { hash, .. }) => PayloadMode::Sha256(hash),
        _ => PayloadMode::Unsigned,
    })
}

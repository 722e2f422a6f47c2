//! What the head of a request says of its body. `fuzz/fuzz_targets/s3_requests.rs` takes this file in by its path.

use http::HeaderMap;

/// Maximum number of bytes of a body that is read whole: 1,000 keys to delete or 10,000 parts, escaped, fit.
pub(super) const MAX_WHOLE: usize = 8 * 1024 * 1024;

/// How a body in the encoding `aws-chunked` is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    Unsigned,
    Signed,
}

impl Chunks {
    /// As s3s decides it; `None` for a body that is not in chunks.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        match headers.get("x-amz-content-sha256")?.as_bytes() {
            b"STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Some(Self::Unsigned),
            hash if hash.starts_with(b"STREAMING-") => Some(Self::Signed),
            _ => None,
        }
    }
}

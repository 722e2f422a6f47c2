//! Continuation tokens: opaque to clients, and with a version, so that a later form can be told from this one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{ErrorCode, S3Error, S3Result};

/// What the tokens of this version begin with.
const VERSION: &str = "v1.";

/// The token of the page after an entry.
pub(crate) fn write(entry: &str) -> String {
    format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(entry))
}

/// The entry after which the page of a token begins.
pub(crate) fn read(token: &str) -> S3Result<String> {
    let read = || {
        let entry = String::from_utf8(URL_SAFE_NO_PAD.decode(token.strip_prefix(VERSION)?).ok()?).ok()?;
        (!entry.is_empty()).then_some(entry)
    };
    read().ok_or_else(|| {
        S3Error::with_message(ErrorCode::InvalidArgument, "The continuation token provided is incorrect.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_of_this_version_are_read() {
        assert_eq!(read(&write("a/b ü")).unwrap(), "a/b ü");
        for token in ["", "v1.", "v1", "v2.YQ", "YQ", "v1.?", "v1._w", "v1.YQ=="] {
            assert_eq!(read(token).unwrap_err().code(), ErrorCode::InvalidArgument, "{token}");
        }
    }
}

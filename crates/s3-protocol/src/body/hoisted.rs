//! Checksums in the query. The SDKs that presign URLs move the headers of a request into its query, those with checksums
//! too. They hold for the body like headers, but for one value: see [`with_checksums`].

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::checksum::{ChecksumAlgorithm, ChecksumHasher};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;

/// The headers of a request, and what its query says of the checksum of its body.
///
/// The checksum of no bytes is not taken from a query: an SDK that presigns an upload computes it by itself, because it does
/// not know the body yet. S3 and MinIO ignore every checksum in a query, so that such a URL must stay usable.
pub(super) fn with_checksums(head: &RequestHead) -> S3Result<Cow<'_, HeaderMap>> {
    let mut headers = Cow::Borrowed(head.headers());
    for (name, value) in head.query().iter() {
        let name = name.to_ascii_lowercase();
        if !name.starts_with("x-amz-checksum-") && name != "x-amz-sdk-checksum-algorithm" {
            continue;
        }
        let of_nothing = ChecksumAlgorithm::of_header(&name).is_some_and(|algorithm| value == of_no_bytes(algorithm));
        let pair = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        let Some((header, value)) = pair else {
            let message = format!("The value of the query parameter `{name}` is invalid.");
            return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
        };
        // A header of the same name has the same value: others were refused before.
        if !of_nothing {
            headers.to_mut().insert(header, value);
        }
    }
    Ok(headers)
}

fn of_no_bytes(algorithm: ChecksumAlgorithm) -> String {
    ChecksumHasher::new(algorithm).finish().value
}

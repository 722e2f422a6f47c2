use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use http::HeaderMap;

use super::PayloadMode;
use crate::checksum::ChecksumAlgorithm;
use crate::error::{ErrorCode, S3Error, S3Result};

/// Names that begin like the headers of checksums, and do not carry one.
const NO_CHECKSUMS: [&str; 3] = ["x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"];

/// What the headers of a request, each of which is there at most once, say of its body.
#[derive(Debug)]
pub(super) struct Announced {
    /// The number of decoded bytes.
    pub(super) length: Option<u64>,
    pub(super) min_length: u64,
    pub(super) max_length: u64,
    /// The error of a body that is longer.
    pub(super) too_large: ErrorCode,
    pub(super) md5: Option<[u8; 16]>,
    /// The algorithm of the checksum that is sent, announced as a trailer, or asked for.
    pub(super) algorithm: Option<ChecksumAlgorithm>,
    /// The checksum of a header, well formed.
    pub(super) checksum: Option<String>,
    /// The checksum that the trailer must contain.
    pub(super) trailer: Option<ChecksumAlgorithm>,
    pub(super) signed_trailer: bool,
}

impl Announced {
    pub(super) fn read(headers: &HeaderMap, payload: &PayloadMode, max_length: u64) -> S3Result<Self> {
        let length = length(headers, payload)?;
        if length.is_some_and(|length| length > max_length) {
            return Err(S3Error::new(ErrorCode::EntityTooLarge)
                .with_element("ProposedSize", length.unwrap_or_default().to_string())
                .with_element("MaxSizeAllowed", max_length.to_string()));
        }
        let sent = checksum(headers)?;
        let trailer = trailer(headers, payload)?;
        let asked = asked(headers)?;
        let algorithm = match (sent.as_ref().map(|(algorithm, _)| *algorithm), trailer) {
            (Some(header), Some(trailer)) if header != trailer => {
                return Err(invalid(format!(
                    "`{}` and a trailer `{}` must not be sent together.",
                    header.header(),
                    trailer.header()
                )));
            }
            (Some(algorithm), _) | (None, Some(algorithm)) => Some(algorithm),
            (None, None) => asked,
        };
        if let (Some(asked), Some(algorithm)) = (asked, algorithm)
            && asked != algorithm
        {
            let message = format!(
                "The request asks for a checksum by {}, but carries one by {}.",
                asked.name(),
                algorithm.name()
            );
            return Err(S3Error::with_message(ErrorCode::BadDigest, message));
        }
        Ok(Self {
            length,
            min_length: 0,
            max_length,
            too_large: ErrorCode::EntityTooLarge,
            md5: md5(headers)?,
            algorithm,
            checksum: sent.map(|(_, value)| value),
            trailer,
            signed_trailer: matches!(payload, PayloadMode::StreamingTrailer(_)),
        })
    }
}

fn length(headers: &HeaderMap, payload: &PayloadMode) -> S3Result<Option<u64>> {
    let sent = number(headers, "content-length")?;
    let decoded = number(headers, "x-amz-decoded-content-length")?;
    if !in_chunks(payload) {
        // A body that only says that it is in chunks would be stored with its framing.
        return match decoded {
            Some(_) if decoded != sent => {
                Err(invalid("`x-amz-decoded-content-length` requires a streaming `x-amz-content-sha256`."))
            }
            _ => Ok(sent),
        };
    }
    match (sent, decoded) {
        (_, None) => {
            let message = "A streaming request must have the `x-amz-decoded-content-length` header.";
            Err(S3Error::with_message(ErrorCode::MissingContentLength, message))
        }
        (Some(sent), Some(decoded)) if sent < decoded => Err(ErrorCode::IncompleteBody.into()),
        (_, decoded) => Ok(decoded),
    }
}

fn in_chunks(payload: &PayloadMode) -> bool {
    match payload {
        PayloadMode::Unsigned | PayloadMode::Sha256(_) => false,
        PayloadMode::StreamingUnsignedTrailer | PayloadMode::Streaming(_) | PayloadMode::StreamingTrailer(_) => true,
    }
}

fn number(headers: &HeaderMap, name: &str) -> S3Result<Option<u64>> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    text(headers, name)
        .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .map(Some)
        .ok_or_else(|| {
            S3Error::with_message(ErrorCode::InvalidArgument, format!("`{name}` must be a number of bytes."))
        })
}

fn md5(headers: &HeaderMap) -> S3Result<Option<[u8; 16]>> {
    if !headers.contains_key("content-md5") {
        return Ok(None);
    }
    text(headers, "content-md5")
        .and_then(|text| BASE64.decode(text).ok())
        .and_then(|bytes| bytes.try_into().ok())
        .map(Some)
        .ok_or_else(|| S3Error::with_message(ErrorCode::InvalidDigest, "The `Content-MD5` you specified is not valid."))
}

fn checksum(headers: &HeaderMap) -> S3Result<Option<(ChecksumAlgorithm, String)>> {
    let mut found = None;
    for (name, value) in headers {
        let name = name.as_str();
        if !name.starts_with("x-amz-checksum-") || NO_CHECKSUMS.contains(&name) {
            continue;
        }
        let Some(algorithm) = ChecksumAlgorithm::of_header(name) else {
            return Err(invalid(format!("The checksum algorithm of `{name}` is not supported.")));
        };
        let value = value.to_str().ok().filter(|value| algorithm.is_well_formed(value));
        let Some(value) = value else { return Err(invalid(format!("The value of the `{name}` header is invalid."))) };
        if found.replace((algorithm, value.to_owned())).is_some() {
            return Err(invalid("A request must not have more than one header with a checksum."));
        }
    }
    Ok(found)
}

fn trailer(headers: &HeaderMap, payload: &PayloadMode) -> S3Result<Option<ChecksumAlgorithm>> {
    if !headers.contains_key("x-amz-trailer") {
        return Ok(None);
    }
    if !matches!(payload, PayloadMode::StreamingUnsignedTrailer | PayloadMode::StreamingTrailer(_)) {
        return Err(invalid("`x-amz-trailer` requires an `x-amz-content-sha256` that ends with `-TRAILER`."));
    }
    let mut found = None;
    for name in text(headers, "x-amz-trailer").unwrap_or_default().split(',') {
        let Some(algorithm) = ChecksumAlgorithm::of_header(name.trim()) else {
            return Err(invalid("The value of the `x-amz-trailer` header is not supported."));
        };
        if found.replace(algorithm).is_some() {
            return Err(invalid("`x-amz-trailer` must not name more than one checksum."));
        }
    }
    Ok(found)
}

fn asked(headers: &HeaderMap) -> S3Result<Option<ChecksumAlgorithm>> {
    let mut found = None;
    for name in ["x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"] {
        if !headers.contains_key(name) {
            continue;
        }
        let Some(algorithm) = text(headers, name).and_then(ChecksumAlgorithm::parse) else {
            return Err(invalid(format!("The value of the `{name}` header is invalid.")));
        };
        if found.is_some_and(|found| found != algorithm) {
            return Err(invalid("The request asks for checksums by two algorithms."));
        }
        found = Some(algorithm);
    }
    Ok(found)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn invalid(message: impl Into<std::borrow::Cow<'static, str>>) -> S3Error {
    S3Error::with_message(ErrorCode::InvalidRequest, message)
}

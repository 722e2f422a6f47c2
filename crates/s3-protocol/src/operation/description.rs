//! What a client stores with an object besides its bytes: content headers and user metadata.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::fields::{all_amz, invalid};
use super::request::RequestTemplate;
use crate::encoded_words;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::types::{ContentHeaders, Description};

/// Maximum size of the user metadata of an object: the bytes of its names and values.
const MAX_METADATA_BYTES: usize = 2 * 1024;
const METADATA: &str = "x-amz-meta-";

pub(super) fn read(head: &RequestHead) -> S3Result<Description> {
    let text = |name: HeaderName| head.header(name.as_str()).map(str::to_owned);
    let headers = ContentHeaders {
        content_type: text(header::CONTENT_TYPE),
        cache_control: text(header::CACHE_CONTROL),
        content_disposition: text(header::CONTENT_DISPOSITION),
        content_encoding: head.header(header::CONTENT_ENCODING.as_str()).and_then(own_encoding),
        content_language: text(header::CONTENT_LANGUAGE),
        expires: text(header::EXPIRES),
    };
    let mut metadata = BTreeMap::new();
    for (name, value) in all_amz(head) {
        let Some(name) = name.strip_prefix(METADATA) else { continue };
        // In the query of a presigned URL it could be anything, but an answer carries it as a header.
        if name.is_empty() || HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Err(invalid(format!("`{METADATA}` must be followed by a name.")));
        }
        metadata.insert(name.to_owned(), encoded_words::decode(value).into_owned());
    }
    check_size(&metadata)?;
    Ok(Description { headers, metadata })
}

/// Refuses user metadata that is too large.
///
/// # Errors
/// `MetadataTooLarge`
pub fn check_size(metadata: &BTreeMap<String, String>) -> S3Result<()> {
    let size = metadata.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    if size > MAX_METADATA_BYTES {
        return Err(S3Error::new(ErrorCode::MetadataTooLarge));
    }
    Ok(())
}

/// The encoding of the object: `aws-chunked` is that of the transfer. Without it the header is kept as it was sent.
fn own_encoding(sent: &str) -> Option<String> {
    let is_of_transfer = |coding: &&str| coding.trim().eq_ignore_ascii_case("aws-chunked");
    if !sent.split(',').any(|coding| is_of_transfer(&coding)) {
        return Some(sent.to_owned());
    }
    let own = sent.split(',').filter(|coding| !is_of_transfer(coding)).map(str::trim);
    let own: Vec<_> = own.filter(|coding| !coding.is_empty()).collect();
    (!own.is_empty()).then(|| own.join(","))
}

pub(super) fn write(description: &Description, request: &mut RequestTemplate) {
    write_headers(description, &mut request.headers);
}

/// Writes a description as headers. Text that a header cannot carry as it is, is written in encoded words.
pub(crate) fn write_headers(description: &Description, headers: &mut HeaderMap) {
    let content = &description.headers;
    let pairs = [
        (header::CONTENT_TYPE, &content.content_type),
        (header::CACHE_CONTROL, &content.cache_control),
        (header::CONTENT_DISPOSITION, &content.content_disposition),
        (header::CONTENT_ENCODING, &content.content_encoding),
        (header::CONTENT_LANGUAGE, &content.content_language),
        (header::EXPIRES, &content.expires),
    ];
    for (name, value) in pairs {
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    for (name, value) in &description.metadata {
        let name = HeaderName::from_bytes(format!("{METADATA}{name}").as_bytes());
        let value = HeaderValue::from_str(&encoded_words::encode(value));
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.insert(name, value);
        }
    }
}

/// Reads a description from the headers of an answer.
pub(crate) fn read_headers(headers: &HeaderMap) -> Description {
    let text = |name: HeaderName| {
        headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).map(str::to_owned)
    };
    let content = ContentHeaders {
        content_type: text(header::CONTENT_TYPE),
        cache_control: text(header::CACHE_CONTROL),
        content_disposition: text(header::CONTENT_DISPOSITION),
        content_encoding: text(header::CONTENT_ENCODING),
        content_language: text(header::CONTENT_LANGUAGE),
        expires: text(header::EXPIRES),
    };
    let metadata = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(METADATA)?.to_owned();
        // Some servers send bytes beyond ASCII as they were sent to them.
        let value = String::from_utf8_lossy(value.as_bytes());
        Some((name, encoded_words::decode(&value).into_owned()))
    });
    Description { headers: content, metadata: metadata.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_kept_as_sent_but_for_that_of_the_transfer() {
        let table = [
            ("deflate, gzip", Some("deflate, gzip")),
            ("br;q=1 , gzip", Some("br;q=1 , gzip")),
            ("aws-chunked", None),
            ("aws-chunked, aws-chunked", None),
            ("AWS-Chunked,gzip", Some("gzip")),
            ("gzip, aws-chunked", Some("gzip")),
            ("gzip, aws-chunked, br", Some("gzip,br")),
            ("aws-chunked-not", Some("aws-chunked-not")),
        ];
        for (sent, kept) in table {
            assert_eq!(own_encoding(sent).as_deref(), kept, "{sent}");
        }
    }

    #[test]
    fn metadata_is_limited_to_two_kibibytes() {
        let metadata = |size: usize| BTreeMap::from([("ab".to_owned(), "x".repeat(size - 2))]);
        assert!(check_size(&metadata(2048)).is_ok());
        assert_eq!(check_size(&metadata(2049)).unwrap_err().code(), ErrorCode::MetadataTooLarge);
    }
}

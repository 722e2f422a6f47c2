//! What is refused before s3s sees it, or before an operation does: requests that would be taken for something else
//! than was signed, and settings that are not there and must not be dropped in silence.

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::credential::{Authorization, Credential};
use super::payload::{Chunks, MAX_WHOLE};
use super::query::Query;

/// The longest life of a presigned URL, in seconds.
const MAX_EXPIRES: i64 = 7 * 24 * 60 * 60;

/// Headers that s3s reads and that may come once only. Of one that comes twice s3s takes none.
const ONCE: [&str; 13] = [
    "authorization",
    "cache-control",
    "content-disposition",
    "content-language",
    "content-md5",
    "content-type",
    "date",
    "expires",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
];

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The hub itself does it.
    HubsOwn,
    /// A header that comes twice, or cannot be read.
    Ambiguous(HeaderName),
    /// An absolute target of another host than the `Host` header.
    OtherHost,
    /// An `Authorization` header that cannot be read.
    Authorization,
    /// A presigned URL whose parameters cannot be read.
    Parameter,
    /// A signature in the URL and one in the headers.
    TwoSignatures,
    /// Headers signed by Signature Version 2.
    OldSignature,
    /// A token of credentials that are not there.
    TemporaryCredentials,
    /// An HTML form.
    Form,
    /// A document that is too large.
    LongDocument,
    /// A body in signed chunks without a signature in the headers that they continue.
    Streaming,
    /// A presigned URL that is good for too long, or does not say for how long.
    Expiry,
    /// Too many parameters.
    Parameters,
    /// A parameter that is not UTF-8.
    Undecodable,
    /// A parameter that is there twice.
    Repeated,
    /// A header that is not signed.
    Unsigned,
    /// A storage class that is not there.
    StorageClass,
    /// A header that asks for what is not there.
    Header(HeaderName),
}

/// Refuses a request as a whole, or tells whose signature it says that it has. `now` is in seconds since 1970.
///
/// s3s takes what it cannot read for absent, and so would answer another request than the one that this function saw.
/// Therefore what cannot be read is refused first, and what is left both read in the same way.
pub(super) fn refuse_request(request: &Parts, now: i64) -> Result<Option<Credential>, Refusal> {
    refuse_ambiguous(request)?;
    let query = Query::parse(request.uri.query().unwrap_or_default())?;
    if request.uri.path().starts_with("/minio/") {
        return Err(Refusal::HubsOwn);
    }
    let credential = Credential::of(request, &query)?;
    if request.headers.contains_key("x-amz-security-token") || query.get("X-Amz-Security-Token").is_some() {
        return Err(Refusal::TemporaryCredentials);
    }
    let text = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
    if request.method == Method::POST {
        // s3s holds the whole form in memory before it asks for access.
        let is_form = |value: &str| {
            value.trim_start().get(..19).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/form-data"))
        };
        if text(header::CONTENT_TYPE).is_some_and(is_form) {
            return Err(Refusal::Form);
        }
        let length = text(header::CONTENT_LENGTH).map(str::parse::<usize>);
        if length.is_some_and(|length| length.is_ok_and(|length| length > MAX_WHOLE)) {
            return Err(Refusal::LongDocument);
        }
    }
    let authorization = text(header::AUTHORIZATION);
    if Chunks::of(&request.headers).is_some() && authorization.is_none() {
        return Err(Refusal::Streaming);
    }
    if query.get("Signature").is_some() {
        refuse_old_url(&query, now)?;
        return Ok(credential);
    }
    let signed = if query.get("X-Amz-Signature").is_some() {
        let expires = query.get("X-Amz-Expires").and_then(|expires| expires.parse::<i64>().ok());
        if expires.is_none_or(|expires| expires > MAX_EXPIRES) {
            return Err(Refusal::Expiry);
        }
        query.get("X-Amz-SignedHeaders").unwrap_or_default()
    } else {
        let Some(authorization) = authorization else { return Ok(None) };
        Authorization::parse(authorization).map_or("", |read| read.signed_headers)
    };
    refuse_unsigned(&request.headers, signed)?;
    Ok(credential)
}

/// Refuses headers that two readers could take for different things.
fn refuse_ambiguous(request: &Parts) -> Result<(), Refusal> {
    for name in request.headers.keys() {
        let text = name.as_str();
        let is_metadata = text.starts_with("x-amz-meta-");
        let is_list = matches!(text, "x-amz-object-attributes" | "x-amz-optional-object-attributes");
        if !text.starts_with("x-amz-") && !ONCE.contains(&text) {
            continue;
        }
        let mut values = request.headers.get_all(name).iter();
        let is_readable = match text {
            // Clients send what they store as UTF-8.
            "cache-control" | "content-disposition" | "content-language" => values.all(is_utf8),
            _ if is_metadata => values.all(is_utf8),
            _ => values.all(|value| value.to_str().is_ok()),
        };
        let is_once = is_metadata || is_list || request.headers.get_all(name).iter().nth(1).is_none();
        if !is_readable || !is_once {
            return Err(Refusal::Ambiguous(name.clone()));
        }
    }
    let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match request.uri.authority() {
        Some(target) if !host.is_some_and(|host| host.eq_ignore_ascii_case(target.as_str())) => Err(Refusal::OtherHost),
        _ => Ok(()),
    }
}

fn is_utf8(value: &HeaderValue) -> bool {
    std::str::from_utf8(value.as_bytes()).is_ok()
}

/// URLs presigned by Signature Version 2, which boto3 makes unless told otherwise. They sign every `x-amz-` header.
fn refuse_old_url(query: &Query, now: i64) -> Result<(), Refusal> {
    let latest = now.saturating_add(MAX_EXPIRES);
    let expires = query.get("Expires").and_then(|expires| expires.parse::<i64>().ok());
    if expires.is_none_or(|expires| expires > latest) {
        return Err(Refusal::Expiry);
    }
    Ok(())
}

/// Every `x-amz-` header must be signed: else whoever holds a presigned URL adds `x-amz-copy-source` and reads what the
/// signer may read.
fn refuse_unsigned(headers: &HeaderMap, signed: &str) -> Result<(), Refusal> {
    let is_signed = |name: &str| signed.split(';').any(|header| header == name);
    let unsigned = headers.keys().map(http::HeaderName::as_str).find(|name| {
        // The body itself is held against this one.
        name.starts_with("x-amz-") && *name != "x-amz-content-sha256" && !is_signed(name)
    });
    match unsigned {
        Some(_) => Err(Refusal::Unsigned),
        None => Ok(()),
    }
}

/// Refuses headers that ask for what is not there.
pub(super) fn refuse_headers(headers: &HeaderMap) -> Result<(), Refusal> {
    for (name, value) in headers {
        let value = value.to_str().unwrap_or_default();
        let refused = match name.as_str() {
            "x-amz-acl" => !matches!(value, "private" | "bucket-owner-full-control"),
            "x-amz-storage-class" => {
                if value != "STANDARD" {
                    return Err(Refusal::StorageClass);
                }
                false
            }
            "x-amz-tagging" => !value.is_empty(),
            "x-amz-tagging-directive" => value != "COPY" && value != "REPLACE",
            "x-amz-website-redirect-location" | "x-amz-write-offset-bytes" | "x-amz-mfa" => true,
            name => {
                ["x-amz-server-side-encryption", "x-amz-copy-source-server-side", "x-amz-object-lock-", "x-amz-grant-"]
                    .into_iter()
                    .any(|prefix| name.starts_with(prefix))
            }
        };
        if refused {
            return Err(Refusal::Header(name.clone()));
        }
    }
    Ok(())
}

/// Whether a signature is for another region than this one. Which region it is, and which buckets there are, can be asked
/// for with any.
pub(super) fn is_of_other_region(request: &Parts, credential: &Credential, region: &str) -> bool {
    if credential.region.as_deref().is_none_or(|signed| signed == region) {
        return false;
    }
    let query = request.uri.query().unwrap_or_default();
    let asks_for_it = query.split('&').any(|pair| matches!(pair, "location" | "location="));
    request.method != Method::GET || !(asks_for_it || request.uri.path() == "/")
}

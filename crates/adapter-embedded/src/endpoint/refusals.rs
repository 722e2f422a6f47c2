//! What is refused before s3s sees it, or before an operation does: requests that would be taken for something else
//! than was signed, and settings that are not there and must not be dropped in silence.

use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, header};
use time::OffsetDateTime;

use super::credential::{Authorization, Credential};
use super::query::Query;

/// The longest life of a presigned URL, in seconds.
const MAX_EXPIRES: i64 = 7 * 24 * 60 * 60;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The hub itself does it.
    HubsOwn,
    /// Headers signed by Signature Version 2.
    OldSignature,
    /// A token of credentials that are not there.
    TemporaryCredentials,
    /// An HTML form.
    Form,
    /// A presigned URL that is good for too long, or does not say for how long.
    Expiry,
    /// A parameter that is there twice.
    Repeated,
    /// A header that is not signed.
    Unsigned,
    /// A storage class that is not there.
    StorageClass,
    /// A header that asks for what is not there.
    Header(HeaderName),
}

/// Refuses a request as a whole.
pub(super) fn refuse_request(request: &Parts) -> Result<(), Refusal> {
    let query = Query::parse(request.uri.query().unwrap_or_default());
    let authorization = request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if request.uri.path().starts_with("/minio/") {
        return Err(Refusal::HubsOwn);
    }
    // Its requests have no date that is checked: one that was overheard could be sent again for ever.
    if authorization.is_some_and(|value| value.starts_with("AWS ")) {
        return Err(Refusal::OldSignature);
    }
    if request.headers.contains_key("x-amz-security-token") || query.get("X-Amz-Security-Token").is_some() {
        return Err(Refusal::TemporaryCredentials);
    }
    // s3s holds the whole form in memory before it asks for access.
    let content_type = request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form =
        |value: &str| value.trim_start().get(..19).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/form-data"));
    if request.method == Method::POST && content_type.is_some_and(is_form) {
        return Err(Refusal::Form);
    }
    if query.get("Signature").is_some() {
        return refuse_old_url(&query);
    }
    let signed = match (query.get("X-Amz-Signature"), authorization) {
        (Some(_), _) => {
            let expires = query.get("X-Amz-Expires").and_then(|expires| expires.parse::<i64>().ok());
            if expires.is_none_or(|expires| expires > MAX_EXPIRES) {
                return Err(Refusal::Expiry);
            }
            query.get("X-Amz-SignedHeaders").unwrap_or_default()
        }
        (None, Some(authorization)) => {
            Authorization::parse(authorization).map_or_else(String::new, |read| read.signed_headers.to_owned())
        }
        (None, None) => return Ok(()),
    };
    refuse_unsigned(&request.headers, &signed)
}

/// URLs presigned by Signature Version 2, which boto3 makes unless told otherwise. They sign every `x-amz-` header, but
/// a parameter that is repeated escapes them.
fn refuse_old_url(query: &Query) -> Result<(), Refusal> {
    let latest = OffsetDateTime::now_utc().unix_timestamp().saturating_add(MAX_EXPIRES);
    let expires = query.get("Expires").and_then(|expires| expires.parse::<i64>().ok());
    if expires.is_none_or(|expires| expires > latest) {
        return Err(Refusal::Expiry);
    }
    if query.has_repeated() {
        return Err(Refusal::Repeated);
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

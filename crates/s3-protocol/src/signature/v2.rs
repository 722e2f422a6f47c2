//! Presigned URLs of version 2, as boto3 makes them unless it is told otherwise. They sign every `x-amz-*` header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use subtle::ConstantTimeEq as _;

use super::SecretKey;
use super::SignatureRules;
use super::hmac::hmac_sha1;
use super::payload::unsigned_payload;
use super::v4_claim::{MAX_EXPIRES, expired};
use crate::body::PayloadMode;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::{RequestHead, Target};

/// The parameters that are part of the signed resource, in ascending order.
const SIGNED: [&str; 35] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// What a URL of version 2 says, besides the access key.
#[derive(Clone, Debug)]
pub(super) struct V2Claim {
    expires: String,
    signature: String,
}

impl V2Claim {
    /// Reads the parameters, and returns the access key with them.
    pub(super) fn read(head: &RequestHead, rules: &SignatureRules) -> S3Result<(String, Self)> {
        let malformed = |message| S3Error::with_message(ErrorCode::AuthorizationQueryParametersError, message);
        let query = head.query();
        let [Some(access_key), Some(signature), Some(expires)] =
            ["AWSAccessKeyId", "Signature", "Expires"].map(|name| query.get(name))
        else {
            let message =
                "Query string authentication requires the parameters `Signature`, `Expires` and `AWSAccessKeyId`.";
            return Err(malformed(message));
        };
        let end: i64 = expires.parse().map_err(|_| malformed("`Expires` must be a number of seconds since 1970."))?;
        if end > rules.now.saturating_add(MAX_EXPIRES) {
            return Err(malformed("`Expires` must be at most 604800 seconds ahead."));
        }
        if end < rules.now {
            return Err(expired(end, rules.now));
        }
        let is_allowed = matches!(*head.method(), Method::GET | Method::HEAD | Method::PUT)
            && matches!(head.target(), Target::Object { .. });
        if !is_allowed {
            let message = "URLs of signature version 2 must be GET, HEAD or PUT of one object. Use AWS4-HMAC-SHA256.";
            return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
        }
        check_parameters(head)?;
        unsigned_payload(head)?;
        Ok((access_key.to_owned(), Self { expires: expires.to_owned(), signature: signature.to_owned() }))
    }

    /// Verifies the signature.
    pub(super) fn verify(&self, head: &RequestHead, secret: &SecretKey) -> S3Result<PayloadMode> {
        let signature = sign(secret, &string_to_sign(head, &self.expires));
        if !bool::from(self.signature.as_bytes().ct_eq(signature.as_bytes())) {
            return Err(S3Error::new(ErrorCode::SignatureDoesNotMatch));
        }
        unsigned_payload(head)
    }
}

/// The signature of a text.
pub(super) fn sign(secret: &SecretKey, text: &[u8]) -> String {
    STANDARD.encode(hmac_sha1(secret.expose().as_bytes(), text))
}

/// Refuses parameters that are not signed, and values in which other parameters could hide: they are signed without being
/// encoded. boto3 repeats signed headers in the query; these are accepted if the headers have the same values.
fn check_parameters(head: &RequestHead) -> S3Result<()> {
    for (name, value) in head.query().iter() {
        let is_signed = matches!(name, "AWSAccessKeyId" | "Expires" | "Signature") || SIGNED.contains(&name);
        let is_header = matches!(name, "content-type" | "content-md5") || name.starts_with("x-amz-");
        if !(is_signed || is_header && head.header(name) == Some(value)) {
            let message =
                format!("The parameter `{name}` is not covered by signature version 2. Use AWS4-HMAC-SHA256.");
            return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
        }
        let hidden = value.split('&').skip(1).map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
        if SIGNED.contains(&name) && hidden.into_iter().any(|name| SIGNED.contains(&name)) {
            let message = format!("The value of `{name}` is ambiguous in signature version 2. Use AWS4-HMAC-SHA256.");
            return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
        }
    }
    Ok(())
}

fn string_to_sign(head: &RequestHead, expires: &str) -> Vec<u8> {
    let header = |name: &str| head.header(name).unwrap_or_default();
    let [method, md5, kind] = [head.method().as_str(), header("content-md5"), header("content-type")];
    let mut text = format!("{method}\n{md5}\n{kind}\n{expires}\n").into_bytes();
    let mut headers: Vec<_> = head.headers().iter().filter(|(name, _)| name.as_str().starts_with("x-amz-")).collect();
    headers.sort_unstable_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.push(b':');
        text.extend_from_slice(value.as_bytes().trim_ascii());
        text.push(b'\n');
    }
    if let Some(bucket) = head.host_bucket() {
        text.push(b'/');
        text.extend_from_slice(bucket.as_bytes());
    }
    text.extend_from_slice(head.raw_path().as_bytes());
    let signed = SIGNED.iter().filter_map(|name| Some((*name, head.query().get(name)?)));
    for (at, (name, value)) in signed.enumerate() {
        text.push(if at == 0 { b'?' } else { b'&' });
        text.extend_from_slice(name.as_bytes());
        if !value.is_empty() {
            text.push(b'=');
            text.extend_from_slice(value.as_bytes());
        }
    }
    text
}

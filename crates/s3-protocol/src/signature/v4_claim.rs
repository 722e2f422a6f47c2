//! Claims of version 4: read from the `Authorization` header or the query, and verified.

use http::Method;
use subtle::ConstantTimeEq as _;

use super::credential::Place;
use super::payload::{CONTENT_SHA256, ContentSha256};
use super::timestamp::Timestamp;
use super::v4::{ALGORITHM, CanonicalRequest, Scope};
use super::{SecretKey, SignatureRules};
use crate::body::PayloadMode;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::{RequestHead, Target};
use crate::uri;

/// How far the clocks of client and server may differ, in seconds.
pub(super) const MAX_SKEW: i64 = 15 * 60;
/// The longest lifetime of a presigned URL, in seconds.
pub(super) const MAX_EXPIRES: i64 = 7 * 24 * 60 * 60;

const PARAMETERS: &str = "Query string authentication of version 4 requires the parameters `X-Amz-Algorithm`, \
                          `X-Amz-Credential`, `X-Amz-Signature`, `X-Amz-Date`, `X-Amz-SignedHeaders` and `X-Amz-Expires`.";

/// What a signature of version 4 says, besides the access key.
#[derive(Clone, Debug)]
pub(super) struct V4Claim {
    scope: Scope,
    time: Timestamp,
    /// In ascending order, in lower case.
    signed_headers: Vec<String>,
    signature: String,
    payload: ContentSha256,
    /// Whether the hash of a presigned request was sent in a header that is not signed.
    has_added_hash: bool,
}

impl V4Claim {
    /// Reads `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, and returns the access key with it.
    pub(super) fn read_header(head: &RequestHead, text: &str, rules: &SignatureRules) -> S3Result<(String, Self)> {
        let malformed = || {
            Place::Header.error(
                "The `Authorization` header must be `AWS4-HMAC-SHA256 Credential=<access key>/<date>/<region>/s3/aws4_request, \
                 SignedHeaders=<names>, Signature=<hex>`.",
            )
        };
        let rest = text.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with([' ', '\t'])).ok_or_else(malformed)?;
        let [mut credential, mut signed_headers, mut signature] = [None; 3];
        for field in rest.split(',') {
            let (name, value) = field.trim_ascii().split_once('=').ok_or_else(malformed)?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(malformed()),
            };
            if slot.replace(value).is_some() {
                return Err(malformed());
            }
        }
        let (Some(credential), Some(signed_headers), Some(signature)) = (credential, signed_headers, signature) else {
            return Err(malformed());
        };
        let time = head.header("x-amz-date").or_else(|| head.header("date")).and_then(Timestamp::parse_any);
        let time = time.ok_or_else(|| {
            let message = "A signed request must have a valid `x-amz-date` or `Date` header.";
            S3Error::with_message(ErrorCode::AccessDenied, message)
        })?;
        let (access_key, scope) = Place::Header.read_credential(credential, &time)?;
        let signed_headers = Place::Header.read_signed_headers(signed_headers)?;
        check_region(Place::Header, head, &scope, rules)?;
        if time.seconds.abs_diff(rules.now) > MAX_SKEW.unsigned_abs() {
            return Err(S3Error::new(ErrorCode::RequestTimeTooSkewed)
                .with_element("RequestTime", time.text)
                .with_element("ServerTime", iso(rules.now))
                .with_element("MaxAllowedSkewMilliseconds", (MAX_SKEW * 1000).to_string()));
        }
        let payload = head.header(CONTENT_SHA256).ok_or_else(|| {
            let message = "A signed request must have the `x-amz-content-sha256` header.";
            S3Error::with_message(ErrorCode::InvalidRequest, message)
        })?;
        let payload = ContentSha256::parse(payload)?;
        let signature = signature.to_owned();
        let claim = Self { scope, time, signed_headers, signature, payload, has_added_hash: false };
        Ok((access_key.to_owned(), claim))
    }

    /// Reads the parameters of a presigned URL, and returns the access key with them.
    pub(super) fn read_query(head: &RequestHead, rules: &SignatureRules) -> S3Result<(String, Self)> {
        let parameter = |name: &str| head.query().get(name).ok_or_else(|| Place::Query.error(PARAMETERS));
        let algorithm = parameter("X-Amz-Algorithm")?;
        let credential = parameter("X-Amz-Credential")?;
        let time = parameter("X-Amz-Date")?;
        let expires = parameter("X-Amz-Expires")?;
        let signed_headers = parameter("X-Amz-SignedHeaders")?;
        let signature = parameter("X-Amz-Signature")?.to_owned();
        if algorithm != ALGORITHM {
            return Err(Place::Query.error("`X-Amz-Algorithm` must be AWS4-HMAC-SHA256."));
        }
        let time = Timestamp::parse(time)
            .ok_or_else(|| Place::Query.error("`X-Amz-Date` must have the form YYYYMMDDTHHMMSSZ."))?;
        let expires = read_expires(expires)?;
        let (access_key, scope) = Place::Query.read_credential(credential, &time)?;
        let signed_headers = Place::Query.read_signed_headers(signed_headers)?;
        check_region(Place::Query, head, &scope, rules)?;
        if time.seconds > rules.now.saturating_add(MAX_SKEW) {
            return Err(S3Error::with_message(ErrorCode::AccessDenied, "The request is not valid yet.")
                .with_element("X-Amz-Date", time.text)
                .with_element("ServerTime", iso(rules.now)));
        }
        let end = time.seconds.saturating_add(expires);
        if end < rules.now {
            return Err(expired(end, rules.now).with_element("X-Amz-Expires", expires.to_string()));
        }
        let by_header = ContentSha256::of_other(head)?;
        let by_query = head.query().get("X-Amz-Content-Sha256").map(ContentSha256::parse).transpose()?;
        let payload = match (by_query, by_header) {
            (Some(query), Some(header)) if query != header => {
                let message = "`x-amz-content-sha256` must have the same value in the URL and in the headers.";
                return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
            }
            (Some(read @ (ContentSha256::Unsigned | ContentSha256::Hash { .. })), _) | (None, Some(read)) => read,
            (None, None) => ContentSha256::Unsigned,
            (Some(_), _) => {
                let message = "A request with a streaming payload must be signed in its `Authorization` header.";
                return Err(S3Error::with_message(ErrorCode::InvalidRequest, message));
            }
        };
        let is_in_url =
            head.query().has("X-Amz-Content-Sha256") || signed_headers.iter().any(|name| name == CONTENT_SHA256);
        let has_added_hash = !is_in_url && matches!(payload, ContentSha256::Hash { .. });
        let claim = Self { scope, time, signed_headers, signature, payload, has_added_hash };
        Ok((access_key.to_owned(), claim))
    }

    /// Verifies the signature, and that it covers everything that changes the effect of the request.
    pub(super) fn verify(&self, head: &RequestHead, secret: &SecretKey) -> S3Result<PayloadMode> {
        self.check_coverage(head)?;
        let encoded_path = uri::encode_path(head.path());
        let mut request = CanonicalRequest {
            method: head.method().as_str(),
            path: &encoded_path,
            query: head.query().iter().filter(|(name, _)| *name != "X-Amz-Signature").collect(),
            headers: head.headers(),
            signed_headers: &self.signed_headers,
            payload: self.payload.as_str(),
        };
        let mismatch = || S3Error::new(ErrorCode::SignatureDoesNotMatch);
        let sign = |request: &CanonicalRequest<'_>| {
            let canonical = request.to_bytes().ok_or_else(mismatch)?;
            let signed = self.scope.sign_request(secret, &self.time, &canonical);
            let is_equal = self.signature.as_bytes().ct_eq(signed.seed_signature.as_bytes());
            S3Result::Ok(bool::from(is_equal).then(|| self.payload.mode(signed)))
        };
        if let Some(payload) = sign(&request)? {
            return Ok(payload);
        }
        // Some clients encode fewer characters than S3 does, and sign the path as they sent it. Both forms stand for one
        // decoded path, so that accepting either of them widens nothing.
        if head.raw_path() != encoded_path {
            request.path = head.raw_path();
            if let Some(payload) = sign(&request)? {
                return Ok(payload);
            }
            request.path = &encoded_path;
        }
        // A client that uploads to a presigned URL may add the hash of the body, which its signer did not know. The body is
        // held against it, so that it can only narrow what the URL allows.
        if self.has_added_hash {
            request.payload = ContentSha256::Unsigned.as_str();
            if let Some(payload) = sign(&request)? {
                return Ok(payload);
            }
        }
        Err(mismatch())
    }

    /// Otherwise whoever holds a presigned URL could add `x-amz-copy-source` and read what its signer may read. All
    /// parameters of the query are signed, and so is the value of `x-amz-content-sha256`, in a line of its own.
    fn check_coverage(&self, head: &RequestHead) -> S3Result<()> {
        let is_signed = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        let must_be_signed = |name: &&str| *name == "host" || (name.starts_with("x-amz-") && *name != CONTENT_SHA256);
        let names = head.headers().keys().map(http::HeaderName::as_str).filter(must_be_signed);
        let mut unsigned: Vec<_> = names.filter(|name| !is_signed(name)).collect();
        unsigned.sort_unstable();
        if unsigned.is_empty() && is_signed("host") {
            return Ok(());
        }
        let message = "There were headers present in the request which were not signed.";
        let names = if unsigned.is_empty() { "host".to_owned() } else { unsigned.join(", ") };
        Err(S3Error::with_message(ErrorCode::AccessDenied, message).with_element("HeadersNotSigned", names))
    }
}

/// Which region is the right one, and which buckets there are, can be asked for with any region.
fn check_region(place: Place, head: &RequestHead, scope: &Scope, rules: &SignatureRules) -> S3Result<()> {
    let asks_for_it = match head.target() {
        Target::Service => true,
        Target::Bucket(_) => head.query().has("location"),
        Target::Object { .. } => false,
    };
    if asks_for_it && *head.method() == Method::GET { Ok(()) } else { place.check_region(scope, rules) }
}

fn read_expires(text: &str) -> S3Result<i64> {
    let number: Option<i64> = text.parse().ok();
    let message = match number {
        Some(1..=MAX_EXPIRES) => None,
        Some(..0) => Some("`X-Amz-Expires` must be non-negative."),
        Some(0) => Some("`X-Amz-Expires` must be at least 1 second."),
        Some(_) => Some("`X-Amz-Expires` must be at most a week, which is 604800 seconds."),
        None => Some("`X-Amz-Expires` must be a number of seconds."),
    };
    match (number, message) {
        (Some(seconds), None) => Ok(seconds),
        (_, message) => Err(Place::Query.error(message.unwrap_or(PARAMETERS))),
    }
}

/// The refusal of a URL that has expired.
pub(super) fn expired(end: i64, now: i64) -> S3Error {
    S3Error::with_message(ErrorCode::AccessDenied, "The request has expired.")
        .with_element("Expires", iso(end))
        .with_element("ServerTime", iso(now))
}

fn iso(seconds: i64) -> String {
    crate::dates::write_iso_date(seconds.saturating_mul(1000))
}

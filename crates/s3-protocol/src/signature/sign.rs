//! The client's half: signs requests in their headers, and presigns URLs.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};

use super::SecretKey;
use super::payload::{CONTENT_SHA256, ContentSha256};
use super::timestamp::Timestamp;
use super::v4::{ALGORITHM, CanonicalRequest, Scope};
use crate::body::PayloadMode;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::{RequestHead, VirtualHosts};
use crate::uri;

/// Headers that are signed besides `Host` and `x-amz-*`. Others may be changed by proxies and libraries on the way.
const SIGNED: [HeaderName; 10] = [
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    HeaderName::from_static("content-md5"),
    header::CONTENT_TYPE,
    header::EXPIRES,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::RANGE,
];

/// Who signs, and for which region.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The access key.
    pub access_key: String,
    /// Its secret key.
    pub secret: SecretKey,
    /// The region of the service.
    pub region: String,
    /// The token of temporary credentials.
    pub security_token: Option<String>,
}

/// How a signed request protects its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedPayload {
    /// Not at all.
    Unsigned,
    /// By the SHA-256 of the whole body.
    Sha256([u8; 32]),
    /// In signed chunks.
    Streaming,
    /// In signed chunks, with a signed trailer.
    StreamingTrailer,
    /// In chunks without signatures, with a trailer.
    StreamingUnsignedTrailer,
}

impl From<SignedPayload> for ContentSha256 {
    fn from(payload: SignedPayload) -> Self {
        match payload {
            SignedPayload::Unsigned => Self::Unsigned,
            SignedPayload::Sha256(hash) => Self::of_hash(hash),
            SignedPayload::Streaming => Self::Streaming,
            SignedPayload::StreamingTrailer => Self::StreamingTrailer,
            SignedPayload::StreamingUnsignedTrailer => Self::StreamingUnsignedTrailer,
        }
    }
}

/// Signs a request in its headers: sets `Authorization`, `x-amz-date`, `x-amz-content-sha256`, the security token, and
/// `Host` if the target names one and the headers do not. `now` is in seconds since 1970.
///
/// Returns how the body must be sent; signed chunks continue the signature that it holds.
///
/// # Errors
/// 400 for a request that a server of this protocol would not read.
///
/// ```
/// use storage_hub_s3_protocol::signature::{SecretKey, SignedPayload, Signer, sign};
///
/// let signer = Signer {
///     access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
///     secret: SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
///     region: "us-east-1".to_owned(),
///     security_token: None,
/// };
/// let (mut parts, ()) = http::Request::get("http://localhost:9000/photos/cat.jpg").body(())?.into_parts();
/// sign(&mut parts, &signer, SignedPayload::Unsigned, 1_795_000_000)?;
/// assert!(parts.headers["authorization"].to_str()?.starts_with("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign(request: &mut Parts, signer: &Signer, payload: SignedPayload, now: i64) -> S3Result<PayloadMode> {
    sign_for_service(request, signer, "s3", payload, now)
}

/// As [`sign`], for another service at the same endpoint, such as `sts`.
///
/// # Errors
/// As [`sign`].
pub fn sign_for_service(
    request: &mut Parts,
    signer: &Signer,
    service: &str,
    payload: SignedPayload,
    now: i64,
) -> S3Result<PayloadMode> {
    let time = time_of(now)?;
    let payload = ContentSha256::from(payload);
    set_host(request)?;
    request.headers.remove(header::AUTHORIZATION);
    set(&mut request.headers, "x-amz-date", &time.text)?;
    set(&mut request.headers, CONTENT_SHA256, payload.as_str())?;
    if let Some(token) = &signer.security_token {
        set(&mut request.headers, "x-amz-security-token", token)?;
    }
    let head = RequestHead::parse(request, &VirtualHosts::default())?;
    let signed_headers = signed_headers(&head);
    let scope = Scope::of_service(&time, &signer.region, service);
    let signing = scope.sign_request(&signer.secret, &time, &canonical(&head, &signed_headers, &payload)?);
    let authorization = format!(
        "{ALGORITHM} Credential={}/{},SignedHeaders={},Signature={}",
        signer.access_key,
        scope.text(),
        signed_headers.join(";"),
        signing.seed_signature
    );
    set(&mut request.headers, "authorization", &authorization)?;
    Ok(payload.mode(signing))
}

/// Presigns a URL: adds the parameters of a signature to the query of the target. Whoever sends the request must send the
/// signed headers (`Host`, `x-amz-*`, content headers and conditions) with the same values. `now` is in seconds since 1970.
///
/// # Errors
/// `InvalidArgument` for a lifetime that is not 1 to 604,800 seconds; 400 for a request that a server of this protocol
/// would not read.
pub fn presign(request: &mut Parts, signer: &Signer, lifetime_seconds: u32, now: i64) -> S3Result<()> {
    if !(1..=604_800).contains(&lifetime_seconds) {
        let message = format!("A presigned URL must be valid for 1 to 604800 seconds, not {lifetime_seconds}.");
        return Err(S3Error::with_message(ErrorCode::InvalidArgument, message));
    }
    let time = time_of(now)?;
    set_host(request)?;
    let head = RequestHead::parse(request, &VirtualHosts::default())?;
    let signed_headers = signed_headers(&head);
    let scope = Scope::of_s3(&time, &signer.region);
    let mut query: Vec<_> = head.query().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut add = |name: &str, value: String| query.push((name.to_owned(), value));
    add("X-Amz-Algorithm", ALGORITHM.to_owned());
    add("X-Amz-Credential", format!("{}/{}", signer.access_key, scope.text()));
    add("X-Amz-Date", time.text.clone());
    add("X-Amz-Expires", lifetime_seconds.to_string());
    if let Some(token) = &signer.security_token {
        add("X-Amz-Security-Token", token.clone());
    }
    add("X-Amz-SignedHeaders", signed_headers.join(";"));
    set_query(request, &query)?;
    let head = RequestHead::parse(request, &VirtualHosts::default())?;
    let payload = ContentSha256::of_other(&head)?.unwrap_or(ContentSha256::Unsigned);
    let signing = scope.sign_request(&signer.secret, &time, &canonical(&head, &signed_headers, &payload)?);
    query.push(("X-Amz-Signature".to_owned(), signing.seed_signature));
    set_query(request, &query)
}

fn canonical(head: &RequestHead, signed_headers: &[String], payload: &ContentSha256) -> S3Result<Vec<u8>> {
    let request = CanonicalRequest {
        method: head.method().as_str(),
        path: &uri::encode_path(head.path()),
        query: head.query().iter().collect(),
        headers: head.headers(),
        signed_headers,
        payload: payload.as_str(),
    };
    request.to_bytes().ok_or_else(|| S3Error::with_message(ErrorCode::InvalidRequest, "The request must name a host."))
}

fn signed_headers(head: &RequestHead) -> Vec<String> {
    let is_signed =
        |name: &&HeaderName| **name != header::HOST && (name.as_str().starts_with("x-amz-") || SIGNED.contains(*name));
    let names = head.headers().keys().filter(is_signed).map(|name| name.as_str().to_owned());
    let mut names: Vec<_> = names.chain(["host".to_owned()]).collect();
    names.sort_unstable();
    names
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) -> S3Result<()> {
    let value =
        HeaderValue::from_str(value).map_err(|error| S3Error::new(ErrorCode::InvalidRequest).caused_by(error))?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

fn set_host(request: &mut Parts) -> S3Result<()> {
    match request.uri.authority().map(|authority| authority.as_str().to_owned()) {
        Some(host) if !request.headers.contains_key(header::HOST) => set(&mut request.headers, "host", &host),
        _ => Ok(()),
    }
}

fn set_query(request: &mut Parts, query: &[(String, String)]) -> S3Result<()> {
    let mut parts = request.uri.clone().into_parts();
    let target = format!("{}?{}", request.uri.path(), uri::query_of(query));
    let invalid = |error: http::Error| S3Error::new(ErrorCode::InvalidURI).caused_by(error);
    parts.path_and_query = Some(PathAndQuery::try_from(target).map_err(|error| invalid(error.into()))?);
    request.uri = Uri::from_parts(parts).map_err(|error| invalid(error.into()))?;
    Ok(())
}

fn time_of(now: i64) -> S3Result<Timestamp> {
    Timestamp::from_seconds(now).ok_or_else(|| S3Error::with_message(ErrorCode::InvalidRequest, "The time is invalid."))
}

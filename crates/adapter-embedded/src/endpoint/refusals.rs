//! What is refused before s3s sees it, or before an operation does: requests that would be taken for something else
//! than was signed, and settings that are not there and must not be dropped in silence.

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use s3s::{Body, HttpResponse, S3Error, S3ErrorCode, S3Result, s3_error};
use time::OffsetDateTime;

use super::credential::Credential;
use super::query::Query;

/// The longest life of a presigned URL, in seconds.
const MAX_EXPIRES: i64 = 7 * 24 * 60 * 60;

/// Refuses a request as a whole.
pub(super) fn refuse_request(request: &Parts) -> S3Result<()> {
    let query = Query::parse(request.uri.query().unwrap_or_default());
    let authorization = request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if request.uri.path().starts_with("/minio/") {
        return Err(s3_error!(AccessDenied, "The hub does this: users, keys and policies are managed by its API."));
    }
    // Its requests have no date that is checked: one that was overheard could be sent again for ever.
    if authorization.is_some_and(|value| value.starts_with("AWS ")) {
        return Err(s3_error!(InvalidRequest, "Signature Version 2 is not supported. Please use AWS4-HMAC-SHA256."));
    }
    if request.headers.contains_key("x-amz-security-token") || query.get("X-Amz-Security-Token").is_some() {
        return Err(s3_error!(InvalidToken, "There are no temporary credentials here."));
    }
    // s3s holds the whole form in memory before it asks for access.
    let content_type = request.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form =
        |value: &str| value.trim_start().get(..19).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/form-data"));
    if request.method == Method::POST && content_type.is_some_and(is_form) {
        return Err(s3_error!(NotImplemented, "Uploads by HTML forms are not there."));
    }
    if query.get("Signature").is_some() {
        return refuse_old_url(&query);
    }
    let signed = match (query.get("X-Amz-SignedHeaders"), authorization) {
        (Some(signed), _) => {
            let expires = query.get("X-Amz-Expires").and_then(|expires| expires.parse::<i64>().ok());
            if expires.is_none_or(|expires| expires > MAX_EXPIRES) {
                return Err(too_long());
            }
            signed
        }
        (None, Some(authorization)) => signed_headers(authorization).to_owned(),
        (None, None) => return Ok(()),
    };
    refuse_unsigned(&request.headers, &signed)
}

/// URLs presigned by Signature Version 2, which boto3 makes unless told otherwise. They sign every `x-amz-` header, but
/// a parameter that is repeated escapes them.
fn refuse_old_url(query: &Query) -> S3Result<()> {
    let latest = OffsetDateTime::now_utc().unix_timestamp().saturating_add(MAX_EXPIRES);
    let expires = query.get("Expires").and_then(|expires| expires.parse::<i64>().ok());
    if expires.is_none_or(|expires| expires > latest) {
        return Err(too_long());
    }
    if query.has_repeated() {
        return Err(s3_error!(InvalidRequest, "A parameter of the URL is repeated."));
    }
    Ok(())
}

fn too_long() -> S3Error {
    let message = "A presigned URL must say when it expires, a week after it was made at most.";
    let mut error = S3Error::with_message(S3ErrorCode::AuthorizationQueryParametersError, message);
    error.set_status_code(http::StatusCode::BAD_REQUEST);
    error
}

/// Every `x-amz-` header must be signed: else whoever holds a presigned URL adds `x-amz-copy-source` and reads what the
/// signer may read.
fn refuse_unsigned(headers: &HeaderMap, signed: &str) -> S3Result<()> {
    let is_signed = |name: &str| signed.split(';').any(|header| header.eq_ignore_ascii_case(name));
    let unsigned = headers.keys().map(http::HeaderName::as_str).find(|name| {
        // The body itself is held against this one.
        name.starts_with("x-amz-") && *name != "x-amz-content-sha256" && !is_signed(name)
    });
    match unsigned {
        Some(_) => Err(s3_error!(AccessDenied, "There were headers present in the request which were not signed.")),
        None => Ok(()),
    }
}

/// The list in `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=a;b, Signature=…`.
fn signed_headers(authorization: &str) -> &str {
    let fields = authorization.split_once(' ').map_or("", |(_, fields)| fields);
    fields.split(',').find_map(|field| field.trim().strip_prefix("SignedHeaders=")).unwrap_or_default()
}

/// Refuses headers that ask for what is not there.
pub(super) fn refuse_headers(headers: &HeaderMap) -> S3Result<()> {
    for (name, value) in headers {
        let value = value.to_str().unwrap_or_default();
        let refused = match name.as_str() {
            "x-amz-acl" => !matches!(value, "private" | "bucket-owner-full-control"),
            "x-amz-storage-class" => {
                if value != "STANDARD" {
                    return Err(s3_error!(InvalidStorageClass, "STANDARD is the one storage class here."));
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
            return Err(s3_error!(NotImplemented, "The header {name} asks for something that is not there."));
        }
    }
    Ok(())
}

/// Refuses a signature for another region than this one's, and says which it is: clients that are told sign anew. Which
/// region it is, and which buckets there are, can be asked for with any.
pub(super) fn refuse_region(request: &Parts, credential: &Credential, region: &str) -> Option<HttpResponse> {
    if credential.region.as_deref().is_none_or(|signed| signed == region) {
        return None;
    }
    let query = request.uri.query().unwrap_or_default();
    let asks_for_it = query.split('&').any(|pair| matches!(pair, "location" | "location="));
    if request.method == Method::GET && (asks_for_it || request.uri.path() == "/") {
        return None;
    }
    let (code, what) = match credential.presigned {
        true => ("AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter"),
        false => ("AuthorizationHeaderMalformed", "The authorization header is malformed"),
    };
    let region: String = region.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{what}; the region is wrong; \
         expecting '{region}'</Message><Region>{region}</Region></Error>"
    );
    let mut response = HttpResponse::new(Body::empty());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    if let Ok(region) = HeaderValue::from_str(&region) {
        headers.insert("x-amz-bucket-region", region);
    }
    if request.method != Method::HEAD {
        *response.body_mut() = Body::from(xml);
    }
    Some(response)
}

/// Asks who has signed wrongly too often to wait.
pub(super) fn slow_down(seconds: u64) -> S3Error {
    let message = "Too many requests of yours were signed wrongly. Please reduce your request rate.";
    let mut error = S3Error::with_message(S3ErrorCode::SlowDown, message);
    error.set_status_code(StatusCode::SERVICE_UNAVAILABLE);
    error.set_headers(HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from(seconds))]));
    error
}

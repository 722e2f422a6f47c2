//! What is refused before s3s sees it, or before an operation does: requests that would be taken for something else
//! than was signed, and settings that are not there and must not be dropped in silence.

use http::request::Parts;
use http::{HeaderMap, Method, header};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};
use time::OffsetDateTime;

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

/// The parameters of a query.
struct Query(Vec<(String, String)>);

impl Query {
    fn parse(query: &str) -> Self {
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        };
        Self(query.split('&').map(pair).collect())
    }

    fn has_repeated(&self) -> bool {
        self.0.iter().enumerate().any(|(at, (name, _))| self.0.iter().skip(at + 1).any(|(other, _)| other == name))
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
    }
}

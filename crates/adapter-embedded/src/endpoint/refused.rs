//! What those are answered who are refused before their signature is looked at.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use s3s::{Body, HttpResponse, S3Error, S3ErrorCode, s3_error};

use super::credential::Credential;
use super::payload::MAX_WHOLE;
use super::refusals::Refusal;

impl From<Refusal> for S3Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::HubsOwn => {
                s3_error!(AccessDenied, "The hub does this: users, keys and policies are managed by its API.")
            }
            Refusal::Ambiguous(name) => {
                s3_error!(InvalidArgument, "The header {name} must be sent once at most, in printable ASCII.")
            }
            Refusal::OtherHost => {
                s3_error!(InvalidArgument, "The target of the request must name the same host as the header Host.")
            }
            Refusal::Authorization => s3_error!(
                AuthorizationHeaderMalformed,
                "The authorization header must be AWS4-HMAC-SHA256 \
                 Credential=<access key>/<date>/<region>/s3/aws4_request, SignedHeaders=<names>, Signature=<hex>."
            ),
            Refusal::Parameter => bad_parameters(
                "The parameters of the signature must name its credential: <access key>/<date>/<region>/s3/aws4_request.",
            ),
            Refusal::TwoSignatures => {
                s3_error!(
                    InvalidArgument,
                    "Only one auth mechanism allowed: a signature in the URL or one in the headers."
                )
            }
            Refusal::OldSignature => {
                s3_error!(InvalidRequest, "Signature Version 2 is not supported. Please use AWS4-HMAC-SHA256.")
            }
            Refusal::TemporaryCredentials => s3_error!(InvalidToken, "There are no temporary credentials here."),
            Refusal::Form => s3_error!(NotImplemented, "Uploads by HTML forms are not there."),
            Refusal::LongDocument => {
                s3_error!(MaxMessageLengthExceeded, "The request body must be at most {MAX_WHOLE} bytes long.")
            }
            Refusal::Streaming => {
                s3_error!(
                    InvalidRequest,
                    "A request with a streaming payload must be signed in its Authorization header."
                )
            }
            Refusal::Expiry => {
                bad_parameters("A presigned URL must say when it expires, a week after it was made at most.")
            }
            Refusal::Parameters => s3_error!(InvalidArgument, "The URL has too many parameters."),
            Refusal::Undecodable => s3_error!(InvalidURI, "The parameters of the URL must be percent-encoded UTF-8."),
            Refusal::Repeated => s3_error!(InvalidRequest, "A parameter of the URL is repeated."),
            Refusal::Unsigned => {
                s3_error!(AccessDenied, "There were headers present in the request which were not signed.")
            }
            Refusal::StorageClass => s3_error!(InvalidStorageClass, "STANDARD is the one storage class here."),
            Refusal::Header(name) => {
                s3_error!(NotImplemented, "The header {name} asks for something that is not there.")
            }
        }
    }
}

fn bad_parameters(message: &'static str) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::AuthorizationQueryParametersError, message);
    error.set_status_code(StatusCode::BAD_REQUEST);
    error
}

/// Says which region is the right one: clients that are told sign anew.
pub(super) fn other_region(method: &Method, credential: &Credential, region: &str) -> HttpResponse {
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
    if *method != Method::HEAD {
        *response.body_mut() = Body::from(xml);
    }
    response
}

/// Asks who has signed wrongly too often to wait.
pub(super) fn slow_down(seconds: u64) -> S3Error {
    let message = "Too many requests of yours were signed wrongly. Please reduce your request rate.";
    let mut error = S3Error::with_message(S3ErrorCode::SlowDown, message);
    error.set_status_code(StatusCode::SERVICE_UNAVAILABLE);
    error.set_headers(HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from(seconds))]));
    error
}

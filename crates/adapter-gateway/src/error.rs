//! From what a store answered to what clients are told: never its names, request ids, owners or endpoint.

use http::{HeaderName, StatusCode, header};
use storage_hub_core::ports::StoreError;
use storage_hub_s3_client::{Answer, ClientError};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error};

/// Headers of refusals that clients need.
const TOLD: [HeaderName; 6] = [
    header::ETAG,
    header::LAST_MODIFIED,
    header::CONTENT_RANGE,
    header::ALLOW,
    HeaderName::from_static("x-amz-delete-marker"),
    HeaderName::from_static("x-amz-version-id"),
];

/// The error of a request that was not answered.
pub(crate) fn unanswered(error: ClientError) -> S3Error {
    match error {
        ClientError::Target(refusal) => {
            S3Error::with_message(ErrorCode::InvalidArgument, "The key cannot be sent to the store unchanged.")
                .caused_by(refusal)
        }
        ClientError::Unavailable(source) => S3Error::new(ErrorCode::ServiceUnavailable).caused_by(source),
        ClientError::Unsendable(source) => S3Error::new(ErrorCode::InternalError).caused_by(source),
    }
}

/// The error of an answer that is not a success. `behind` is the name of the bucket that was addressed, which no client may
/// see.
pub(crate) fn refused(answer: &Answer, behind: &str) -> S3Error {
    let told = answer.to_error();
    if is_about_the_hub(answer) {
        tracing::warn!(
            store.code = answer.code(),
            store.status = answer.status.as_u16(),
            "the store refused the hub's own key or clock: {} {}",
            answer.status.as_u16(),
            answer.code()
        );
        return S3Error::new(ErrorCode::ServiceUnavailable).caused_by(format!("{}: {}", answer.code(), answer.message));
    }
    let code = match (told.code(), answer.code()) {
        // A service that is shut off answers 500 too: what it did is not known, and the client may retry.
        (ErrorCode::InternalError, _) if answer.status.is_server_error() => ErrorCode::ServiceUnavailable,
        (_, "InvalidVersionId") => ErrorCode::NoSuchVersion,
        (ErrorCode::InvalidArgument, _) if is_about_version(&answer.message) => ErrorCode::NoSuchVersion,
        (_, "XMinioObjectExistsAsDirectory" | "ExistingObjectIsDirectory" | "ObjectParentIsFile") => {
            return S3Error::with_message(
                ErrorCode::InvalidRequest,
                "The store behind this endpoint cannot have an object whose key is a folder of another key.",
            );
        }
        (code, _) => code,
    };
    let message = told.message();
    let harmless = code == told.code() && code.status().is_client_error() && !message.contains(behind);
    let mut error = if harmless { S3Error::with_message(code, message.to_owned()) } else { S3Error::new(code) };
    for name in TOLD {
        if let Some(value) = answer.headers.get(&name) {
            error = error.with_header(name, value.clone());
        }
    }
    if harmless { error } else { error.caused_by(format!("{} {}: {}", answer.status, answer.code(), answer.message)) }
}

/// Whether a service says that it cannot have given a version id.
pub(crate) fn is_about_version(message: &str) -> bool {
    message.to_ascii_lowercase().contains("version id")
}

/// Whether an error is about the hub's own key, signature or clock: nothing that the client can change.
fn is_about_the_hub(answer: &Answer) -> bool {
    matches!(
        answer.code(),
        "AccessDenied"
            | "AllAccessDisabled"
            | "AccountProblem"
            | "AuthorizationHeaderMalformed"
            | "ExpiredToken"
            | "InvalidAccessKeyId"
            | "InvalidRegion"
            | "InvalidSecurity"
            | "InvalidToken"
            | "NotSignedUp"
            | "PermanentRedirect"
            | "RequestExpired"
            | "RequestTimeTooSkewed"
            | "SignatureDoesNotMatch"
            | "TemporaryRedirect"
            | "UnauthorizedAccess"
    ) || matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        || answer.status.is_redirection() && answer.status != StatusCode::NOT_MODIFIED
}

/// The same for the hub's own use of the store.
pub(crate) fn store_unanswered(error: ClientError) -> StoreError {
    match error {
        ClientError::Target(refusal) => StoreError::Refused(refusal.to_string()),
        ClientError::Unavailable(source) => StoreError::Unavailable(source),
        ClientError::Unsendable(source) => StoreError::Unexpected(source),
    }
}

/// The error of an answer that is not a success, for the hub's own use of the store.
pub(crate) fn store_refused(answer: &Answer) -> StoreError {
    let told = || format!("{} {}: {}", answer.status.as_u16(), answer.code(), answer.message);
    if is_about_the_hub(answer) {
        return StoreError::AccessDenied(told());
    }
    match answer.code() {
        "BucketAlreadyOwnedByYou" | "BucketAlreadyExists" => StoreError::AlreadyOwned,
        "BucketNotEmpty" => StoreError::NotEmpty,
        _ => match answer.to_error().code() {
            ErrorCode::NoSuchBucket | ErrorCode::NoSuchKey | ErrorCode::NoSuchVersion => StoreError::NotFound,
            ErrorCode::ServiceUnavailable | ErrorCode::SlowDown | ErrorCode::RequestTimeout => {
                StoreError::Unavailable(told().into())
            }
            _ if answer.status == StatusCode::BAD_REQUEST && answer.code.is_some() => StoreError::Refused(told()),
            _ => StoreError::Unexpected(told().into()),
        },
    }
}

/// The answer if it is a success.
pub(crate) fn store_success(answer: Result<Answer, ClientError>) -> Result<Answer, StoreError> {
    let answer = answer.map_err(store_unanswered)?;
    if answer.is_success() { Ok(answer) } else { Err(store_refused(&answer)) }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn error(status: u16, document: &'static str) -> S3Error {
        let answer = Answer::new(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), document.into());
        refused(&answer, "hub-0123")
    }

    #[test]
    fn what_is_wrong_with_the_hubs_own_key_or_clock_is_unavailable_for_clients() {
        for code in ["AccessDenied", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "InvalidAccessKeyId"] {
            let document: &'static str = format!("<Error><Code>{code}</Code><Message>x</Message></Error>").leak();
            assert_eq!(error(403, document).code(), ErrorCode::ServiceUnavailable, "{code}");
        }
        assert_eq!(error(403, "").code(), ErrorCode::ServiceUnavailable);
        assert_eq!(error(301, "").code(), ErrorCode::ServiceUnavailable);
        assert_eq!(error(500, "<Error><Code>InternalError</Code></Error>").code(), ErrorCode::ServiceUnavailable);
    }

    #[test]
    fn clients_are_told_nothing_of_the_bucket_behind() {
        let document = "<Error><Code>NoSuchKey</Code><Message>hub-0123/a does not exist</Message><BucketName>hub-0123\
                        </BucketName><Resource>/hub-0123/a</Resource><RequestId>behind</RequestId></Error>";
        let error = error(404, document);
        assert_eq!((error.code(), error.message()), (ErrorCode::NoSuchKey, ErrorCode::NoSuchKey.message()));
        let sent = error.to_document("/photos/a", "1", "2");
        assert!(!sent.contains("hub-0123") && !sent.contains("behind"), "{sent}");
    }
}

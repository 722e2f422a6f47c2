use http::StatusCode;
use storage_hub_core::ports::StoreError;
use storage_hub_s3_client::{Answer, ClientError};

/// The one table from unsuccessful responses to errors, for requests with the credentials of the hub.
pub(crate) fn store_error(answer: &Answer) -> StoreError {
    let told = || match &answer.code {
        Some(code) => format!("{code}: {}", answer.message),
        None => format!("{} without an S3 error", answer.status),
    };
    match answer.code() {
        "SlowDown"
        | "SlowDownRead"
        | "SlowDownWrite"
        | "ServerNotInitialized"
        | "XMinioServerNotInitialized"
        | "XMinioIAMNotInitialized"
        | "ServiceUnavailable"
        | "RequestTimeout"
        | "OperationTimedOut"
        | "Busy" => StoreError::Unavailable(told().into()),
        "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "AccessDenied"
        | "RequestTimeTooSkewed"
        | "AuthorizationHeaderMalformed"
        | "InvalidRegion"
        | "XMinioInvalidIAMCredentials" => StoreError::AccessDenied(told()),
        "NoSuchBucket" | "NoSuchKey" | "XMinioAdminNoSuchUser" | "XMinioAdminNoSuchPolicy" => StoreError::NotFound,
        "BucketAlreadyOwnedByYou" | "BucketAlreadyExists" => StoreError::AlreadyOwned,
        "BucketNotEmpty" => StoreError::NotEmpty,
        _ => match answer.status {
            StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::BAD_GATEWAY
            | StatusCode::GATEWAY_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS => StoreError::Unavailable(told().into()),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => StoreError::AccessDenied(told()),
            StatusCode::NOT_FOUND => StoreError::NotFound,
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE if answer.code.is_some() => {
                StoreError::Refused(told())
            }
            _ => StoreError::Unexpected(told().into()),
        },
    }
}

/// The error of a request that was not answered.
pub(crate) fn client_error(error: ClientError) -> StoreError {
    match error {
        ClientError::Target(refusal) => StoreError::Refused(refusal.to_string()),
        ClientError::Unavailable(source) => StoreError::Unavailable(source),
        ClientError::Unsendable(source) => StoreError::Unexpected(source),
    }
}

/// The answer if it is a success.
pub(crate) fn success(answer: Answer) -> Result<Answer, StoreError> {
    if answer.is_success() { Ok(answer) } else { Err(store_error(&answer)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, code: &str) -> StoreError {
        let body = if code.is_empty() { String::new() } else { format!("<Error><Code>{code}</Code></Error>") };
        let status = StatusCode::from_u16(status).unwrap();
        store_error(&Answer::new(status, http::HeaderMap::new(), body.into()))
    }

    #[test]
    fn every_answer_maps_to_its_error() {
        assert!(matches!(error(503, "XMinioServerNotInitialized"), StoreError::Unavailable(_)));
        assert!(matches!(error(503, ""), StoreError::Unavailable(_)));
        assert!(matches!(error(403, "SignatureDoesNotMatch"), StoreError::AccessDenied(_)));
        assert!(matches!(error(400, "AuthorizationHeaderMalformed"), StoreError::AccessDenied(_)));
        assert!(matches!(error(404, "NoSuchBucket"), StoreError::NotFound));
        assert!(matches!(error(409, "BucketAlreadyOwnedByYou"), StoreError::AlreadyOwned));
        assert!(matches!(error(409, "BucketAlreadyExists"), StoreError::AlreadyOwned));
        assert!(matches!(error(409, "BucketNotEmpty"), StoreError::NotEmpty));
        assert!(matches!(error(400, "KeyTooLongError"), StoreError::Refused(_)));
        assert!(matches!(error(400, ""), StoreError::Unexpected(_)), "plain HTTP to a TLS port, for example");
        assert!(matches!(error(500, "InternalError"), StoreError::Unexpected(_)));
        assert!(matches!(error(301, ""), StoreError::Unexpected(_)));
    }
}

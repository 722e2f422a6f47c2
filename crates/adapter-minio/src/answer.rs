//! Answers of an S3 or admin endpoint, successful or not.

use std::fmt;

use http::StatusCode;
use serde::Deserialize;
use storage_hub_core::domain::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::xml;

/// An answer with the error code and message of its body or headers.
///
/// `Debug` shows no body: it may hold temporary credentials.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The error code of S3 or the admin API, such as `AccessDenied`; `None` for a success or if none was sent.
    pub code: Option<String>,
    /// The message of the error.
    pub message: String,
    /// The body.
    pub body: Vec<u8>,
    /// The time of the answer by the endpoint's clock, in whole seconds; `None` without a `Date` header.
    pub date: Option<Timestamp>,
}

/// Errors of the admin API.
#[derive(Deserialize)]
struct JsonError {
    #[serde(rename = "Code")]
    code: String,
    #[serde(rename = "Message", default)]
    message: String,
}

impl Answer {
    /// Reads the error from the body, or from the header that MinIO sends instead of a body.
    pub(crate) fn new(status: StatusCode, headers: &http::HeaderMap, body: Vec<u8>) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let date = header("date").and_then(|date| OffsetDateTime::parse(&date, &Rfc2822).ok());
        let date = date.map(|date| Timestamp::from_millis(date.unix_timestamp().saturating_mul(1000)));
        if status.is_success() {
            return Self { status, code: None, message: String::new(), body, date };
        }
        let (code, message) = if let Ok(error) = serde_json::from_slice::<JsonError>(&body) {
            (Some(error.code), error.message)
        } else {
            let code = xml::first_text(&body, "Code").or_else(|| header("x-minio-error-code"));
            let message = xml::first_text(&body, "Message").or_else(|| header("x-minio-error-desc"));
            (code, message.unwrap_or_default())
        };
        Self { status, code, message, body, date }
    }

    /// Whether the request succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The texts of all elements with this name in the body, in order.
    #[must_use]
    pub fn texts(&self, element: &str) -> Vec<String> {
        xml::texts(&self.body, &[element])
    }

    /// The error code; empty for a success or if none was sent.
    #[must_use]
    pub fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }

    /// Whether the endpoint accepted the key and the signature: the answer does not say that the key is unknown, the
    /// principal is disabled, or the signature is wrong.
    #[must_use]
    pub fn knows_the_key(&self) -> bool {
        !matches!(
            self.code(),
            "InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "InvalidClientTokenId"
                | "ExpiredToken"
                | "InvalidToken"
                | "XMinioInvalidIAMCredentials"
        )
    }

    /// Whether the endpoint refused the request because its signer lacks the rights.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        !self.knows_the_key() || self.status == StatusCode::FORBIDDEN || self.code() == "AccessDenied"
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, code, message, body, date: _ } = self;
        let body = format_args!("{} bytes", body.len());
        f.debug_struct("Answer")
            .field("status", status)
            .field("code", code)
            .field("message", message)
            .field("body", &body)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer::new(StatusCode::from_u16(status).unwrap(), &http::HeaderMap::new(), body.as_bytes().to_vec())
    }

    #[test]
    fn the_error_of_both_apis_is_read() {
        let s3 = answer(
            403,
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>No &amp; no</Message></Error>",
        );
        assert_eq!((s3.code(), s3.message.as_str()), ("AccessDenied", "No & no"));
        let admin = answer(404, r#"{"Code":"XMinioAdminNoSuchUser","Message":"none","Resource":"/"}"#);
        assert_eq!((admin.code(), admin.message.as_str()), ("XMinioAdminNoSuchUser", "none"));
    }

    #[test]
    fn a_body_that_is_no_error_gives_no_code() {
        for body in ["", "<html>Bad gateway", "{}", "\u{0}"] {
            assert_eq!(answer(502, body).code, None, "{body}");
        }
        assert_eq!(answer(200, "<Code>x</Code>").code, None);
    }

    #[test]
    fn the_clock_of_the_endpoint_is_read() {
        let headers = [("date", "Sun, 06 Nov 1994 08:49:37 GMT")];
        let headers = headers.into_iter().map(|(name, date)| (name.parse().unwrap(), date.parse().unwrap())).collect();
        let answer = Answer::new(StatusCode::OK, &headers, Vec::new());
        assert_eq!(answer.date.map(|date| date.to_string()).as_deref(), Some("1994-11-06T08:49:37.000Z"));
    }

    #[test]
    fn a_head_request_gives_the_code_of_its_header() {
        let headers = [("x-minio-error-code", "NoSuchBucket")];
        let headers =
            headers.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(Answer::new(StatusCode::NOT_FOUND, &headers, Vec::new()).code(), "NoSuchBucket");
    }
}

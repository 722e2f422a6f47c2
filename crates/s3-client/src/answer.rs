//! Answers of an S3 or admin endpoint, successful or not.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use storage_hub_s3_protocol::error::S3Error;
use storage_hub_s3_protocol::xml::{self, Element};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// Maximum number of elements of a document that is read.
const MAX_ELEMENTS: usize = 64_000;

/// An answer with the error code and message of its body or headers.
///
/// `Debug` shows no body: it may hold temporary credentials.
#[derive(Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The error code of S3 or the admin API, such as `AccessDenied`; `None` for a success or if none was sent.
    pub code: Option<String>,
    /// The message of the error.
    pub message: String,
    /// The body.
    pub body: Bytes,
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
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        if status.is_success() {
            return Self { status, headers, code: None, message: String::new(), body };
        }
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (code, message) = if let Ok(error) = serde_json::from_slice::<JsonError>(&body) {
            (Some(error.code), error.message)
        } else {
            let text = |name| texts(&body, name).into_iter().next();
            let code = text("Code").or_else(|| header("x-minio-error-code"));
            let message = text("Message").or_else(|| header("x-minio-error-desc"));
            (code, message.unwrap_or_default())
        };
        Self { status, headers, code, message, body }
    }

    /// Whether the request succeeded.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The time of the answer by the endpoint's clock, in seconds since 1970; `None` without a `Date` header.
    #[must_use]
    pub fn date(&self) -> Option<i64> {
        let date = self.headers.get(http::header::DATE)?.to_str().ok()?;
        OffsetDateTime::parse(date, &Rfc2822).ok().map(OffsetDateTime::unix_timestamp)
    }

    /// The texts of all elements with this name in the body, in order.
    #[must_use]
    pub fn texts(&self, element: &str) -> Vec<String> {
        texts(&self.body, element)
    }

    /// The text of the first element with this name in the body.
    #[must_use]
    pub fn text(&self, element: &str) -> Option<String> {
        self.texts(element).into_iter().next()
    }

    /// The children of every element with this name: their names and texts. Children with elements in them are left out.
    #[must_use]
    pub fn children(&self, element: &str) -> Vec<BTreeMap<String, String>> {
        let mut found = Vec::new();
        walk(&self.body, &mut |read| {
            if read.name() == element {
                let texts = read.children().iter().filter_map(|child| Some((child.name(), child.text().ok()?)));
                found.push(texts.map(|(name, text)| (name.to_owned(), text.to_owned())).collect());
            }
        });
        found
    }

    /// The error as S3 has it. A code that is not known becomes the one that says the same by its status.
    #[must_use]
    pub fn to_error(&self) -> S3Error {
        if self.body.is_empty()
            && let Some(code) = &self.code
        {
            // What MinIO tells in headers, because the answer to HEAD has no body.
            let document = format!("<Error><Code>{code}</Code></Error>");
            return S3Error::parse_document(self.status, document.as_bytes());
        }
        S3Error::parse_document(self.status, &self.body)
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

/// The texts of all elements with this name in a document, in order; none if it is malformed.
fn texts(document: &[u8], name: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, &mut |element| {
        if element.name() == name
            && let Ok(text) = element.text()
        {
            found.push(text.to_owned());
        }
    });
    found
}

/// Visits every element of a document, parents first; none if it is malformed.
fn walk(document: &[u8], visit: &mut impl FnMut(&Element)) {
    fn descend(element: &Element, visit: &mut impl FnMut(&Element)) {
        visit(element);
        for child in element.children() {
            descend(child, visit);
        }
    }
    if let Ok(root) = xml::parse(document, MAX_ELEMENTS) {
        descend(&root, visit);
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, headers: _, code, message, body } = self;
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

    fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &'static str) -> Answer {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        Answer::new(StatusCode::from_u16(status).unwrap(), headers, body.into())
    }

    #[test]
    fn the_error_of_both_apis_is_read() {
        let s3 = answer(
            403,
            &[],
            "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>No &amp; no</Message></Error>",
        );
        assert_eq!((s3.code(), s3.message.as_str()), ("AccessDenied", "No & no"));
        let admin = answer(404, &[], r#"{"Code":"XMinioAdminNoSuchUser","Message":"none","Resource":"/"}"#);
        assert_eq!((admin.code(), admin.message.as_str()), ("XMinioAdminNoSuchUser", "none"));
    }

    #[test]
    fn a_body_that_is_no_error_gives_no_code() {
        for body in ["", "<html>Bad gateway", "{}", "\u{0}", "<", "text", "&"] {
            assert_eq!(answer(502, &[], body).code, None, "{body}");
        }
        assert_eq!(answer(200, &[], "<Code>x</Code>").code, None);
    }

    #[test]
    fn texts_are_found_at_any_depth() {
        let listed = answer(200, &[], "<R><Owner><Id>a&lt;&#98;</Id></Owner><B><Id>c</Id><Id><x/></Id></B></R>");
        assert_eq!(listed.texts("Id"), ["a<b", "c"]);
        assert_eq!(listed.text("None"), None);
    }

    #[test]
    fn the_clock_of_the_endpoint_is_read() {
        let answer = answer(200, &[("date", "Sun, 06 Nov 1994 08:49:37 GMT")], "");
        assert_eq!(answer.date(), Some(784_111_777));
    }

    #[test]
    fn a_head_request_gives_the_code_of_its_header() {
        let answer = answer(404, &[("x-minio-error-code", "NoSuchBucket")], "");
        assert_eq!(answer.code(), "NoSuchBucket");
        assert_eq!(answer.to_error().code().name(), "NoSuchBucket");
    }
}

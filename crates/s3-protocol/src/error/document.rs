use http::StatusCode;

use super::{ErrorCode, S3Error};
use crate::xml::{self, XmlWriter};

/// The further elements that are read from documents.
const ELEMENTS: [&str; 14] = [
    "ArgumentName",
    "ArgumentValue",
    "BucketName",
    "Condition",
    "Endpoint",
    "ETag",
    "Header",
    "Key",
    "Method",
    "PartNumber",
    "Region",
    "ResourceType",
    "UploadId",
    "VersionId",
];

impl S3Error {
    /// Writes the document of the error, which always has `Code`, `Message`, `Resource`, `RequestId` and `HostId`. `resource`
    /// is the path of the bucket or object.
    ///
    /// ```
    /// use storage_hub_s3_protocol::error::{ErrorCode, S3Error};
    ///
    /// let document = S3Error::new(ErrorCode::NoSuchKey).to_document("/photos/a", "4442587FB7D0A2F9", "hub");
    /// assert!(document.contains("<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message>"));
    /// ```
    #[must_use]
    pub fn to_document(&self, resource: &str, request_id: &str, host_id: &str) -> String {
        XmlWriter::plain_answer("Error", |error| {
            error.text("Code", self.code().name());
            error.text("Message", self.message());
            for (name, value) in self.elements() {
                error.text(name, value);
            }
            error.text("Resource", resource);
            error.text("RequestId", request_id);
            error.text("HostId", host_id);
        })
    }

    /// Reads the error that a server answered. A code that is not known here becomes the one that says the same by its status;
    /// without a document the status alone tells.
    #[must_use]
    pub fn parse_document(status: StatusCode, document: &[u8]) -> Self {
        let root = xml::parse(document, 100).ok().filter(|root| root.name() == "Error");
        let Some(root) = root else { return Self::new(code_of(status)) };
        let text_of = |name| root.text_of(name).ok().flatten().map(str::trim);
        let (code, message) = (text_of("Code").unwrap_or_default(), text_of("Message").unwrap_or_default());
        let mut error = Self::from_code_text(code, message, status);
        for name in ELEMENTS {
            if let Some(value) = text_of(name) {
                error = error.with_element(name, value);
            }
        }
        error
    }

    /// The error of a code and a message that a server answered.
    pub(crate) fn from_code_text(code: &str, message: &str, status: StatusCode) -> Self {
        let known = ErrorCode::ALL.iter().copied().find(|known| known.name() == code);
        match (known, message) {
            (Some(known), "") => Self::new(known),
            (Some(known), message) => Self::with_message(known, message.to_owned()),
            (None, message) => Self::with_message(code_of(status), format!("{code}: {message}")),
        }
    }
}

fn code_of(status: StatusCode) -> ErrorCode {
    match status {
        StatusCode::NOT_MODIFIED => ErrorCode::NotModified,
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => ErrorCode::AccessDenied,
        StatusCode::NOT_FOUND => ErrorCode::NoSuchKey,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::CONFLICT => ErrorCode::OperationAborted,
        StatusCode::LENGTH_REQUIRED => ErrorCode::MissingContentLength,
        StatusCode::PRECONDITION_FAILED => ErrorCode::PreconditionFailed,
        StatusCode::RANGE_NOT_SATISFIABLE => ErrorCode::InvalidRange,
        StatusCode::TOO_MANY_REQUESTS => ErrorCode::SlowDown,
        StatusCode::NOT_IMPLEMENTED => ErrorCode::NotImplemented,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            ErrorCode::ServiceUnavailable
        }
        StatusCode::INSUFFICIENT_STORAGE => ErrorCode::InsufficientStorage,
        status if status.is_client_error() => ErrorCode::InvalidRequest,
        _ => ErrorCode::InternalError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back() {
        for code in ErrorCode::ALL {
            let error = S3Error::new(*code).with_element("Key", "a&b");
            let document = error.to_document("/b/a&b", "1", "2");
            let read = S3Error::parse_document(code.status(), document.as_bytes());
            assert_eq!((read.code_of_sentence(), read.message()), (*code, code.message()));
            assert_eq!(read.elements(), error.elements());
            for element in ["<Code>", "<Message>", "<Resource>/b/a&amp;b<", "<RequestId>1<", "<HostId>2<"] {
                assert!(document.contains(element), "{document}");
            }
        }
    }

    #[test]
    fn an_unknown_code_and_an_absent_document_are_told_by_the_status() {
        let table = [
            (404, "", ErrorCode::NoSuchKey),
            (403, "<html/>", ErrorCode::AccessDenied),
            (503, "<Error><Code>XMinioServerNotInitialized</Code></Error>", ErrorCode::ServiceUnavailable),
            (400, "<Error><Code>Teapot</Code><Message>No.</Message></Error>", ErrorCode::InvalidRequest),
            (500, "", ErrorCode::InternalError),
            (200, "", ErrorCode::InternalError),
        ];
        for (status, document, code) in table {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(S3Error::parse_document(status, document.as_bytes()).code(), code, "{status} {document}");
        }
    }
}

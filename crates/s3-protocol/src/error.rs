//! Errors of S3: a code with its status, a message, and further elements.

mod document;

use std::borrow::Cow;
use std::error::Error;

use http::{HeaderName, HeaderValue, StatusCode};

/// The result of an S3 operation.
pub type S3Result<T> = Result<T, S3Error>;

macro_rules! error_codes {
    ($($code:ident = $status:literal, $message:literal;)+) => {
        /// An error code of S3.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $(#[doc = concat!("`", stringify!($code), "`: ", $message)] $code,)+
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            /// The code in an error document.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$code => stringify!($code),)+
                }
            }

            /// The status of the answer.
            #[must_use]
            pub fn status(self) -> StatusCode {
                let status = match self {
                    $(Self::$code => $status,)+
                };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// The message that is sent unless an error has its own.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$code => $message,)+
                }
            }
        }
    };
}

error_codes! {
    AccessDenied = 403, "Access denied.";
    AccessForbidden = 403, "The CORS rules of the bucket do not allow this request.";
    AuthorizationHeaderMalformed = 400, "The `Authorization` header is malformed.";
    AuthorizationQueryParametersError = 400, "The authorization parameters of the URL are malformed.";
    BadDigest = 400, "The digest you specified did not match what was received.";
    BucketAlreadyExists = 409, "The requested bucket name is not available. Choose a different name.";
    BucketAlreadyOwnedByYou = 409, "You already own this bucket.";
    BucketNotEmpty = 409, "The bucket is not empty.";
    EntityTooLarge = 400, "The upload exceeds the maximum allowed size.";
    EntityTooSmall = 400, "The upload is smaller than the minimum allowed size.";
    ExpiredToken = 400, "The provided token has expired.";
    IllegalLocationConstraintException = 400, "The location constraint does not match the region of this endpoint.";
    IncompleteBody = 400, "The body is shorter or longer than its headers announce.";
    InsufficientStorage = 507, "There is not enough free space to store the object.";
    InternalError = 500, "An internal error occurred. Retry the request.";
    InvalidAccessKeyId = 403, "The access key you provided does not exist.";
    InvalidArgument = 400, "An argument is invalid.";
    InvalidBucketName = 400, "The bucket name is invalid.";
    InvalidBucketState = 409, "The bucket is in a state in which this is not possible.";
    InvalidDigest = 400, "The digest you specified is malformed.";
    InvalidEncryptionAlgorithmError = 400, "The encryption algorithm is invalid; it must be AES256.";
    InvalidLocationConstraint = 400, "The location constraint is invalid.";
    InvalidPart = 400, "A part could not be found, or its ETag does not match.";
    InvalidPartNumber = 416, "The requested part number does not exist.";
    InvalidPartOrder = 400, "The parts must be listed in ascending order of their numbers.";
    InvalidPolicyDocument = 400, "The policy document of the form is invalid.";
    InvalidRange = 416, "The requested range is not satisfiable.";
    InvalidRequest = 400, "The request is invalid.";
    InvalidRetentionPeriod = 400, "The retention period must be a positive number within the limits.";
    InvalidTag = 400, "A tag is invalid.";
    InvalidToken = 403, "The provided token is invalid.";
    InvalidURI = 400, "The request target cannot be parsed.";
    KeyTooLongError = 400, "The key must be at most 1024 bytes long.";
    MalformedPOSTRequest = 400, "The body of the form is malformed.";
    MalformedTrailerError = 400, "A trailer that the request announced is missing or malformed.";
    MalformedXML = 400, "The XML document is malformed, or does not match its schema.";
    MaxMessageLengthExceeded = 400, "The request body is too large.";
    MaxPostPreDataLengthExceededError = 400, "The fields before the file must be at most 64 KiB long in all.";
    MetadataTooLarge = 400, "The metadata must be at most 2 KiB long.";
    MethodNotAllowed = 405, "The method is not allowed for this resource.";
    MissingContentLength = 411, "The `Content-Length` header is required.";
    MissingSecurityHeader = 400, "A required header is missing.";
    NoSuchBucket = 404, "The bucket does not exist.";
    NoSuchBucketPolicy = 404, "The bucket has no policy.";
    NoSuchCORSConfiguration = 404, "The bucket has no CORS configuration.";
    NoSuchKey = 404, "The key does not exist.";
    NoSuchLifecycleConfiguration = 404, "The bucket has no lifecycle configuration.";
    NoSuchObjectLockConfiguration = 404, "The object has no object lock configuration.";
    NoSuchTagSet = 404, "The bucket has no tags.";
    NoSuchUpload = 404, "The multipart upload does not exist. It may have been completed or aborted.";
    NoSuchVersion = 404, "The version does not exist.";
    NoSuchWebsiteConfiguration = 404, "The bucket has no website configuration.";
    NotImplemented = 501, "This operation is not implemented.";
    NotModified = 304, "Not modified.";
    ObjectLockConfigurationNotFoundError = 404, "The bucket has no object lock configuration.";
    OperationAborted = 409, "A conflicting operation is in progress. Retry the request.";
    PreconditionFailed = 412, "At least one of the preconditions does not hold.";
    ReplicationConfigurationNotFoundError = 404, "The bucket has no replication configuration.";
    RequestHeaderSectionTooLarge = 431, "The head of the request is too large.";
    RequestTimeTooSkewed = 403, "The time of the request differs too much from the time of the server.";
    RequestTimeout = 408, "The body was not received within the allowed time.";
    ServerSideEncryptionConfigurationNotFoundError = 404, "The bucket has no encryption configuration.";
    ServiceUnavailable = 503, "The service is not available. Retry the request.";
    SignatureDoesNotMatch = 403, "The request signature does not match. Check your secret key and signing method.";
    SlowDown = 503, "Reduce your request rate.";
    TooManyBuckets = 400, "You own the maximum number of buckets.";
    UnexpectedContent = 400, "This request must not have a body.";
    UnresolvableGrantByEmailAddress = 400, "The email address does not match an account.";
    XAmzContentSHA256Mismatch = 400, "The `x-amz-content-sha256` header does not match the body.";
}

/// An error of S3, as it is sent to a client.
#[derive(Debug)]
pub struct S3Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: ErrorCode,
    message: Cow<'static, str>,
    elements: Vec<(&'static str, String)>,
    headers: Vec<(HeaderName, HeaderValue)>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl S3Error {
    /// An error with the message of its code.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self::with_message(code, code.message())
    }

    /// An error with its own message.
    #[must_use]
    pub fn with_message(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self(Box::new(Inner { code, message, elements: Vec::new(), headers: Vec::new(), source: None }))
    }

    /// Adds an element to the document, such as `Key` or `Region`.
    #[must_use]
    pub fn with_element(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.elements.push((name, value.into()));
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Adds the cause, which is logged and never sent.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.code.status()
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The further elements of the document.
    #[must_use]
    pub fn elements(&self) -> &[(&'static str, String)] {
        &self.0.elements
    }

    /// The further headers of the answer.
    #[must_use]
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }
}

impl From<ErrorCode> for S3Error {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl std::fmt::Display for S3Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.code.name(), self.0.message)
    }
}

#[cfg(test)]
impl S3Error {
    /// The code, of an error whose message is a sentence.
    pub(crate) fn code_of_sentence(&self) -> ErrorCode {
        let message = self.message();
        let begins = message.starts_with(|c: char| c.is_uppercase() || c == '`');
        assert!(begins && message.ends_with('.'), "{message}");
        self.code()
    }
}

impl Error for S3Error {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use sha2::{Digest as _, Sha256};
use storage_hub_s3_protocol::operation::RequestTemplate;
use storage_hub_s3_protocol::signature::SignedPayload;
use storage_hub_s3_protocol::uri;

use crate::endpoint::names;
use crate::error::{Source, TargetError};

/// The service that a signature is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Service {
    /// S3, and MinIO's admin API.
    #[default]
    S3,
    /// The security token service.
    Sts,
}

impl Service {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Sts => "sts",
        }
    }
}

/// The body of a request.
pub enum Body {
    /// Bytes, which are signed with their hash.
    Bytes(Bytes),
    /// A stream of this many bytes. An error of the stream cuts the connection.
    Stream {
        /// The bytes as they are sent.
        stream: reqwest::Body,
        /// Their number.
        length: u64,
        /// How the signature protects them.
        payload: SignedPayload,
    },
}

impl Body {
    /// A stream of this many bytes, protected as `payload` says.
    pub fn stream<S>(stream: S, length: u64, payload: SignedPayload) -> Self
    where
        S: Stream<Item = Result<Bytes, Source>> + Send + 'static,
    {
        Self::Stream { stream: reqwest::Body::wrap_stream(stream), length, payload }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Stream { length, .. } => write!(f, "a stream of {length} bytes"),
        }
    }
}

/// A request before it is signed: what it is about, and how it is written.
#[derive(Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The bucket that it must reach; `None` for the service.
    pub bucket: Option<&'a str>,
    /// The key that it must reach; `None` for the bucket.
    pub key: Option<&'a str>,
    /// The bucket and the key that it must copy from, where it copies.
    pub copy_source: Option<(&'a str, &'a str)>,
    /// The parameters of the query, not yet encoded.
    pub query: Vec<(String, String)>,
    /// The headers besides `Host` and those of the signature.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// The service that the signature is for.
    pub service: Service,
    /// A time limit that replaces that of the connection.
    pub timeout: Option<Duration>,
}

impl<'a> Request<'a> {
    /// A request without query, headers and body.
    #[must_use]
    pub fn new(method: Method, bucket: Option<&'a str>, key: Option<&'a str>) -> Self {
        Self {
            method,
            bucket,
            key,
            copy_source: None,
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Body::default(),
            service: Service::S3,
            timeout: None,
        }
    }

    /// The request of an operation, which must reach this bucket and key. Its document is the body.
    #[must_use]
    pub fn of(template: RequestTemplate, bucket: Option<&'a str>, key: Option<&'a str>) -> Self {
        let RequestTemplate { method, path: _, query, headers, document } = template;
        Self { query, headers, body: Body::Bytes(document), ..Self::new(method, bucket, key) }
    }

    /// Adds parameters to the query.
    #[must_use]
    pub fn with_query(mut self, pairs: &[(&str, &str)]) -> Self {
        self.query.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    /// Adds a header.
    ///
    /// # Errors
    /// A value that no header can have.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Result<Self, http::header::InvalidHeaderValue> {
        self.headers.insert(name, HeaderValue::from_str(value)?);
        Ok(self)
    }

    /// Replaces the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Body::Bytes(body.into());
        self
    }

    /// The path and query as they are sent.
    pub(crate) fn target(&self) -> String {
        let path = uri::path_of(self.bucket, self.key);
        let pairs = self.query.iter().map(|(name, value)| format!("{}={}", uri::encode(name), uri::encode(value)));
        let query = pairs.collect::<Vec<_>>().join("&");
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }

    /// Checks that the copy source, if there is one, is the one that is meant.
    pub(crate) fn check_copy_source(&self) -> Result<(), TargetError> {
        let written = self.headers.get("x-amz-copy-source").map(HeaderValue::as_bytes);
        let same = match (written, self.copy_source) {
            (None, None) => true,
            (Some(written), Some((bucket, key))) => std::str::from_utf8(written).is_ok_and(|written| {
                let path = written.split_once('?').map_or(written, |(path, _)| path);
                names(path, Some(bucket), Some(key))
            }),
            _ => false,
        };
        if same { Ok(()) } else { Err(TargetError::CopySource) }
    }

    /// What the signature says of the body.
    pub(crate) fn payload(&self) -> SignedPayload {
        match &self.body {
            Body::Bytes(bytes) => SignedPayload::Sha256(Sha256::digest(bytes).into()),
            Body::Stream { payload, .. } => *payload,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_encoded_as_signatures_demand() {
        let request = Request::new(Method::GET, Some("bucket"), Some("a b+ü/~"));
        let target = request.with_query(&[("policyName", "a,b"), ("policy", "")]).target();
        assert_eq!(target, "/bucket/a%20b%2B%C3%BC/~?policyName=a%2Cb&policy=");
    }

    #[test]
    fn a_copy_source_must_be_the_one_that_is_meant() {
        let header = HeaderName::from_static("x-amz-copy-source");
        let request = |source: &str, meant| Request {
            copy_source: meant,
            ..Request::new(Method::PUT, Some("b"), Some("k")).with_header(header.clone(), source).unwrap()
        };
        assert_eq!(request("/from/a%20b?versionId=1", Some(("from", "a b"))).check_copy_source(), Ok(()));
        for (source, meant) in [
            ("/from/a", None),
            ("/from/a", Some(("other", "a"))),
            ("/from/a", Some(("from", "b"))),
            ("from/a", Some(("from", "a"))),
            ("/from/../other/a", Some(("other", "a"))),
        ] {
            assert_eq!(request(source, meant).check_copy_source(), Err(TargetError::CopySource), "{source}");
        }
    }
}

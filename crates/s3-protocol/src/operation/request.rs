use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::encoded_words;
use crate::uri;

/// A request as a client sends it, before it is signed.
///
/// ```
/// use storage_hub_s3_protocol::operation::{GetObject, Operation};
///
/// let operation = Operation::GetObject(GetObject { key: "a b/../c".to_owned(), ..Default::default() });
/// let request = operation.to_request(Some("photos")).unwrap();
/// assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/photos/a%20b/../c"));
/// ```
#[derive(Clone, Debug)]
pub struct RequestTemplate {
    /// The method.
    pub method: Method,
    /// The percent-encoded path, in path style, made by [`uri::path_of`].
    pub path: String,
    /// The parameters of the query, not yet encoded.
    pub query: Vec<(String, String)>,
    /// The headers that the operation needs. `Host`, the digests of the body and the signature come later.
    pub headers: HeaderMap,
    /// The document; empty where the operation has none, or a streamed body.
    pub document: Bytes,
}

impl RequestTemplate {
    pub(super) fn new(method: Method, bucket: Option<&str>, key: Option<&str>) -> Self {
        let path = uri::path_of(bucket, key);
        Self { method, path, query: Vec::new(), headers: HeaderMap::new(), document: Bytes::new() }
    }

    /// The path and the encoded query, as they are sent.
    #[must_use]
    pub fn target(&self) -> String {
        match self.query.as_slice() {
            [] => self.path.clone(),
            pairs => format!("{}?{}", self.path, uri::query_of(pairs)),
        }
    }

    pub(super) fn set_query(&mut self, name: &str, value: impl Into<String>) {
        self.query.push((name.to_owned(), value.into()));
    }

    pub(super) fn set_opt_query(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.set_query(name, value);
        }
    }

    /// Sets a header. A value that no header can have, because it contains control characters, is sent in encoded words.
    pub(super) fn set_header(&mut self, name: HeaderName, value: &str) {
        let value = HeaderValue::from_str(value).or_else(|_| HeaderValue::from_str(&encoded_words::encode(value)));
        if let Ok(value) = value {
            self.headers.insert(name, value);
        }
    }

    pub(super) fn set_opt_header(&mut self, name: HeaderName, value: Option<&str>) {
        if let Some(value) = value {
            self.set_header(name, value);
        }
    }
}

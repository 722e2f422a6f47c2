//! The head of a request: its target, query and headers, read once and strictly.

use http::request::Parts;
use http::{HeaderMap, Method};

use crate::error::S3Result;

/// What a request is addressed to. Names are not validated here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The service as a whole.
    Service,
    /// A bucket.
    Bucket(String),
    /// An object.
    Object {
        /// The bucket.
        bucket: String,
        /// The key, decoded; not empty.
        key: String,
    },
}

impl Target {
    /// The bucket that is addressed.
    #[must_use]
    pub fn bucket(&self) -> Option<&str> {
        match self {
            Self::Service => None,
            Self::Bucket(bucket) | Self::Object { bucket, .. } => Some(bucket),
        }
    }

    /// The key that is addressed.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::Object { key, .. } => Some(key),
            Self::Service | Self::Bucket(_) => None,
        }
    }
}

/// The parameters of a query, decoded, each at most once, in the order received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

/// The head of a request, after every check that needs neither the time nor a secret.
#[derive(Clone, Debug)]
pub struct RequestHead {
    method: Method,
    target: Target,
    /// The path as it was sent, which is what a signature of version 4 covers.
    raw_path: String,
    query: Query,
    /// Every header at most once: repeatable ones are joined.
    headers: HeaderMap,
    host: String,
}

/// Domains below which the first label of the host name is a bucket, in lower case and without a port.
#[derive(Clone, Debug, Default)]
pub struct VirtualHosts(Vec<String>);

impl RequestHead {
    /// Reads the head of a request.
    ///
    /// # Errors
    /// 400 for whatever cannot be read in exactly one way: a repeated or non-ASCII header that counts, a repeated parameter,
    /// a malformed percent-encoding, a target in absolute form that names another host, more than 100 parameters.
    pub fn parse(parts: &Parts, hosts: &VirtualHosts) -> S3Result<Self> {
        let _ = (parts, hosts);
        unimplemented!()
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// What is addressed.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The query.
    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The headers, each at most once.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The host that the client named, as it was sent.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path as it was sent.
    #[must_use]
    pub fn raw_path(&self) -> &str {
        &self.raw_path
    }

    /// The text of a header; `None` if it was not sent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }
}

impl Query {
    /// The value of a parameter; empty for one without `=`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the parameter was sent.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All parameters, in the order received.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

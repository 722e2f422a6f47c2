//! The head of a request: its target, query and headers, read once and strictly.

mod headers;
mod query;
mod virtual_hosts;

#[cfg(test)]
pub(crate) use headers::read as read_headers;
pub use query::Query;
pub use virtual_hosts::VirtualHosts;

use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, request::Parts};

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::uri;

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
    /// Reads the target from a decoded path. The path is decoded before it is split, because signatures cover the decoded
    /// path: two requests with the same signature must have the same target.
    fn read(host_bucket: Option<&str>, path: &str) -> Self {
        let rest = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = match host_bucket {
            Some(bucket) => (bucket, rest),
            None if rest.is_empty() => return Self::Service,
            None => rest.split_once('/').unwrap_or((rest, "")),
        };
        let bucket = bucket.to_owned();
        if key.is_empty() { Self::Bucket(bucket) } else { Self::Object { bucket, key: key.to_owned() } }
    }

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

/// The head of a request, after every check that needs neither the time nor a secret.
#[derive(Clone, Debug)]
pub struct RequestHead {
    method: Method,
    target: Target,
    /// The path, decoded.
    path: String,
    /// The path as it was sent.
    raw_path: String,
    /// The bucket that the host name names.
    host_bucket: Option<String>,
    query: Query,
    /// Every header at most once: repeatable ones are joined.
    headers: HeaderMap,
    host: String,
}

/// The host that a request names. A target in absolute form (or `:authority` in HTTP/2) and the header must agree.
fn read_host(parts: &Parts, headers: &mut HeaderMap) -> S3Result<String> {
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match (named, parts.uri.authority()) {
        (Some(named), Some(target)) if !named.eq_ignore_ascii_case(target.as_str()) => {
            let message = "The request target must name the same host as the `Host` header.";
            Err(S3Error::with_message(ErrorCode::InvalidArgument, message))
        }
        (Some(named), _) => Ok(named.to_owned()),
        (None, Some(target)) => {
            // Signatures cover the header `Host`, which HTTP/2 does not send.
            let value = HeaderValue::from_str(target.as_str()).map_err(|_| ErrorCode::InvalidURI)?;
            headers.insert(header::HOST, value);
            Ok(target.as_str().to_owned())
        }
        (None, None) => Ok(String::new()),
    }
}

impl RequestHead {
    /// Reads the head of a request.
    ///
    /// # Errors
    /// 400 for whatever cannot be read in exactly one way: a repeated or non-ASCII header that counts, a repeated parameter,
    /// a malformed percent-encoding, a target in absolute form that names another host, more than 100 parameters.
    pub fn parse(parts: &Parts, hosts: &VirtualHosts) -> S3Result<Self> {
        let mut headers = headers::read(&parts.headers)?;
        let host = read_host(parts, &mut headers)?;
        let query = Query::parse(parts.uri.query().unwrap_or_default())?;
        let raw_path = parts.uri.path().to_owned();
        let path = uri::decode(&raw_path).filter(|path| path.starts_with('/')).ok_or_else(|| {
            S3Error::with_message(ErrorCode::InvalidURI, "The path must begin with `/` and be percent-encoded UTF-8.")
        })?;
        let bucket = hosts.bucket(&host);
        let target = Target::read(bucket.as_deref(), &path);
        Ok(Self { method: parts.method.clone(), target, path, raw_path, host_bucket: bucket, query, headers, host })
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

    /// The whole path, decoded.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The bucket that the host name names; `None` where the path names it.
    #[must_use]
    pub fn host_bucket(&self) -> Option<&str> {
        self.host_bucket.as_deref()
    }

    /// The path as it was sent.
    #[must_use]
    pub fn raw_path(&self) -> &str {
        &self.raw_path
    }

    /// The text of an `x-amz-*` header, whose name is given in lower case. The SDKs that presign URLs move such headers into
    /// the query, some of them with capitals.
    pub(crate) fn amz(&self, name: &str) -> Option<&str> {
        let parameter = || self.query.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        self.header(name).or_else(|| parameter().map(|(_, value)| value))
    }

    /// The text of a header; `None` if it was not sent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }
}

#[cfg(test)]
mod tests;

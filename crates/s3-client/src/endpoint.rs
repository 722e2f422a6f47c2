use percent_encoding::percent_decode_str;
use url::Url;

use crate::error::TargetError;

/// The address of an S3 server: scheme, host and port.
#[derive(Clone, Debug)]
pub struct Endpoint {
    url: Url,
    host: String,
}

/// The URL is not that of an S3 endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the URL of an S3 endpoint; use http:// or https://, a host and an optional port, and nothing else"
)]
pub struct EndpointError(String);

impl Endpoint {
    /// Checks that a URL has a scheme, a host and an optional port, and nothing else.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn new(url: Url) -> Result<Self, EndpointError> {
        let plain = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        match url.host_str().filter(|_| plain) {
            // Only the origin is repeated, because the rest may contain a password.
            None => Err(EndpointError(url.origin().ascii_serialization())),
            Some(host) => {
                let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
                Ok(Self { url, host })
            }
        }
    }

    /// The value of the `Host` header, with the port if it is not the default of the scheme.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether requests are sent over TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Builds the URL of a target, the encoded path and query of a request, and parses it back: the result names exactly this
    /// bucket and key, byte for byte, at this endpoint.
    ///
    /// # Errors
    /// [`TargetError::Url`] for a key that URL parsing changes, such as one with a segment `..`.
    pub fn url(&self, target: &str, bucket: Option<&str>, key: Option<&str>) -> Result<Url, TargetError> {
        let mut text = format!("{}://{}", self.url.scheme(), self.host);
        text.push_str(target);
        let url = Url::parse(&text).map_err(|_| TargetError::Url)?;
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let same = url.origin() == self.url.origin()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && url.path() == path
            && url.query() == query
            && names(url.path(), bucket, key);
        if same { Ok(url) } else { Err(TargetError::Url) }
    }
}

/// Whether an encoded path names exactly this bucket and key.
pub(crate) fn names(path: &str, bucket: Option<&str>, key: Option<&str>) -> bool {
    let Some(path) = path.strip_prefix('/') else { return false };
    let decodes_to = |encoded: &str, text: &str| percent_decode_str(encoded).eq(text.bytes());
    match (bucket, key) {
        (None, None) => path.is_empty(),
        (None, Some(_)) => false,
        // An empty bucket is the service, and a bucket with a slash is a bucket and a key.
        (Some(bucket), _) if bucket.is_empty() || bucket.contains('/') => false,
        (Some(bucket), None) => !path.contains('/') && decodes_to(path, bucket),
        (Some(bucket), Some(key)) => path
            .split_once('/')
            .is_some_and(|(first, rest)| !key.is_empty() && decodes_to(first, bucket) && decodes_to(rest, key)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use storage_hub_s3_protocol::uri::path_of;

    use super::*;

    fn endpoint(url: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::new(Url::parse(url).unwrap())
    }

    #[test]
    fn an_endpoint_has_a_scheme_a_host_and_a_port_only() {
        assert_eq!(endpoint("https://store.example:443/").unwrap().host(), "store.example");
        assert_eq!(endpoint("http://[::1]:9000").unwrap().host(), "[::1]:9000");
        for url in ["ftp://store", "http://store/path", "http://store?x", "http://store#x"] {
            assert!(endpoint(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_password_in_an_endpoint_is_refused_and_not_repeated() {
        let error = endpoint("http://user:hidden@store").unwrap_err();
        assert!(!error.to_string().contains("hidden"), "{error}");
    }

    #[test]
    fn a_url_that_names_another_object_is_not_built() {
        let endpoint = endpoint("http://127.0.0.1:9000").unwrap();
        for key in ["../other/x", "a/../../other/x", "a/./x", "..", "x/.."] {
            let target = path_of(Some("bucket"), Some(key));
            assert_eq!(endpoint.url(&target, Some("bucket"), Some(key)), Err(TargetError::Url), "{key}");
        }
        for (target, bucket, key) in [
            ("/bucket/x", "other", Some("x")),
            ("/bucket/x", "bucket", Some("y")),
            ("/bucket/x", "bucket", None),
            ("/bucket/%2e%2e/x", "bucket", Some("../x")),
            ("/bucket/a%2Fb?x", "bucket", Some("a")),
            ("@evil/bucket/x", "bucket", Some("x")),
            ("bucket/x", "bucket", Some("x")),
            ("//bucket/x", "bucket", Some("x")),
            ("\\bucket/x", "bucket", Some("x")),
        ] {
            assert_eq!(endpoint.url(target, Some(bucket), key), Err(TargetError::Url), "{target}");
        }
        let kept = "%2e%2e/a b+ü/~\u{1}\\";
        let url = endpoint.url(&path_of(Some("bucket"), Some(kept)), Some("bucket"), Some(kept)).unwrap();
        assert_eq!(url.as_str(), "http://127.0.0.1:9000/bucket/%252e%252e/a%20b%2B%C3%BC/~%01%5C");
    }

    proptest! {
        #[test]
        fn a_url_names_the_key_that_it_was_built_of(key in "(\\PC|[./%\\\\])+") {
            let endpoint = endpoint("http://127.0.0.1:9000").unwrap();
            if let Ok(url) = endpoint.url(&path_of(Some("bucket"), Some(&key)), Some("bucket"), Some(&key)) {
                let path = url.path().strip_prefix("/bucket/").unwrap();
                prop_assert_eq!(percent_decode_str(path).decode_utf8().unwrap(), key);
            } else {
                prop_assert!(key.split('/').any(|segment| matches!(segment, "." | "..")), "{}", key);
            }
        }
    }
}

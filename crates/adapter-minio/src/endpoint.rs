use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// All characters except the unreserved ones of RFC 3986, as signature version 4 demands in paths and queries.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// The address of an S3 server: scheme, host and port.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
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
    pub(crate) fn new(url: Url) -> Result<Self, EndpointError> {
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
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Builds the URI of a path and a query, both of which it encodes.
    pub(crate) fn uri(&self, path: &str, query: &[(&str, &str)]) -> String {
        let mut uri = format!("{}://{}{}", self.url.scheme(), self.host, utf8_percent_encode(path, PATH));
        for (index, (name, value)) in query.iter().enumerate() {
            uri.push(if index == 0 { '?' } else { '&' });
            uri.extend(utf8_percent_encode(name, QUERY));
            uri.push('=');
            uri.extend(utf8_percent_encode(value, QUERY));
        }
        uri
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::new(Url::parse(url).unwrap())
    }

    #[test]
    fn a_uri_is_encoded_as_signatures_demand() {
        let endpoint = endpoint("http://127.0.0.1:9000").unwrap();
        let uri = endpoint.uri("/bucket/a b+ü/~", &[("policyName", "a,b"), ("policy", "")]);
        assert_eq!(uri, "http://127.0.0.1:9000/bucket/a%20b%2B%C3%BC/~?policyName=a%2Cb&policy=");
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
}

//! The URLs under which people reach the hub. They come from the configuration alone: a `Host` header is chosen by
//! whoever sends the request.

use std::net::SocketAddr;

use url::Url;

use super::{Config, StoreKind};

impl Config {
    /// The URL of the REST API, without a slash at the end.
    pub(crate) fn api_public_url(&self) -> String {
        match &self.api.public_url {
            Some(url) => without_slash(url),
            None => url_of(self.api.listen, self.api.tls_cert_file.is_some()),
        }
    }

    /// The URL that S3 clients are told, without a slash at the end.
    pub(crate) fn s3_public_url(&self) -> String {
        match (&self.s3.public_url, self.store.kind, &self.store.endpoint) {
            (Some(url), ..) | (None, StoreKind::Minio, Some(url)) => without_slash(url),
            (None, ..) => url_of(self.s3.listen, self.s3.tls_cert_file.is_some()),
        }
    }

    /// What to tell the operator when a public URL can only be reached from this machine.
    pub(super) fn public_url_warnings(&self) -> Vec<String> {
        let warning = |key: &str, listen: SocketAddr, section: &str, url: String| {
            format!(
                "{section}.listen is {listen} and {key} is not set, so clients are told {url}, which works on this \
                 machine alone; set {key} to the URL that they use"
            )
        };
        let mut warnings = Vec::new();
        if self.api.public_url.is_none() && self.api.listen.ip().is_unspecified() {
            warnings.push(warning("api.public_url", self.api.listen, "api", self.api_public_url()));
        }
        if self.store.kind.serves_s3() && self.s3.public_url.is_none() && self.s3.listen.ip().is_unspecified() {
            warnings.push(warning("s3.public_url", self.s3.listen, "s3", self.s3_public_url()));
        }
        warnings
    }
}

fn without_slash(url: &str) -> String {
    url.strip_suffix('/').unwrap_or(url).to_owned()
}

/// `localhost` stands for an unspecified address, which no client can connect to.
fn url_of(listen: SocketAddr, tls: bool) -> String {
    let (scheme, usual_port) = if tls { ("https", 443) } else { ("http", 80) };
    let host = match listen.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    };
    match listen.port() {
        port if port == usual_port => format!("{scheme}://{host}"),
        port => format!("{scheme}://{host}:{port}"),
    }
}

/// Accepts `http://` or `https://`, a host and optionally a port.
pub(super) fn check_base(text: &str) -> Result<(), String> {
    let url = parse(text).filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none());
    match url {
        Some(_) => Ok(()),
        None => Err(refusal("must be an http or https URL without a path, such as https://storage.example.com", text)),
    }
}

/// Accepts any `http://` or `https://` URL.
pub(super) fn check(text: &str) -> Result<(), String> {
    match parse(text) {
        Some(_) => Ok(()),
        None => Err(refusal("must be an http or https URL, such as http://127.0.0.1:4318", text)),
    }
}

// The parser is as lenient as a browser's address bar; what it would correct is refused.
fn parse(text: &str) -> Option<Url> {
    if text.contains(['@', '\\']) || text.contains(char::is_whitespace) {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let known = matches!(scheme, "http" | "https") && !rest.starts_with('/');
    Url::parse(text).ok().filter(|url| known && url.has_host())
}

/// A URL with `@` may hold a password, so it is not repeated.
fn refusal(expected: &str, text: &str) -> String {
    match text.contains('@') {
        true => format!("{expected}, without a user name and a password"),
        false => format!("{expected}, got `{}`", text.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_has_a_scheme_and_a_host_and_nothing_behind_them() {
        for text in ["http://localhost:9000", "https://s3.example.com", "https://s3.example.com/", "http://[::1]:9000"]
        {
            assert!(check_base(text).is_ok(), "{text}");
        }
        for text in [
            "foo",
            "",
            "localhost:9000",
            "ftp://h",
            "http://",
            "http:///h",
            "http://h/p",
            "http://h?q",
            "http://h/#f",
            "http:h",
            " http://h",
            "http://h\n",
            "http:\\\\h",
        ] {
            assert!(check_base(text).is_err(), "{text}");
        }
        let message = check_base("http://user:hunter2@h").unwrap_err();
        assert!(!message.contains("hunter2"), "{message}");
    }

    #[test]
    fn an_unspecified_address_is_localhost_with_a_warning() {
        let mut config = Config::default();
        assert_eq!(config.s3_public_url(), "http://127.0.0.1:9000");
        assert!(config.public_url_warnings().is_empty());
        config.s3.listen = "[::]:9000".parse().unwrap();
        config.api.listen = "0.0.0.0:443".parse().unwrap();
        config.api.tls_cert_file = Some("cert.pem".into());
        assert_eq!(config.s3_public_url(), "http://localhost:9000");
        assert_eq!(config.api_public_url(), "https://localhost");
        let warnings = config.public_url_warnings();
        assert!(warnings.len() == 2 && warnings.concat().contains("s3.public_url"), "{warnings:?}");
        config.s3.public_url = Some("https://s3.example.com/".to_owned());
        config.api.public_url = Some("https://example.com".to_owned());
        assert_eq!(config.s3_public_url(), "https://s3.example.com");
        assert!(config.public_url_warnings().is_empty());
    }

    #[test]
    fn the_stores_endpoint_is_told_for_minio_alone() {
        let mut config = Config::default();
        config.store.endpoint = Some("http://minio:9000".to_owned());
        assert_eq!(config.s3_public_url(), "http://127.0.0.1:9000");
        config.store.kind = StoreKind::Gateway;
        assert_eq!(config.s3_public_url(), "http://127.0.0.1:9000");
        config.store.kind = StoreKind::Minio;
        config.s3.listen = "0.0.0.0:9000".parse().unwrap();
        assert_eq!(config.s3_public_url(), "http://minio:9000");
        assert!(config.public_url_warnings().is_empty());
    }
}

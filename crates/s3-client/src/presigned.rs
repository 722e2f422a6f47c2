use http::Method;
use jiff::Timestamp;
use url::Url;

use crate::client::S3Client;
use crate::connection::seconds;
use crate::error::ClientError;
use crate::identity::Identity;
use crate::request::Request;

impl S3Client {
    /// Signs the URL of a request without a signed body, for whoever shall send it within `lifetime_seconds` (1 to 604,800).
    /// Its headers are signed too, and must be sent with the same values.
    ///
    /// # Errors
    /// [`ClientError::Target`] for a key that URL parsing changes; [`ClientError::Unsendable`] for an anonymous client,
    /// another lifetime, or another method than GET, HEAD, PUT, POST and DELETE.
    pub fn presigned(&self, request: &Request<'_>, lifetime_seconds: u32) -> Result<Url, ClientError> {
        let unsendable = |why: &'static str| ClientError::Unsendable(why.into());
        let Identity::Key(key) = self.identity() else { return Err(unsendable("an anonymous client signs nothing")) };
        if !(1..=604_800).contains(&lifetime_seconds) {
            return Err(unsendable("a presigned URL must be valid for 1 to 604800 seconds"));
        }
        let method = method_of(&request.method).ok_or_else(|| unsendable("this method has no presigned URL"))?;
        request.check_copy_source()?;
        let connection = self.connection();
        let mut url = connection.endpoint().url(&request.target(), request.bucket, request.key)?;
        // The function replaces the query, and wants it in order.
        url.set_query(None);
        let mut query: Vec<_> = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        query.sort_unstable();
        let mut headers = Vec::new();
        for (name, value) in &request.headers {
            let value = value.to_str().map_err(|error| ClientError::Unsendable(error.into()))?;
            headers.push((name.as_str(), value));
        }
        headers.sort_unstable();
        let now = Timestamp::from_second(seconds()).map_err(|error| ClientError::Unsendable(error.into()))?;
        Ok(rusty_s3::signing::sign(
            &now,
            method,
            url,
            key.access_key(),
            key.secret(),
            key.security_token(),
            connection.region(),
            lifetime_seconds.into(),
            query.into_iter(),
            headers.into_iter(),
        ))
    }
}

fn method_of(method: &Method) -> Option<rusty_s3::Method> {
    match *method {
        Method::GET => Some(rusty_s3::Method::Get),
        Method::HEAD => Some(rusty_s3::Method::Head),
        Method::PUT => Some(rusty_s3::Method::Put),
        Method::POST => Some(rusty_s3::Method::Post),
        Method::DELETE => Some(rusty_s3::Method::Delete),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use storage_hub_s3_protocol::head::{RequestHead, VirtualHosts};
    use storage_hub_s3_protocol::signature::{Claim, SecretKey, Secrets, SignatureRules};

    use super::*;
    use crate::connection::{Connection, ConnectionOptions};
    use crate::error::TargetError;

    struct Known;

    impl Secrets for Known {
        fn secret_of(&self, access_key: &str) -> Option<SecretKey> {
            (access_key == "AKIAIOSFODNN7EXAMPLE").then(|| SecretKey::new("a/secret"))
        }
    }

    fn client() -> S3Client {
        let options = ConnectionOptions::new("http://127.0.0.1:9000".parse().unwrap());
        let identity = Identity::key("AKIAIOSFODNN7EXAMPLE", "a/secret");
        S3Client::new(Connection::new(&options).unwrap(), identity)
    }

    #[test]
    fn a_presigned_url_is_verified_by_the_protocol() {
        for key in ["a", "a b+c/ü/~", "%2e%2e/x", "a\\b", "?x=1#y", "a/"] {
            let request = Request::new(Method::GET, Some("photos"), Some(key)).with_query(&[("versionId", "a+b/=")]);
            let url = client().presigned(&request, 60).unwrap();
            let built = http::Request::get(url.as_str()).header("host", "127.0.0.1:9000").body(()).unwrap();
            let head = RequestHead::parse(&built.into_parts().0, &VirtualHosts::default()).unwrap();
            assert_eq!((head.target().bucket(), head.target().key()), (Some("photos"), Some(key)));
            let rules = SignatureRules { region: "us-east-1".to_owned(), now: seconds() };
            let claim = Claim::read(&head, &rules).unwrap().unwrap();
            claim.verify(&head, &Known).unwrap();
        }
    }

    #[test]
    fn a_key_that_url_parsing_changes_gets_no_presigned_url() {
        for key in ["..", "../other/x", "a/../../other/x", "a/./x"] {
            let request = Request::new(Method::GET, Some("photos"), Some(key));
            let refused = client().presigned(&request, 60);
            assert!(matches!(refused, Err(ClientError::Target(TargetError::Url))), "{key}");
        }
    }

    #[test]
    fn the_lifetime_of_a_presigned_url_is_bounded() {
        let request = Request::new(Method::GET, Some("photos"), Some("a"));
        for lifetime in [0, 604_801] {
            assert!(matches!(client().presigned(&request, lifetime), Err(ClientError::Unsendable(_))));
        }
    }
}

use http::{Method, Uri, header};
use hyper::HeaderMap;
use hyper::http::Extensions;
use s3s::auth::{S3Auth, SecretKey};
use s3s::route::S3Route;
use s3s::service::S3Service;
use s3s::{Body, HttpRequest, S3Request, S3Response, S3Result, s3_error};

use super::byte_range;
use super::visitor::{Visitor, Visitors};

/// Answers a request whose range is to be ignored as if it had none.
///
/// The range may be signed, so it can be taken away after the signature was checked alone. That is where this route
/// stands; the request goes on, as its sender's, to a service of the same store that is reached from here only.
pub(super) struct WholeObject {
    pub(super) service: S3Service,
    pub(super) visitors: Visitors,
}

/// Who sends a request that was found out already.
#[derive(Clone)]
pub(super) struct Relayed(pub(super) Visitor);

/// Takes no signature: those of relayed requests were checked before, and are gone.
pub(super) struct NoSignatures;

#[async_trait::async_trait]
impl S3Auth for NoSignatures {
    async fn get_secret_key(&self, _: &str) -> S3Result<SecretKey> {
        Err(s3_error!(InternalError, "a request is relayed with its signature"))
    }
}

#[async_trait::async_trait]
impl S3Route for WholeObject {
    fn is_match(&self, method: &Method, _: &Uri, headers: &HeaderMap, _: &mut Extensions) -> bool {
        matches!(*method, Method::GET | Method::HEAD) && byte_range::is_ignored(headers)
    }

    /// The service behind asks for access, as it does for every request.
    async fn check_access(&self, _: &mut S3Request<Body>) -> S3Result<()> {
        Ok(())
    }

    async fn call(&self, request: S3Request<Body>) -> S3Result<S3Response<Body>> {
        let visitor = match request.credentials {
            None => Visitor(None),
            Some(_) => Visitor(Some(self.visitors.caller().ok_or_else(|| s3_error!(InternalError))?)),
        };
        let mut relayed = HttpRequest::new(request.input);
        *relayed.method_mut() = request.method;
        *relayed.uri_mut() = without_signature(&request.uri).ok_or_else(|| s3_error!(InvalidURI))?;
        *relayed.headers_mut() = request.headers;
        relayed.headers_mut().remove(header::RANGE);
        relayed.headers_mut().remove(header::AUTHORIZATION);
        relayed.extensions_mut().insert(Relayed(visitor));
        let answer = self.service.call(relayed).await.map_err(|_| s3_error!(InternalError))?;
        let (parts, body) = answer.into_parts();
        let mut response = S3Response::with_headers(body, parts.headers);
        response.status = Some(parts.status);
        Ok(response)
    }
}

/// A URL without what presigning adds.
fn without_signature(uri: &Uri) -> Option<Uri> {
    let Some(query) = uri.query() else { return Some(uri.clone()) };
    let signs = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
        name.starts_with("X-Amz-") || matches!(&*name, "AWSAccessKeyId" | "Signature" | "Expires")
    };
    let rest: Vec<_> = query.split('&').filter(|pair| !signs(pair)).collect();
    let mut parts = uri.clone().into_parts();
    let path = if rest.is_empty() { uri.path().to_owned() } else { format!("{}?{}", uri.path(), rest.join("&")) };
    parts.path_and_query = Some(path.try_into().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_presigning_adds_is_taken_away_and_nothing_else() {
        let without = |uri: &'static str| without_signature(&Uri::from_static(uri)).unwrap().to_string();
        assert_eq!(without("/b/k"), "/b/k");
        assert_eq!(without("/b/k?X-Amz-Date=1&versionId=null&X-Amz%2DSignature=0&a=%20"), "/b/k?versionId=null&a=%20");
        assert_eq!(without("/b/k?AWSAccessKeyId=a&Expires=1&Signature=x"), "/b/k");
        assert_eq!(without("http://h:9/b/k%20?X-Amz-Date=1"), "http://h:9/b/k%20");
    }
}

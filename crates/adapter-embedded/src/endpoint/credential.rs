//! Whose signature a request says that it has, before anybody has looked whether that is so.

use http::header;
use http::request::Parts;

use super::query::Query;
use super::refusals::Refusal;

/// What a request says about its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Credential {
    pub(super) access_key: String,
    /// The region of its scope; signatures of version 2 have none.
    pub(super) region: Option<String>,
    /// Whether it stands in the URL.
    pub(super) presigned: bool,
}

impl Credential {
    /// `None` for a request without a signature.
    ///
    /// # Errors
    /// A [`Refusal`] of a signature that cannot be read, and of two.
    pub(super) fn of(request: &Parts, query: &Query) -> Result<Option<Self>, Refusal> {
        let by_url = [query.get("Signature").is_some(), query.get("X-Amz-Signature").is_some()];
        let authorization = request.headers.get(header::AUTHORIZATION);
        match (by_url, authorization) {
            ([false, false], None) => Ok(None),
            ([true, false], None) => {
                let access_key = query.get("AWSAccessKeyId").ok_or(Refusal::Parameter)?.to_owned();
                Ok(Some(Self { access_key, region: None, presigned: true }))
            }
            ([false, true], None) => {
                let scope = query.get("X-Amz-Credential").and_then(Self::parse);
                scope.map(Some).ok_or(Refusal::Parameter)
            }
            ([false, false], Some(value)) => {
                let text = value.to_str().map_err(|_| Refusal::Authorization)?;
                // Its requests have no date that is checked: one that was overheard could be sent again for ever.
                if text.starts_with("AWS ") {
                    return Err(Refusal::OldSignature);
                }
                let Authorization { access_key, region, .. } =
                    Authorization::parse(text).ok_or(Refusal::Authorization)?;
                let (access_key, region) = (access_key.to_owned(), Some(region.to_owned()));
                Ok(Some(Self { access_key, region, presigned: false }))
            }
            _ => Err(Refusal::TwoSignatures),
        }
    }

    /// `<access key>/<date>/<region>/s3/aws4_request`
    fn parse(scope: &str) -> Option<Self> {
        let mut fields = scope.split('/');
        let (access_key, _, region) = (fields.next()?, fields.next()?, fields.next()?);
        let ("s3", "aws4_request", None) = (fields.next()?, fields.next()?, fields.next()) else { return None };
        Some(Self { access_key: access_key.to_owned(), region: Some(region.to_owned()), presigned: true })
    }
}

/// `AWS4-HMAC-SHA256 Credential=<scope>, SignedHeaders=a;b, Signature=…`, read field by field, as s3s does: each of them may
/// hold what another looks like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Authorization<'a> {
    access_key: &'a str,
    region: &'a str,
    pub(super) signed_headers: &'a str,
}

impl<'a> Authorization<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("AWS4-HMAC-SHA256")?.trim_ascii_start().strip_prefix("Credential=")?;
        let (access_key, rest) = rest.split_once('/')?;
        let (_, rest) = rest.split_once('/')?;
        let (region, rest) = rest.split_once('/')?;
        let rest = rest.strip_prefix("s3/aws4_request,")?.trim_ascii_start();
        let (signed_headers, _) = rest.strip_prefix("SignedHeaders=")?.split_once(',')?;
        Some(Self { access_key, region, signed_headers })
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn of(uri: &str, authorization: Option<&str>) -> Result<Option<Credential>, Refusal> {
        let mut request = Request::get(uri);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let request = request.body(()).unwrap().into_parts().0;
        let query = Query::parse(request.uri.query().unwrap_or_default()).unwrap();
        Credential::of(&request, &query)
    }

    #[test]
    fn every_form_of_a_signature_names_its_access_key() {
        let credential = |region: Option<&str>, presigned| {
            Ok(Some(Credential { access_key: "anna".to_owned(), region: region.map(str::to_owned), presigned }))
        };
        let header =
            "AWS4-HMAC-SHA256 Credential=anna/20261122/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        assert_eq!(of("/b/k?a=%20", Some(header)), credential(Some("eu-west-1"), false));
        assert_eq!(of("/b/k", Some(&header.replace(", ", ","))), credential(Some("eu-west-1"), false));
        let presigned = "/b/k?X-Amz-Credential=anna%2F20261122%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Signature=0";
        assert_eq!(of(presigned, None), credential(Some("eu-west-1"), true));
        assert_eq!(of("/b/k?AWSAccessKeyId=anna&Signature=0&Expires=1", None), credential(None, true));
        // One that is nobody's signature does not stand for the one that is looked at.
        assert_eq!(of(&presigned.replace("Signature", "Other"), Some(header)), credential(Some("eu-west-1"), false));
        assert_eq!(of("/b/k", None), Ok(None));
        let other_service = header.replace("/s3/", "/sts/");
        let other_algorithm = header.replace("HMAC", "ECDSA");
        for malformed in
            ["", "Bearer x", "AWS4-HMAC-SHA256 Credential=anna/20261122, Signature=0", &other_service, &other_algorithm]
        {
            assert_eq!(of("/b/k", Some(malformed)), Err(Refusal::Authorization), "{malformed}");
        }
        assert_eq!(of("/b/k", Some("AWS anna:0")), Err(Refusal::OldSignature));
        for malformed in ["/b/k?Signature=0", "/b/k?X-Amz-Signature=0", &presigned.replace("%2Fs3", "%2Fsts")] {
            assert_eq!(of(malformed, None), Err(Refusal::Parameter), "{malformed}");
        }
        for two in [presigned, "/b/k?Signature=0&AWSAccessKeyId=anna"] {
            assert_eq!(of(two, Some(header)), Err(Refusal::TwoSignatures), "{two}");
        }
        assert_eq!(of(&format!("{presigned}&Signature=0&AWSAccessKeyId=a"), None), Err(Refusal::TwoSignatures));
    }
}

//! The published vectors of AWS, by the functions that verification and signing are made of.

use std::path::Path;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::timestamp::Timestamp;
use super::v4::{CanonicalRequest, Scope};
use super::{Claim, SecretKey, Secrets, SignatureRules};
use crate::error::ErrorCode;
use crate::head::Query;
use crate::uri;

/// A request as the vectors have it: with spaces and letters beyond ASCII in the target, and folded headers.
struct Vector {
    method: String,
    path: String,
    query: Query,
    headers: HeaderMap,
}

impl Vector {
    fn parse(text: &str) -> Self {
        let head = text.split("\n\n").next().unwrap().replace("\n ", " ");
        let mut lines = head.lines();
        let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
        let target = rest.strip_suffix(" HTTP/1.1").unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap();
            headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        }
        let headers = crate::head::read_headers(&headers).unwrap();
        let path = uri::encode_path(&uri::decode(path).unwrap());
        Self { method: method.to_owned(), path, query: Query::parse(query).unwrap(), headers }
    }

    /// Computes the canonical request and the signature.
    fn sign(&self, signed_headers: &str, payload: &str) -> (String, String) {
        let signed_headers: Vec<_> = signed_headers.split(';').map(str::to_owned).collect();
        let request = CanonicalRequest {
            method: &self.method,
            path: &self.path,
            query: self.query.iter().filter(|(name, _)| *name != "X-Amz-Signature").collect(),
            headers: &self.headers,
            signed_headers: &signed_headers,
            payload,
        };
        let canonical = request.to_bytes().unwrap();
        let time = Timestamp::parse("20150830T123600Z").unwrap();
        let [date, region, service] = ["20150830", "us-east-1", "service"].map(str::to_owned);
        let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let signed = Scope { date, region, service }.sign_request(&secret, &time, &canonical);
        (String::from_utf8(canonical).unwrap(), signed.seed_signature)
    }
}

#[test]
fn published_vectors_are_signed_alike() {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws-signing-test-suite");
    let mut vectors = 0;
    for case in std::fs::read_dir(suite).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for place in ["header", "query"] {
            let read = |what: &str| std::fs::read_to_string(case.join(format!("{place}-{what}-request.txt"))).unwrap();
            let vector = Vector::parse(&read("signed"));
            let (signed_headers, signature) = match vector.headers.get("authorization") {
                Some(authorization) => {
                    let (_, rest) = authorization.to_str().unwrap().split_once("SignedHeaders=").unwrap();
                    rest.split_once(", Signature=").unwrap()
                }
                None => {
                    (vector.query.get("X-Amz-SignedHeaders").unwrap(), vector.query.get("X-Amz-Signature").unwrap())
                }
            };
            let canonical = read("canonical");
            let payload = canonical.lines().last().unwrap();
            let expected = (canonical.clone(), signature.to_owned());
            assert_eq!(vector.sign(signed_headers, payload), expected, "{} {place}", case.display());
            vectors += 1;
        }
    }
    assert_eq!(vectors, 62);
}

struct AnyKey;

impl Secrets for AnyKey {
    fn secret_of(&self, _: &str) -> Option<SecretKey> {
        Some(SecretKey::new("secret"))
    }
}

#[test]
fn a_date_header_may_stand_for_x_amz_date() {
    let time = Timestamp::parse("20261125T232046Z").unwrap();
    let scope = Scope::of_s3(&time, "us-east-1");
    let signed_headers = ["date", "host", "x-amz-content-sha256"].map(str::to_owned);
    let verify = |date: &str, sent: &str| {
        let mut request = http::Request::builder().uri("/b?list-type=2").header("host", "h").header("date", date);
        request = request.header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        let mut parts = request.body(()).unwrap().into_parts().0;
        let canonical = CanonicalRequest {
            method: "GET",
            path: "/b",
            query: vec![("list-type", "2")],
            headers: &parts.headers,
            signed_headers: &signed_headers,
            payload: "UNSIGNED-PAYLOAD",
        };
        let signed = scope.sign_request(&SecretKey::new("secret"), &time, &canonical.to_bytes().unwrap());
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=a/{}, SignedHeaders={}, Signature={}",
            scope.text(),
            signed_headers.join(";"),
            signed.seed_signature
        );
        parts.headers.insert("authorization", HeaderValue::try_from(authorization).unwrap());
        parts.headers.insert("date", HeaderValue::try_from(sent).unwrap());
        let head = crate::head::RequestHead::parse(&parts, &crate::head::VirtualHosts::default()).unwrap();
        let rules = SignatureRules { region: "us-east-1".to_owned(), now: time.seconds };
        let claim = Claim::read(&head, &rules).and_then(|claim| claim.unwrap().verify(&head, &AnyKey));
        claim.map(drop).map_err(|error| error.code())
    };
    for date in ["Wed, 25 Nov 2026 23:20:46 GMT", "20261125T232046Z"] {
        assert_eq!(verify(date, date), Ok(()), "{date}");
        assert_eq!(verify(date, "20261125T232047Z"), Err(ErrorCode::SignatureDoesNotMatch), "{date}");
        assert_eq!(verify(date, "yesterday"), Err(ErrorCode::AccessDenied), "{date}");
    }
}

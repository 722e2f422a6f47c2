//! The published vectors of AWS, by the functions that verification and signing are made of.

use std::path::Path;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::SecretKey;
use super::timestamp::Timestamp;
use super::v4::{CanonicalRequest, Scope};
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

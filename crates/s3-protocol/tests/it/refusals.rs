//! Claims that are refused, and with which error.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error};
use storage_hub_s3_protocol::signature::{SecretKey, SignedPayload, Signer, presign, sign};

use crate::sent::{ACCESS_KEY, SECRET, Sent};

const NOW: i64 = 1_795_000_000;

fn signer(region: &str) -> Signer {
    let (access_key, secret) = (ACCESS_KEY.to_owned(), SecretKey::new(SECRET));
    Signer { access_key, secret, region: region.to_owned(), security_token: None }
}

fn sent(parts: &http::request::Parts, at: i64) -> Sent {
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    let target = parts.uri.path_and_query().unwrap().to_string();
    Sent { method: parts.method.to_string(), target, headers, body: Bytes::new(), at }
}

fn parts(method: &str, target: &str) -> http::request::Parts {
    let uri = format!("http://localhost:9000{target}");
    http::Request::builder().method(method).uri(uri).body(()).unwrap().into_parts().0
}

fn signed(method: &str, target: &str, region: &str) -> Sent {
    let mut parts = parts(method, target);
    sign(&mut parts, &signer(region), SignedPayload::Unsigned, NOW).unwrap();
    sent(&parts, NOW)
}

fn presigned(method: &str, target: &str, region: &str) -> Sent {
    let mut parts = parts(method, target);
    presign(&mut parts, &signer(region), 3600, NOW).unwrap();
    sent(&parts, NOW)
}

impl Sent {
    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    fn refusal(&self) -> S3Error {
        let refusal = self.claim("us-east-1").unwrap_err();
        let message = refusal.message();
        let begins = message.starts_with(|c: char| c.is_uppercase() || c == '`');
        assert!(begins && message.ends_with('.'), "{message}");
        refusal
    }
}

#[test]
fn a_signature_for_another_region_is_told_the_right_one() {
    for target in ["/b/k", "/b", "/b?versioning", "/b/k?location"] {
        let refusal = signed("GET", target, "eu-west-1").refusal();
        assert_eq!(refusal.code(), ErrorCode::AuthorizationHeaderMalformed);
        assert_eq!(refusal.elements(), [("Region", "us-east-1".to_owned())]);
        assert_eq!(refusal.headers()[0].1, "us-east-1");
        assert!(refusal.message().contains("expecting 'us-east-1'"), "{}", refusal.message());
        let refusal = presigned("GET", target, "eu-west-1").refusal();
        assert_eq!(refusal.code(), ErrorCode::AuthorizationQueryParametersError);
        assert_eq!(refusal.elements(), [("Region", "us-east-1".to_owned())]);
    }
    assert!(signed("PUT", "/b?location", "eu-west-1").claim("us-east-1").is_err());
    // Which region it is, and which buckets there are, can be asked for with any.
    for target in ["/", "/b?location", "/b?location="] {
        assert!(signed("GET", target, "eu-west-1").claim("us-east-1").unwrap().is_some(), "{target}");
    }
    for region in ["", "US", "us-east-1"] {
        assert!(signed("GET", "/b/k", region).claim("us-east-1").unwrap().is_some(), "{region}");
        assert!(presigned("GET", "/b/k", region).claim("us-east-1").unwrap().is_some(), "{region}");
    }
}

#[test]
fn clocks_may_differ_by_a_quarter_of_an_hour() {
    let request = signed("GET", "/b/k", "us-east-1");
    for at in [NOW - 900, NOW + 900] {
        assert!(Sent { at, ..request.clone() }.claim("us-east-1").is_ok());
    }
    for at in [NOW - 901, NOW + 901, i64::MIN, i64::MAX] {
        let refusal = Sent { at, ..request.clone() }.refusal();
        assert_eq!(refusal.code(), ErrorCode::RequestTimeTooSkewed);
        assert!(refusal.elements().iter().any(|(name, _)| *name == "ServerTime"));
    }
}

#[test]
fn a_presigned_url_is_valid_for_as_long_as_it_says() {
    let url = presigned("GET", "/b/k", "us-east-1");
    for at in [NOW - 900, NOW, NOW + 3600] {
        assert!(Sent { at, ..url.clone() }.claim("us-east-1").is_ok());
    }
    for (at, message) in [(NOW + 3601, "The request has expired."), (NOW - 901, "The request is not valid yet.")] {
        let refusal = Sent { at, ..url.clone() }.refusal();
        assert_eq!((refusal.code(), refusal.message()), (ErrorCode::AccessDenied, message));
    }
    let expires = |value: &str| {
        let target = url.target.replace("X-Amz-Expires=3600", value);
        let refusal = Sent { target, ..url.clone() }.refusal();
        assert_eq!(refusal.code(), ErrorCode::AuthorizationQueryParametersError, "{value}");
        refusal.message().to_owned()
    };
    assert_eq!(expires("X-Amz-Expires=-1000"), "`X-Amz-Expires` must be non-negative.");
    assert_eq!(expires("X-Amz-Expires=0"), "`X-Amz-Expires` must be at least 1 second.");
    assert!(expires("X-Amz-Expires=604801").contains("604800"));
    assert!(expires("X-Amz-Expires=soon").contains("a number of seconds"));
    assert!(expires("X-Amz-Expires=").contains("a number of seconds"));
    assert!(expires("X-Amz-Other=3600").contains("X-Amz-Expires"));
    assert!(presign(&mut parts("GET", "/b/k"), &signer("us-east-1"), 604_801, NOW).is_err());
}

#[test]
fn a_hash_that_is_added_to_a_presigned_url_is_held_against_the_body() {
    let url = presigned("PUT", "/b/k", "us-east-1");
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(url.clone().with("x-amz-content-sha256", "UNSIGNED-PAYLOAD").verify(), Ok(()));
    let hashed = url.clone().with("x-amz-content-sha256", empty);
    assert_eq!(hashed.verify(), Ok(()));
    let other = Sent { body: Bytes::from_static(b"other"), ..hashed };
    assert_eq!(other.verify(), Err(ErrorCode::XAmzContentSHA256Mismatch));
    // A hash that the signer knew cannot be dropped or replaced.
    let mut request = parts("PUT", "/b/k");
    request.headers.insert("x-amz-content-sha256", HeaderValue::from_static(empty));
    presign(&mut request, &signer("us-east-1"), 60, NOW).unwrap();
    let known = sent(&request, NOW);
    assert_eq!(known.verify(), Ok(()));
    for changed in known.changes() {
        assert!(changed.verify().is_err(), "{changed:?}");
    }
    assert!(known.with("x-amz-content-sha256", "UNSIGNED-PAYLOAD").verify().is_err());
}

#[test]
fn malformed_claims_are_refused() {
    use ErrorCode::{AccessDenied, AuthorizationHeaderMalformed, InvalidArgument, InvalidRequest, NotImplemented};
    let request = signed("PUT", "/b/k", "us-east-1");
    let authorization = request.header("authorization").unwrap().to_owned();
    let changed = |from: &str, to: &str| request.clone().with("authorization", &authorization.replacen(from, to, 1));
    let sha = |value: &str| request.clone().with("x-amz-content-sha256", value);
    let table = [
        (changed("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), AuthorizationHeaderMalformed),
        (changed("AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256"), AuthorizationHeaderMalformed),
        (changed("/s3/", "/sts/"), AuthorizationHeaderMalformed),
        (changed("/aws4_request", "/aws4"), AuthorizationHeaderMalformed),
        (changed("/2026", "/2025"), AuthorizationHeaderMalformed),
        (changed("Signature=", "Signature=0,Signature="), AuthorizationHeaderMalformed),
        (changed("Signature=", "Other="), AuthorizationHeaderMalformed),
        (changed("=host;", "=host;host;"), AuthorizationHeaderMalformed),
        (changed("=host;", "=Host;"), AuthorizationHeaderMalformed),
        (changed("=host;", "="), AccessDenied),
        (changed(ACCESS_KEY, "AKIAOTHER"), ErrorCode::InvalidAccessKeyId),
        (request.clone().with("authorization", "Bearer x"), AuthorizationHeaderMalformed),
        (request.clone().with("authorization", ""), AuthorizationHeaderMalformed),
        (request.clone().with("authorization", "AWS AKIAIOSFODNN7EXAMPLE:c2ln"), InvalidRequest),
        (request.clone().without("x-amz-date"), AccessDenied),
        (request.clone().with("x-amz-date", "yesterday"), AccessDenied),
        (request.clone().without("x-amz-content-sha256"), InvalidRequest),
        (sha("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"), NotImplemented),
        (sha("STREAMING-OTHER"), InvalidArgument),
        (sha("e3b0"), InvalidArgument),
        (sha(""), InvalidArgument),
        (request.clone().with("x-amz-security-token", "token"), AccessDenied),
    ];
    for (sent, code) in table {
        assert_eq!(sent.refusal().code(), code, "{sent:?}");
    }
    let anonymous = Sent::new("PUT", "/b/k", &[("host", "h")], b"", NOW);
    assert!(anonymous.claim("us-east-1").unwrap().is_none());
    let streaming = anonymous.with("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    assert_eq!(streaming.refusal().code(), InvalidRequest);
}

#[test]
fn two_kinds_of_signature_are_refused() {
    let url = presigned("GET", "/b/k", "us-east-1");
    let header = signed("GET", "/b/k", "us-east-1").header("authorization").unwrap().to_owned();
    let old = "/b/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=c2ln&Expires=1795000060";
    let by_version_2 = Sent::new("GET", old, &[("host", "localhost:9000")], b"", NOW);
    assert_eq!(url.clone().with("authorization", &header).refusal().code(), ErrorCode::InvalidArgument);
    assert_eq!(by_version_2.clone().with("authorization", &header).refusal().code(), ErrorCode::InvalidArgument);
    let both = Sent { target: format!("{}&Signature=c2ln", url.target), ..url.clone() };
    assert_eq!(both.refusal().code(), ErrorCode::InvalidArgument);
    assert_eq!(by_version_2.refusal().code(), ErrorCode::SignatureDoesNotMatch);
}

#[test]
fn a_security_token_is_exposed_and_signed() {
    let signer = Signer { security_token: Some("token/+=".to_owned()), ..signer("us-east-1") };
    let mut by_header = parts("PUT", "/b/k");
    sign(&mut by_header, &signer, SignedPayload::Unsigned, NOW).unwrap();
    let mut by_query = parts("PUT", "/b/k");
    presign(&mut by_query, &signer, 60, NOW).unwrap();
    for sent in [sent(&by_header, NOW), sent(&by_query, NOW)] {
        assert_eq!(sent.verify(), Ok(()));
        let rules = storage_hub_s3_protocol::signature::SignatureRules { region: "us-east-1".to_owned(), now: NOW };
        let claim = storage_hub_s3_protocol::signature::Claim::read(&sent.head().unwrap(), &rules).unwrap().unwrap();
        assert_eq!(claim.security_token(), Some("token/+="));
        for changed in sent.changes() {
            assert!(changed.verify().is_err(), "{changed:?}");
        }
    }
}

#[test]
fn urls_of_version_2_are_held_to_what_they_sign() {
    let sent = |method: &str, target: &str| {
        let query = "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=c2ln&Expires=1795000060";
        let separator = if target.contains('?') { '&' } else { '?' };
        Sent::new(method, &format!("{target}{separator}{query}"), &[("host", "h")], b"", NOW)
    };
    let signed = ["/b/k", "/b/k?versionId=v", "/b/k?partNumber=1&uploadId=u", "/b/k?response-content-type=a%26b"];
    for target in signed {
        assert_eq!(sent("GET", target).refusal().code(), ErrorCode::SignatureDoesNotMatch, "{target}");
    }
    let refused = [
        sent("DELETE", "/b/k"),
        sent("POST", "/b/k?uploads"),
        sent("GET", "/b"),
        sent("GET", "/"),
        sent("GET", "/b/k?attributes"),
        sent("GET", "/b/k?x-amz-acl=private"),
        sent("PUT", "/b/k?content-type=a%2Fb"),
        sent("GET", "/b/k?response-content-type=a%26versionId=v"),
        sent("GET", "/b/k?response-content-type=a%26acl"),
    ];
    for sent in refused {
        assert_eq!(sent.refusal().code(), ErrorCode::InvalidRequest, "{}", sent.target);
    }
    let repeated = sent("PUT", "/b/k?content-type=a%2Fb").with("content-type", "a/b");
    assert_eq!(repeated.refusal().code(), ErrorCode::SignatureDoesNotMatch);
}

#[test]
fn nothing_secret_is_shown() {
    let signer = signer("us-east-1");
    let mut request = parts("PUT", "/b/k");
    let mode = sign(&mut request, &signer, SignedPayload::Streaming, NOW).unwrap();
    let signed = sent(&request, NOW);
    let verified = signed.claim("us-east-1").unwrap().unwrap();
    let shown = format!("{signer:?} {mode:?} {verified:?} {:?}", SecretKey::new(SECRET));
    let authorization = request.headers["authorization"].to_str().unwrap();
    let (_, signature) = authorization.split_once("Signature=").unwrap();
    assert!(!shown.contains(SECRET) && !shown.contains(signature), "{shown}");
}

/// Signatures cover any run of blanks as one space.
#[test]
fn the_blanks_of_a_signed_copy_source_cannot_be_changed() {
    let mut request = parts("PUT", "/b/k");
    request.headers.insert("x-amz-copy-source", HeaderValue::from_static("/b/a b"));
    sign(&mut request, &signer("us-east-1"), SignedPayload::Unsigned, NOW).unwrap();
    let request = sent(&request, NOW);
    assert_eq!(request.verify(), Ok(()));
    for source in ["/b/a  b", "/b/a\tb", "/b/a   b"] {
        assert_eq!(request.clone().with("x-amz-copy-source", source).verify(), Err(ErrorCode::InvalidArgument));
    }
}

#[test]
fn the_headers_of_a_signed_request_stay() {
    let mut request = parts("PUT", "/b/k?x=1");
    let own = HeaderMap::from_iter([(HeaderName::from_static("x-amz-meta-a"), HeaderValue::from_static("1"))]);
    request.headers = own;
    sign(&mut request, &signer("us-east-1"), SignedPayload::Sha256([0; 32]), NOW).unwrap();
    assert_eq!(request.uri, "http://localhost:9000/b/k?x=1");
    assert_eq!(request.headers["host"], "localhost:9000");
    assert_eq!(request.headers["x-amz-content-sha256"], "0".repeat(64));
    assert!(request.headers["authorization"].to_str().unwrap().contains("x-amz-meta-a"));
}

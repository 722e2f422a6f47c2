//! What a client signs, by this crate or by Amazon's own, is verified; and nothing else is.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation, SigningSettings,
    UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use proptest::prelude::*;
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::signature::{SecretKey, SignedPayload, Signer, presign, sign};
use storage_hub_s3_protocol::uri;

use crate::sent::{ACCESS_KEY, SECRET, Sent};

const NOW: i64 = 1_795_000_000;

/// A request before it is signed.
#[derive(Clone, Debug)]
struct Plain {
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn plain() -> impl Strategy<Value = Plain> {
    let method = prop::sample::select(vec!["GET", "HEAD", "PUT", "POST", "DELETE"]);
    let key = prop_oneof!["[a-z/. +%]{1,12}", "\\PC{1,6}"];
    let query = prop::collection::btree_map("[a-zA-Z -]{1,5}", prop_oneof!["[a-z +&=/]{0,5}", "\\PC{0,3}"], 0..4);
    let header = prop::sample::select(vec!["x-amz-meta-a", "x-amz-acl", "content-type", "range", "x-amz-tagging"]);
    // Blanks around a value are not part of it.
    let headers = prop::collection::btree_map(header, "([!-~]([ -~]{0,6}[!-~])?)?", 0..4);
    (method, key, query, headers, prop::collection::vec(any::<u8>(), 0..20)).prop_map(
        |(method, key, query, headers, body)| {
            let pairs: Vec<_> =
                query.iter().map(|(name, value)| format!("{}={}", uri::encode(name), uri::encode(value))).collect();
            let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
            let target = format!("{}{query}", uri::path_of(Some("bucket"), Some(&key)));
            let value_of = |name: &str, value: String| match name {
                // These may have single spaces only.
                "x-amz-acl" | "x-amz-tagging" => {
                    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
                }
                _ => value,
            };
            let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value_of(name, value))).collect();
            Plain { method, target, headers, body }
        },
    )
}

impl Plain {
    fn request(&self) -> http::Request<()> {
        let mut request =
            http::Request::builder().method(self.method).uri(&self.target).header("host", "localhost:9000");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(()).unwrap()
    }

    fn sent(&self, parts: &http::request::Parts) -> Sent {
        let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
        let target = parts.uri.path_and_query().unwrap().to_string();
        Sent { method: self.method.to_owned(), target, headers, body: self.body.clone().into(), at: NOW }
    }

    /// Signs with this crate.
    fn sign(&self, payload: SignedPayload, in_query: bool) -> Sent {
        let signer = Signer {
            access_key: ACCESS_KEY.to_owned(),
            secret: SecretKey::new(SECRET),
            region: "us-east-1".to_owned(),
            security_token: None,
        };
        let mut parts = self.request().into_parts().0;
        match in_query {
            true => presign(&mut parts, &signer, 60, NOW).unwrap(),
            false => drop(sign(&mut parts, &signer, payload, NOW).unwrap()),
        }
        self.sent(&parts)
    }

    /// Signs with the crate of Amazon's SDK.
    fn sign_by_sdk(&self, in_query: bool) -> Sent {
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let mut body = SignableBody::Bytes(&self.body);
        if in_query {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
            settings.expires_in = Some(Duration::from_secs(60));
            body = SignableBody::UnsignedPayload;
        }
        let identity = Credentials::new(ACCESS_KEY, SECRET, None, None, "test").into();
        let time = UNIX_EPOCH + Duration::from_secs(NOW.unsigned_abs());
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("s3")
            .time(time)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let mut request = self.request();
        let url = format!("http://localhost:9000{}", self.target);
        let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let signable = SignableRequest::new(self.method, &url, headers, body).unwrap();
        let (instructions, _) = aws_sigv4::http_request::sign(signable, &params).unwrap().into_parts();
        instructions.apply_to_request_http1x(&mut request);
        self.sent(&request.into_parts().0)
    }
}

fn verify_claim(sent: &Sent) -> Result<(), ErrorCode> {
    let verified = sent.claim("us-east-1").map_err(|error| error.code())?;
    verified.map(drop).ok_or(ErrorCode::AccessDenied)
}

/// S3 encodes these characters. The SDK signs the path as it is sent, and so do clients that encode fewer of them.
#[test]
fn a_path_that_is_signed_as_it_was_sent_is_verified() {
    let plain =
        |target: &str| Plain { method: "GET", target: target.to_owned(), headers: Vec::new(), body: Vec::new() };
    for target in ["/bucket/a$b'(c)!*+,;=:@&", "/bucket/%61%2d", "/bucket/a%2fb", "/bucket/../other/./k//"] {
        for sent in [
            plain(target).sign_by_sdk(false),
            plain(target).sign_by_sdk(true),
            plain(target).sign(SignedPayload::Unsigned, false),
        ] {
            assert_eq!(verify_claim(&sent), Ok(()), "{target}");
            for changed in sent.changes() {
                assert!(verify_claim(&changed).is_err(), "{changed:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_signed_is_verified_and_no_change_of_it(
        plain in plain(),
        in_query in any::<bool>(),
        by_sdk in any::<bool>(),
        choice in any::<prop::sample::Index>(),
    ) {
        let sent = if by_sdk { plain.sign_by_sdk(in_query) } else { plain.sign(SignedPayload::Unsigned, in_query) };
        prop_assert_eq!(verify_claim(&sent), Ok(()), "{:?}", sent);
        let changes: Vec<_> = sent.changes().into_iter().filter(|changed| changed.body == sent.body).collect();
        // All changes of one request take a while; the others are covered by other cases.
        for step in 0..40 {
            let changed = &changes[(choice.index(changes.len()) + step * 7) % changes.len()];
            prop_assert!(verify_claim(changed).is_err(), "{:?}", changed);
        }
    }

    #[test]
    fn an_unsigned_header_of_amazon_is_refused(plain in plain(), in_query in any::<bool>(), name in "x-amz-[a-z-]{1,12}") {
        let mut sent = plain.sign(SignedPayload::Unsigned, in_query);
        prop_assume!(sent.header(&name).is_none() && name != "x-amz-content-sha256");
        sent.headers.push((name, b"1".to_vec()));
        prop_assert!(matches!(verify_claim(&sent), Err(ErrorCode::AccessDenied)));
    }

    #[test]
    fn anything_can_be_read_without_a_panic(
        authorization in "(AWS4-HMAC-SHA256 )?(Credential=a/20261118/(us-east-1|)/s3/aws4_request|[ -~]{0,9})(, ?|)(SignedHeaders=[a-z;-]{0,9}|)(, ?|)(Signature=[0-9a-f]{0,4}|)",
        date in "(20261118T110640Z|[ -~]{0,16})",
        query in "[ -~&&[^ #\"<>`{}|\\\\^]]{0,30}",
    ) {
        let headers = [("host", "h"), ("authorization", authorization.as_str()), ("x-amz-date", date.as_str())];
        let sent = Sent::new("GET", &format!("/b/k?{query}"), &headers, b"", NOW);
        if sent.is_possible() {
            prop_assert!(sent.claim("us-east-1").is_err());
        }
    }
}

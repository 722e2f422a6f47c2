//! Heads of S3 requests: whatever is sent, there is one reading of it; what a client signs is verified, and nothing that is
//! added to a signed request is.
#![no_main]

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use storage_hub_s3_protocol::body::BodyVerifier;
use storage_hub_s3_protocol::head::{RequestHead, VirtualHosts};
use storage_hub_s3_protocol::operation::Operation;
use storage_hub_s3_protocol::operation_name::OperationName;
use storage_hub_s3_protocol::signature::{
    Claim, SecretKey, Secrets, SignatureRules, SignedPayload, Signer, presign, sign,
};

/// In seconds since 1970.
const NOW: i64 = 1_795_000_000;
const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// Names of the protocol are worth more than random ones.
const NAMES: [&str; 24] = [
    "authorization",
    "content-encoding",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "expires",
    "host",
    "if-none-match",
    "range",
    "x-amz-acl",
    "x-amz-checksum-crc32",
    "x-amz-checksum-sha256",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-grant-read",
    "x-amz-meta-a",
    "x-amz-object-attributes",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-tagging",
    "x-amz-trailer",
];
const PARAMETERS: [&str; 16] = [
    "AWSAccessKeyId",
    "Expires",
    "Signature",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "continuation-token",
    "delete",
    "encoding-type",
    "list-type",
    "partNumber",
    "response-content-type",
    "uploadId",
];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    method: u8,
    target: &'a str,
    query: Vec<(u8, &'a str)>,
    headers: Vec<(u8, &'a [u8])>,
    signed: Signed,
    added: (u8, &'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Signed {
    No,
    Header(u8),
    Url,
}

struct One;

impl Secrets for One {
    fn secret_of(&self, access_key: &str) -> Option<SecretKey> {
        (access_key == ACCESS_KEY).then(|| SecretKey::new(SECRET))
    }
}

fuzz_target!(|input: Input<'_>| {
    let Some(mut request) = build(&input) else { return };
    let Ok(head) = read(&request) else { return };
    let _ = claim(&head);
    let signer = Signer {
        access_key: ACCESS_KEY.to_owned(),
        secret: SecretKey::new(SECRET),
        region: "us-east-1".to_owned(),
        security_token: None,
    };
    let signed = match input.signed {
        Signed::No => return,
        Signed::Header(payload) => {
            let payload = match payload % 5 {
                0 => SignedPayload::Unsigned,
                1 => SignedPayload::Sha256([7; 32]),
                2 => SignedPayload::Streaming,
                3 => SignedPayload::StreamingTrailer,
                _ => SignedPayload::StreamingUnsignedTrailer,
            };
            sign(&mut request, &signer, payload, NOW).is_ok()
        }
        Signed::Url => {
            request.headers.remove("authorization");
            request.headers.remove("x-amz-security-token");
            presign(&mut request, &signer, 60, NOW).is_ok()
        }
    };
    // A request that has another signature already, or a target that becomes too long.
    if !signed {
        return;
    }
    let Ok(head) = read(&request) else { return };
    if !claim(&head) {
        return;
    }
    // What is verified is not, with any other `x-amz-*` header.
    let (name, value) = input.added;
    let name = HeaderName::from_static(NAMES[usize::from(name) % NAMES.len()]);
    let Ok(value) = HeaderValue::from_bytes(value) else { return };
    // This one states what is the case without it.
    let is_default = name == "x-amz-content-sha256" && value == "UNSIGNED-PAYLOAD";
    if name.as_str().starts_with("x-amz-") && !request.headers.contains_key(&name) && !is_default {
        request.headers.insert(name.clone(), value);
        let is_refused = read(&request).map_or(true, |head| !claim(&head));
        assert!(is_refused, "{name} was added to a signed request");
    }
});

/// Reads a head, which must be read in one way.
fn read(request: &Parts) -> Result<RequestHead, ()> {
    let head = RequestHead::parse(request, &VirtualHosts::default()).map_err(drop)?;
    for name in request.headers.keys().filter(|name| head.headers().contains_key(*name)) {
        let values: Vec<_> = request.headers.get_all(name).iter().collect();
        let value = head.headers().get(name).expect("a header that was found");
        assert_eq!(head.headers().get_all(name).iter().count(), 1, "{name}");
        let is_list = name.as_str().starts_with("x-amz-meta-") || name.as_str().ends_with("object-attributes");
        if name.as_str().starts_with("x-amz-") && !is_list {
            // Blanks around a value are none of it.
            let is_same = values.len() == 1 && values[0].as_bytes().trim_ascii() == value.as_bytes();
            assert!(is_same && value.to_str().is_ok(), "{name}");
        }
    }
    let mut names: Vec<_> = head.query().iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "a parameter twice");
    if let (Ok(operation), Ok(name)) = (Operation::parse(&head), OperationName::select(&head)) {
        assert_eq!(operation.name(), name);
    }
    Ok(head)
}

/// Whether the request has a claim that is verified.
fn claim(head: &RequestHead) -> bool {
    let rules = SignatureRules { region: "us-east-1".to_owned(), now: NOW };
    let Ok(Some(claim)) = Claim::read(head, &rules) else { return false };
    let Ok(verified) = claim.verify(head, &One) else { return false };
    assert_eq!((verified.access_key.as_str(), claim.access_key.as_str()), (ACCESS_KEY, ACCESS_KEY));
    let _ = BodyVerifier::new(head, verified.payload, 1 << 40);
    true
}

fn build(input: &Input<'_>) -> Option<Parts> {
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS];
    let method = methods[usize::from(input.method) % methods.len()].clone();
    let query: Vec<_> = input
        .query
        .iter()
        .map(|(name, value)| match PARAMETERS.get(usize::from(*name)) {
            Some(name) => format!("{name}={}", storage_hub_s3_protocol::uri::encode(value)),
            None => (*value).to_owned(),
        })
        .collect();
    // Most targets are paths.
    let path = if input.method % 8 == 0 { input.target.to_owned() } else { format!("/{}", input.target) };
    let target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in &input.headers {
        let name = NAMES[usize::from(*name) % NAMES.len()];
        request = request.header(name, HeaderValue::from_bytes(value).ok()?);
    }
    Some(request.body(()).ok()?.into_parts().0)
}

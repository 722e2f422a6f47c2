//! The heads of S3 requests, as they are read before any signature is checked: whatever passes asks for nothing that its
//! signature leaves open, and the readings of ranges and scopes agree with plainer ones.
#![no_main]

use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/adapter-embedded/src/endpoint/byte_range.rs"]
mod byte_range;
#[path = "../../crates/adapter-embedded/src/endpoint/credential.rs"]
mod credential;
#[path = "../../crates/adapter-embedded/src/endpoint/payload.rs"]
mod payload;
#[path = "../../crates/adapter-embedded/src/endpoint/query.rs"]
mod query;
#[path = "../../crates/adapter-embedded/src/endpoint/refusals.rs"]
mod refusals;


/// Maximum number of headers that the endpoint reads.
const HEADERS: usize = 128;
/// In seconds since 1970.
const NOW: i64 = 1_795_000_000;
const REGION: &str = "us-east-1";
/// Names of the protocol are worth more than random ones.
const NAMES: [&str; 12] = [
    "authorization",
    "content-type",
    "range",
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-date",
    "x-amz-grant-read",
    "x-amz-meta-a",
    "x-amz-security-token",
    "x-amz-storage-class",
    "x-amz-tagging",
];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    method: u8,
    path: &'a str,
    query: Vec<(Parameter, &'a str)>,
    signed: Option<(&'a str, &'a str, Vec<u8>)>,
    headers: Vec<(u8, &'a [u8])>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Parameter {
    Credential,
    SignedHeaders,
    Signature,
    Expires,
    Date,
    AccessKey,
    OldSignature,
    OldExpires,
    Location,
    Delete,
    Other,
}

fuzz_target!(|input: Input<'_>| {
    let Some(request) = build(&input) else { return };
    let heeded = byte_range::is_ignored(&request.headers);
    assert_eq!(heeded, ignored_plainly(&request), "{:?}", request.headers.get("range"));
    let passed = refusals::refuse_request(&request, NOW);
    if let Ok(Some(credential)) = &passed {
        assert!(!credential.access_key.contains('/') || credential.region.is_none());
        let other = refusals::is_of_other_region(&request, credential, REGION);
        assert!(!other || credential.region.as_deref().is_some_and(|region| region != REGION));
    }
    if refusals::refuse_headers(&request.headers).is_ok() {
        let asks = |name: &HeaderName| name.as_str().starts_with("x-amz-grant-");
        assert!(!request.headers.keys().any(asks));
        let class = request.headers.get("x-amz-storage-class");
        assert!(class.is_none_or(|class| class == "STANDARD"));
    }
    let Ok(credential) = passed else { return };
    // Requests that pass have no credentials of kinds that are not implemented, and no unsigned header that must be signed.
    assert!(!request.uri.path().starts_with("/minio/"));
    assert!(!request.headers.contains_key("x-amz-security-token"));
    let authorization = request.headers.get("authorization").and_then(|value| value.to_str().ok());
    assert!(!authorization.is_some_and(|value| value.starts_with("AWS ")));
    // Nor has it anything that s3s could read in another way: of what comes twice, and of what is not UTF-8, it takes none.
    for name in request.headers.keys().filter(|name| !name.as_str().starts_with("x-amz-meta-") && *name != "range") {
        let mut values = request.headers.get_all(name).iter();
        assert!(values.next().is_some_and(|value| value.to_str().is_ok()) && values.next().is_none(), "{name}");
    }
    let query = query::Query::parse(request.uri.query().unwrap_or_default()).expect("a query that passed");
    if query.get("Signature").is_some() {
        return;
    }
    let signed = match (query.get("X-Amz-Signature"), authorization) {
        (Some(_), Some(_)) => panic!("two signatures"),
        (Some(_), None) => query.get("X-Amz-SignedHeaders").unwrap_or_default().to_owned(),
        // Others are malformed, and refused for it.
        (None, Some(authorization)) => match signed_plainly(authorization) {
            Some((access_key, region, signed)) => {
                let credential = credential.expect("a credential");
                assert_eq!((credential.access_key.as_str(), credential.region.as_deref()), (access_key, Some(region)));
                signed.to_owned()
            }
            None => return,
        },
        (None, None) => return,
    };
    for name in request.headers.keys().filter(|name| name.as_str().starts_with("x-amz-")) {
        let named = signed.split(';').any(|signed| signed == name.as_str());
        assert!(named || name == "x-amz-content-sha256", "{name} is not signed by {signed:?}");
    }
});

/// Access key, region and signed headers, by the grammar that the check of the signature goes by: field after field.
fn signed_plainly(authorization: &str) -> Option<(&str, &str, &str)> {
    let rest = authorization.strip_prefix("AWS4-HMAC-SHA256")?;
    let rest = rest.strip_prefix(' ')?.trim_ascii_start().strip_prefix("Credential=")?;
    let (access_key, rest) = rest.split_once('/')?;
    let (date, rest) = rest.split_once('/')?;
    let (region, rest) = rest.split_once('/')?;
    let (service, rest) = rest.split_once('/')?;
    let rest = rest.strip_prefix("aws4_request")?.strip_prefix(',')?.trim_ascii_start();
    let (signed, rest) = rest.strip_prefix("SignedHeaders=")?.split_once(',')?;
    rest.trim_ascii_start().strip_prefix("Signature=")?;
    (date.len() == 8 && !service.is_empty()).then_some((access_key, region, signed))
}

fn build(input: &Input<'_>) -> Option<Parts> {
    let method = [Method::GET, Method::HEAD, Method::POST, Method::PUT][usize::from(input.method) % 4].clone();
    let escape =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let pair = |(parameter, value): &(Parameter, &str)| match parameter {
        Parameter::Credential if value.len() % 2 == 0 => {
            format!("X-Amz-Credential={}%2F20261122%2F{REGION}%2Fs3%2Faws4_request", escape(value))
        }
        Parameter::Credential => format!("X-Amz-Credential={}", escape(value)),
        Parameter::SignedHeaders => format!("X-Amz-SignedHeaders={}", escape(value)),
        Parameter::Signature => format!("X-Amz-Signature={}", escape(value)),
        Parameter::Expires => format!("X-Amz-Expires={}", escape(value)),
        Parameter::Date => format!("X-Amz-Date={}", escape(value)),
        Parameter::AccessKey => format!("AWSAccessKeyId={}", escape(value)),
        Parameter::OldSignature => format!("Signature={}", escape(value)),
        Parameter::OldExpires => format!("Expires={}", escape(value)),
        Parameter::Location => "location=".to_owned(),
        Parameter::Delete => "delete=".to_owned(),
        Parameter::Other => (*value).to_owned(),
    };
    let query: Vec<_> = input.query.iter().map(pair).collect();
    let path = input.path.strip_prefix('/').unwrap_or(input.path);
    let target = if query.is_empty() { format!("/{path}") } else { format!("/{path}?{}", query.join("&")) };
    let mut request = Request::builder().method(method).uri(target);
    if let Some((access_key, region, signed)) = &input.signed {
        let signed: Vec<_> = signed.iter().map(|index| NAMES[usize::from(*index) % NAMES.len()]).collect();
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={access_key}/20261122/{region}/s3/aws4_request, SignedHeaders={}, Signature=0",
            signed.join(";")
        );
        request = request.header("authorization", HeaderValue::from_str(&value).ok()?);
    }
    for (name, value) in input.headers.iter().take(HEADERS) {
        let name = NAMES[usize::from(*name) % NAMES.len()];
        // Half of what looks like a range is nearly one.
        let value = if name == "range" && value.len() % 2 == 0 { [b"bytes=", *value].concat() } else { value.to_vec() };
        request = request.header(name, HeaderValue::from_bytes(&value).ok()?);
    }
    Some(request.body(()).ok()?.into_parts().0)
}

/// One range, of `first-last`, `first-` or `-length`; a position fits 63 bits.
fn ignored_plainly(request: &Parts) -> bool {
    let ranges: Vec<_> = request.headers.get_all("range").iter().collect();
    let [range] = ranges.as_slice() else { return !ranges.is_empty() };
    let Some(range) = range.as_bytes().strip_prefix(b"bytes=") else { return true };
    let dashes = range.iter().filter(|byte| **byte == b'-').count();
    if dashes != 1 || !range.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-') || range == b"-" {
        return true;
    }
    let mut ends = range.split(|byte| *byte == b'-');
    let (first, last) = (ends.next().unwrap_or_default(), ends.next().unwrap_or_default());
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u64, |number, digit| {
            let next = number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
            (next <= i64::MAX.unsigned_abs()).then_some(next)
        })
    };
    match (number(first), number(last)) {
        (Some(first), Some(end)) => !last.is_empty() && !range.starts_with(b"-") && first > end,
        _ => true,
    }
}

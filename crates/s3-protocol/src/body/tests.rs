mod chunks;
mod digests;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::Sha256;

use super::*;

const MAX: u64 = 1 << 40;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair =
        |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    pairs.iter().map(pair).collect()
}

/// What becomes of a body that arrives in pieces of this size.
fn receive(
    pairs: &[(&'static str, &str)],
    payload: PayloadMode,
    body: &[u8],
    step: usize,
) -> S3Result<(Vec<u8>, BodyDigests)> {
    let mut verifier = BodyVerifier::for_stream(&headers(pairs), payload, MAX)?;
    let mut decoded = Vec::new();
    for piece in body.chunks(step) {
        decoded.extend(verifier.push(Bytes::copy_from_slice(piece))?.concat());
    }
    Ok((decoded, verifier.finish()?))
}

/// The same in one piece and byte by byte, which must agree.
fn outcome(pairs: &[(&'static str, &str)], payload: &PayloadMode, body: &[u8]) -> Result<Vec<u8>, ErrorCode> {
    let received = |step| receive(pairs, payload.clone(), body, step).map_err(|error| error.code_of_sentence());
    let whole = received(body.len().max(1));
    assert_eq!(received(1), whole);
    whole.map(|(decoded, _)| decoded)
}

fn hmac(key: &[u8], text: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

/// That of the examples in the documentation of S3.
fn signing(seed: &str) -> ChunkSigning {
    let date = hmac(b"AWS4wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524");
    let signing_key = ["us-east-1", "s3", "aws4_request"].iter().fold(date, |key, text| hmac(&key, text));
    ChunkSigning {
        signing_key: signing_key.into(),
        timestamp: "20130524T000000Z".into(),
        scope: "20130524/us-east-1/s3/aws4_request".into(),
        seed_signature: seed.into(),
    }
}

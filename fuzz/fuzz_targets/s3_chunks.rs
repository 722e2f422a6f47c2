//! Bodies of S3 requests: the outcome does not depend on how a body is cut, no body becomes longer by decoding, what the
//! encoder writes is decoded, and an announced size costs nothing.
#![no_main]

use bytes::Bytes;
use http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use storage_hub_s3_protocol::body::{BodyVerifier, ChunkEncoder, PayloadMode};
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::head::{RequestHead, VirtualHosts};
use storage_hub_s3_protocol::signature::{SecretKey, SignedPayload, Signer, sign};

fuzz_target!(|input: (u8, u16, &[u8], &[u8], u8)| {
    let (kind, length, body, data, algorithm) = input;
    let algorithm = ChecksumAlgorithm::ALL[usize::from(algorithm) % ChecksumAlgorithm::ALL.len()];
    let step = 1 + usize::from(kind >> 3);
    let length = length.to_string();
    let headers = [
        ("content-length", body.len().to_string()),
        ("x-amz-decoded-content-length", length),
        ("x-amz-trailer", algorithm.header().to_owned()),
    ];
    let headers = match kind % 4 {
        0 => &headers[..1],
        1 | 2 => &headers[1..],
        _ => &headers[1..2],
    };
    let (request, payload) = match kind % 4 {
        0 => signed(headers, SignedPayload::Unsigned),
        1 => signed(headers, SignedPayload::StreamingUnsignedTrailer),
        2 => signed(headers, SignedPayload::StreamingTrailer),
        _ => signed(headers, SignedPayload::Streaming),
    };
    let whole = receive(&request, &payload, body, body.len().max(1));
    assert_eq!(receive(&request, &payload, body, step), whole);
    if let Ok(decoded) = &whole {
        assert!(decoded.len() <= body.len());
    }

    let mut encoder = ChunkEncoder::new(algorithm, data.len() as u64);
    let headers = encoder.headers(None).map(|(name, value)| (name.as_str().to_owned(), value));
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let content_length = encoder.content_length();
    let mut encoded = Vec::new();
    for piece in data.chunks(step) {
        encoded.extend(encoder.push(Bytes::copy_from_slice(piece)).expect("a body of the announced length").concat());
    }
    encoded.extend(encoder.finish().expect("a body of the announced length"));
    assert_eq!(encoded.len() as u64, content_length);
    let (request, payload) = signed(&headers, SignedPayload::StreamingUnsignedTrailer);
    assert_eq!(receive(&request, &payload, &encoded, step).as_deref(), Ok(data));
    if let Some(changed) = encoded.len().checked_sub(usize::from(kind) + 1) {
        encoded[changed] ^= 1;
        let received = receive(&request, &payload, &encoded, step);
        // A change of the letter case of a trailer's name, or of the digits of a size, changes nothing.
        assert!(received.is_err() || received.as_deref() == Ok(data));
    }
});

fn signed(headers: &[(&str, String)], payload: SignedPayload) -> (RequestHead, PayloadMode) {
    let mut request = Request::put("http://localhost/bucket/key");
    for (name, value) in headers {
        request = request.header(*name, HeaderValue::from_str(value).expect("a header"));
    }
    let (mut request, ()) = request.body(()).expect("a request").into_parts();
    let signer = Signer {
        access_key: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret: SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1".to_owned(),
        security_token: None,
    };
    let payload = sign(&mut request, &signer, payload, 1_795_000_000).expect("a request that can be signed");
    (RequestHead::parse(&request, &VirtualHosts::default()).expect("a head"), payload)
}

fn receive(head: &RequestHead, payload: &PayloadMode, body: &[u8], step: usize) -> Result<Vec<u8>, ErrorCode> {
    let received = || -> S3Result<Vec<u8>> {
        let mut verifier = BodyVerifier::new(head, payload.clone(), 1 << 40)?;
        let mut decoded = Vec::new();
        for piece in body.chunks(step) {
            decoded.extend(verifier.push(Bytes::copy_from_slice(piece))?.concat());
        }
        let digests = verifier.finish()?;
        assert_eq!(digests.length, decoded.len() as u64);
        Ok(decoded)
    };
    received().map_err(|error| error.code())
}

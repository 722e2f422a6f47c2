use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::{HeaderName, HeaderValue, Method, header};
use sha2::{Digest as _, Sha256};
use storage_hub_s3_client::{Body, Request, Source};
use storage_hub_s3_protocol::body::ChunkEncoder;
use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, ChecksumHasher};
use storage_hub_s3_protocol::signature::SignedPayload;

use super::scratch::Scratch;

/// How long a store may take over a body that is cut off.
const LIMIT: Duration = Duration::from_secs(10);

/// The algorithms of which a wrong checksum is refused and a right one kept, in a header and in a trailer.
pub(super) async fn checksums(scratch: &Scratch<'_>) -> Vec<String> {
    let mut kept = Vec::new();
    for algorithm in ChecksumAlgorithm::ALL {
        if keeps(scratch, algorithm).await {
            kept.push(algorithm.name().to_owned());
        }
    }
    kept
}

async fn keeps(scratch: &Scratch<'_>, algorithm: ChecksumAlgorithm) -> bool {
    let key = format!("checksums/{}", algorithm.name());
    let (body, other) = (b"123456789", b"987654321");
    let of = |bytes: &[u8]| {
        let mut hasher = ChecksumHasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish().value
    };
    let put = async |value: String| {
        let request = Request::new(Method::PUT, Some(scratch.bucket()), Some(&key)).with_body(body.as_slice());
        let request = request.with_header(algorithm.header_name(), &value).ok()?;
        scratch.client().send(request).await.ok()
    };
    if put(of(other)).await.is_none_or(|answer| answer.is_success()) || scratch.read(&key).await.is_some() {
        return false;
    }
    if !put(of(body)).await.is_some_and(|answer| answer.is_success()) {
        return false;
    }
    if !in_trailer(scratch, &key, algorithm, body, &of(other)).await {
        return false;
    }
    let head = Request::new(Method::HEAD, Some(scratch.bucket()), Some(&key));
    let Ok(head) = head.with_header(HeaderName::from_static("x-amz-checksum-mode"), "ENABLED") else { return false };
    let Ok(answer) = scratch.client().send(head).await else { return false };
    answer.headers.get(algorithm.header()).is_some_and(|value| value.as_bytes() == of(body).as_bytes())
}

/// Whether a body in chunks with a trailer is stored as it is meant, and refused with another trailer.
async fn in_trailer(
    scratch: &Scratch<'_>,
    key: &str,
    algorithm: ChecksumAlgorithm,
    body: &'static [u8],
    other: &str,
) -> bool {
    let mut encoder = ChunkEncoder::new(algorithm, body.len() as u64);
    let mut request = chunked(scratch, key, &encoder);
    let sent = encoder.content_length();
    let Ok(mut pieces) = encoder.push(Bytes::from_static(body)) else { return false };
    let Ok(end) = encoder.finish() else { return false };
    let forged = Bytes::from(format!("0\r\n{}:{other}\r\n\r\n", algorithm.header()));
    pieces.push(end);
    let whole: Vec<Result<Bytes, Source>> = pieces.iter().cloned().map(Ok).collect();
    request.body = Body::stream(stream::iter(whole), sent, SignedPayload::StreamingUnsignedTrailer);
    if !scratch.client().send(request).await.is_ok_and(|answer| answer.is_success()) {
        return false;
    }
    pieces.pop();
    pieces.push(forged);
    let mut request = chunked(scratch, key, &ChunkEncoder::new(algorithm, body.len() as u64));
    let whole: Vec<Result<Bytes, Source>> = pieces.into_iter().map(Ok).collect();
    request.body = Body::stream(stream::iter(whole), sent, SignedPayload::StreamingUnsignedTrailer);
    request.timeout = Some(LIMIT);
    let refused = scratch.client().send(request).await.is_ok_and(|answer| !answer.is_success());
    refused && scratch.read(key).await.as_deref() == Some(body)
}

fn chunked<'a>(scratch: &'a Scratch<'_>, key: &'a str, encoder: &ChunkEncoder) -> Request<'a> {
    let mut request = Request::new(Method::PUT, Some(scratch.bucket()), Some(key));
    for (name, value) in encoder.headers(None) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            request.headers.insert(name, value);
        }
    }
    request
}

/// Half a body, signed with its hash and in chunks, over an object that was there.
pub(super) async fn cut_uploads_leave_nothing(scratch: &Scratch<'_>) -> bool {
    let key = "cut/key";
    if scratch.put(key, b"before").await.is_err() {
        return false;
    }
    let whole = vec![b'x'; 200_000];
    let half = Bytes::from(whole.get(..100_000).unwrap_or_default().to_vec());
    let hash: [u8; 32] = Sha256::digest(&whole).into();
    let mut plain = Request::new(Method::PUT, Some(scratch.bucket()), Some(key));
    plain.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    plain.body = Body::stream(cut(vec![half.clone()]), whole.len() as u64, SignedPayload::Sha256(hash));
    let mut encoder = ChunkEncoder::new(ChecksumAlgorithm::Crc32, whole.len() as u64);
    let mut in_chunks = chunked(scratch, key, &encoder);
    let sent = encoder.content_length();
    let Ok(pieces) = encoder.push(half) else { return false };
    in_chunks.body = Body::stream(cut(pieces), sent, SignedPayload::StreamingUnsignedTrailer);
    for request in [plain, in_chunks] {
        let answer = tokio::time::timeout(LIMIT, scratch.client().open(request)).await;
        if matches!(answer, Ok(Ok(answer)) if answer.is_success()) {
            return false;
        }
        if scratch.read(key).await.as_deref() != Some(b"before") {
            return false;
        }
    }
    true
}

/// Pieces after which the connection is cut.
fn cut(pieces: Vec<Bytes>) -> impl futures::Stream<Item = Result<Bytes, Source>> + Send + 'static {
    let pieces = pieces.into_iter().map(Ok).chain([Err("the probe cuts the upload off".into())]);
    stream::iter(pieces.collect::<Vec<_>>())
}

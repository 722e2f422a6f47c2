//! Receives a body into a blob and holds it against what the client says of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures::StreamExt as _;
use http::HeaderMap;
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result, StdError, TrailingHeaders, s3_error};

use super::translate::well_formed;
use crate::blobs::{BlobStream, BlobWriter, StoredBlob};
use crate::digests::Algorithm;
use crate::error::{blob_error, custom};
use crate::store::EmbeddedStore;
use storage_hub_s3_protocol::checksum::Checksum;

/// The most bytes of one body, an object's or a part's.
pub(super) const MAX_BODY: u64 = 5 * 1024 * 1024 * 1024;
/// How much is gathered before it is written.
const GATHER: usize = 128 * 1024;
/// How many pieces are gathered before they are written, however small they are.
const PIECES: usize = 1024;

/// What a client says of a body.
pub(super) struct Expected {
    pub(super) length: Option<u64>,
    pub(super) md5: Option<[u8; 16]>,
    /// The checksum to compute.
    pub(super) algorithm: Option<Algorithm>,
    /// What it must be; else the trailers may say.
    pub(super) checksum: Option<String>,
    pub(super) trailers: Option<TrailingHeaders>,
}

impl Expected {
    /// Reads what the headers say. `fallback` is computed when the client asks for no checksum.
    pub(super) fn read(
        headers: &HeaderMap,
        length: Option<i64>,
        md5: Option<&str>,
        checksum: Option<(Algorithm, String)>,
        asked: Option<Algorithm>,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<Self> {
        let length = length.map(u64::try_from).transpose().map_err(|_| s3_error!(InvalidArgument))?;
        if length.is_some_and(|length| length > MAX_BODY) {
            return Err(too_large());
        }
        let md5 = md5.map(|text| BASE64.decode(text).ok().and_then(|bytes| bytes.try_into().ok()));
        let md5 = match md5 {
            Some(None) => return Err(s3_error!(InvalidDigest, "The Content-MD5 you specified is not valid.")),
            Some(md5) => md5,
            None => None,
        };
        let trailing = headers.get("x-amz-trailer").and_then(|value| value.to_str().ok()).and_then(|names| {
            let named = |algorithm: &Algorithm| {
                names.split(',').any(|name| name.trim().eq_ignore_ascii_case(algorithm.header()))
            };
            Algorithm::ALL.into_iter().find(named)
        });
        if let Some((algorithm, value)) = &checksum {
            well_formed(*algorithm, value)?;
        }
        let (algorithm, checksum) = match checksum {
            Some((algorithm, value)) => (Some(algorithm), Some(value)),
            None => (trailing.or(asked), None),
        };
        Ok(Self { length, md5, algorithm, checksum, trailers })
    }
}

/// A durable blob with its digests.
pub(super) struct Received {
    pub(super) blob: StoredBlob,
    pub(super) digests: crate::digests::Digests,
}

/// Receives a body. One that breaks off, is too long or is not what the client says leaves nothing.
pub(super) async fn receive(
    store: &EmbeddedStore,
    body: Option<StreamingBlob>,
    expected: Expected,
) -> S3Result<Received> {
    let mut writer = BlobWriter::begin(store.blobs(), 0);
    let mut hasher = crate::digests::Hasher::new(expected.algorithm);
    let mut body = body.unwrap_or_else(|| StreamingBlob::from(s3s::Body::empty()));
    let (mut received, mut gathered, mut waiting) = (0_u64, 0_usize, Vec::new());
    loop {
        let chunk: Option<Result<Bytes, StdError>> = body.next().await;
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(|error| broken_body(&*error))?;
        received = received.saturating_add(chunk.len() as u64);
        if received > MAX_BODY {
            return Err(too_large());
        }
        if expected.length.is_some_and(|length| length < received) {
            return Err(wrong_length());
        }
        hasher.update(&chunk);
        gathered += chunk.len();
        waiting.push(chunk);
        if gathered >= GATHER || waiting.len() >= PIECES {
            gathered = 0;
            writer.write(std::mem::take(&mut waiting)).await.map_err(|error| blob_error(&error))?;
        }
    }
    if !waiting.is_empty() {
        writer.write(waiting).await.map_err(|error| blob_error(&error))?;
    }
    if expected.length.is_some_and(|length| length != received) {
        return Err(wrong_length());
    }
    let blob = writer.finish().await.map_err(|error| blob_error(&error))?;
    let stored = Received { blob, digests: hasher.finish() };
    verify(&stored, &expected)?;
    Ok(stored)
}

fn verify(stored: &Received, expected: &Expected) -> S3Result<()> {
    if expected.md5.is_some_and(|md5| md5 != stored.digests.md5) {
        return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
    }
    let Some(Checksum { algorithm, value: computed, .. }) = &stored.digests.checksum else { return Ok(()) };
    let trailing = || {
        let trailers = expected.trailers.as_ref()?.take()?;
        trailers.get(algorithm.header())?.to_str().ok().map(str::to_owned)
    };
    let Some(sent) = expected.checksum.clone().or_else(trailing) else { return Ok(()) };
    well_formed(*algorithm, &sent)?;
    if sent == *computed {
        return Ok(());
    }
    Err(s3_error!(BadDigest, "The {} you specified did not match the calculated checksum.", algorithm.name()))
}

/// What is wrong with a body that broke off. s3s keeps the types of these errors to itself: their texts tell.
fn broken_body(error: &(dyn std::error::Error + Send + Sync + 'static)) -> S3Error {
    let text = error.to_string();
    if text.contains("Sha256Mismatch") {
        let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
        let mut error = S3Error::with_message(custom("XAmzContentSHA256Mismatch"), message);
        error.set_status_code(http::StatusCode::BAD_REQUEST);
        error
    } else if text.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch, "The signature of a chunk does not match.")
    } else {
        tracing::debug!(error, "a body broke off");
        s3_error!(IncompleteBody, "The body broke off, or is not chunked as its headers say.")
    }
}

fn wrong_length() -> S3Error {
    s3_error!(IncompleteBody, "The body has not as many bytes as Content-Length says.")
}

fn too_large() -> S3Error {
    s3_error!(EntityTooLarge, "Your proposed upload exceeds the maximum allowed size of 5 GiB.")
}

/// Writes bytes of the store into a blob of their own.
pub(super) async fn copy_bytes(
    store: &EmbeddedStore,
    mut stream: BlobStream,
    algorithm: Option<Algorithm>,
) -> S3Result<Received> {
    let mut writer = BlobWriter::begin(store.blobs(), 0);
    let mut hasher = crate::digests::Hasher::new(algorithm);
    while let Some(chunk) = stream.next().await {
        // Its own chain is in the log already.
        let chunk = chunk.map_err(|_| s3_error!(InternalError))?;
        hasher.update(&chunk);
        writer.write(vec![chunk]).await.map_err(|error| blob_error(&error))?;
    }
    let blob = writer.finish().await.map_err(|error| blob_error(&error))?;
    Ok(Received { blob, digests: hasher.finish() })
}

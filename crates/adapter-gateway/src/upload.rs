//! Bodies on their way to the store.
//!
//! ```text
//! small, or of unknown length and short ── read whole, verified ── permit ── sent at once, signed with its hash
//! signed by the client with its hash ───── streamed, the last piece is held back ── verified ── permit ── last piece
//! any other ────────────────────────────── streamed in chunks, the last chunk and the trailer are held back, as above
//! ```
//!
//! In both streamed ways the store refuses what is cut off: the hash, or the trailer, is missing.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::stream;
use http::header::{HeaderName, HeaderValue};
use storage_hub_s3_backend::{CommitGuard, VerifiedBody};
use storage_hub_s3_client::{Answer, Body, ClientError, Request, Source};
use storage_hub_s3_protocol::body::ChunkEncoder;
use storage_hub_s3_protocol::checksum::{BodyDigests, Checksum, ChecksumAlgorithm};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::RequestTemplate;
use storage_hub_s3_protocol::signature::SignedPayload;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;

use crate::error::{refused, unanswered};
use crate::gateway::Gateway;

/// Maximum length of a body that is read whole before it is sent.
const SMALL: u64 = 64 * 1024;
/// Within this time of the permit the last piece must have left; otherwise the connection is cut.
const AFTER_PERMIT: Duration = Duration::from_secs(10);
/// How long the store may take to answer once it has the whole body.
const ANSWER: Duration = Duration::from_secs(60);

/// Where a body goes.
pub(crate) struct Target<'a> {
    pub(crate) template: RequestTemplate,
    /// The name of the bucket behind.
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
}

/// A piece of a body that is sent.
enum Piece {
    More(Bytes),
    /// The last one, which must leave before this moment.
    Last(Bytes, Instant),
}

/// How a streamed body is written.
enum Writer {
    /// As it is, signed with its hash.
    Plain { held: Bytes },
    /// In chunks, with its checksum as the trailer.
    Chunked(Box<ChunkEncoder>),
}

impl Gateway {
    /// Sends a body whose length is known, and returns the answer and the digests of what was sent.
    pub(crate) async fn upload(
        &self,
        target: Target<'_>,
        body: VerifiedBody,
        guard: &dyn CommitGuard,
    ) -> S3Result<(Answer, BodyDigests)> {
        match body.announced_length() {
            Some(length) if length > SMALL => self.stream(target, body, length, guard).await,
            _ => {
                let (bytes, digests) = read_whole(body, SMALL).await?;
                let answer = self.send_whole(target, bytes, digests.checksum.as_ref(), guard).await?;
                Ok((answer, digests))
            }
        }
    }

    /// Sends a body that was read whole and verified.
    pub(crate) async fn send_whole(
        &self,
        mut target: Target<'_>,
        bytes: Bytes,
        checksum: Option<&Checksum>,
        guard: &dyn CommitGuard,
    ) -> S3Result<Answer> {
        if let Some(checksum) = checksum {
            set_checksum(&mut target.template, checksum)?;
        }
        let mut request = Request::of(target.template, Some(target.bucket), Some(target.key)).with_body(bytes);
        request.timeout = Some(ANSWER.min(AFTER_PERMIT + self.timeout()));
        let _place = self.wait().await?;
        guard.permit().await?;
        let answer = self.client.send(request).await.map_err(unanswered)?;
        if answer.is_success() { Ok(answer) } else { Err(refused(&answer, target.bucket)) }
    }

    /// Sends a part of an upload of the gateway's own, which becomes visible only with its completion.
    pub(crate) async fn send_part(
        &self,
        mut target: Target<'_>,
        bytes: Bytes,
        checksum: Option<&Checksum>,
    ) -> S3Result<Answer> {
        if let Some(checksum) = checksum {
            set_checksum(&mut target.template, checksum)?;
        }
        let mut request = Request::of(target.template, Some(target.bucket), Some(target.key)).with_body(bytes);
        request.timeout = Some(ANSWER);
        let answer = self.client.send(request).await.map_err(unanswered)?;
        if answer.is_success() { Ok(answer) } else { Err(refused(&answer, target.bucket)) }
    }

    async fn stream(
        &self,
        mut target: Target<'_>,
        body: VerifiedBody,
        length: u64,
        guard: &dyn CommitGuard,
    ) -> S3Result<(Answer, BodyDigests)> {
        let probed = self.ready()?;
        let (writer, sent, payload) = match signed_hash(&body) {
            Some((hash, checksum)) => {
                if let Some(checksum) = checksum {
                    set_checksum(&mut target.template, &checksum)?;
                }
                (Writer::Plain { held: Bytes::new() }, length, SignedPayload::Sha256(hash))
            }
            None => {
                let algorithm = body.checksum_algorithm().or_else(|| probed.result.default_algorithm());
                let algorithm = algorithm.ok_or_else(|| {
                    let message = "The store behind this endpoint verifies no checksums, so that only bodies whose SHA-256 \
                                   is signed can be written.";
                    S3Error::with_message(ErrorCode::NotImplemented, message)
                })?;
                let encoder = ChunkEncoder::new(algorithm, length);
                announce(&mut target.template, &encoder)?;
                let sent = encoder.content_length();
                (Writer::Chunked(Box::new(encoder)), sent, SignedPayload::StreamingUnsignedTrailer)
            }
        };
        let (pieces, receiver) = channel(1);
        let mut request = Request::of(target.template, Some(target.bucket), Some(target.key));
        request.body = Body::stream(outgoing(receiver), sent, payload);
        let mut answering = Box::pin(self.client.open(request));
        let feeding = feed(writer, body, pieces, guard, self.timeout());
        let digests = tokio::select! {
            // What is wrong with the body counts more than that the store saw it break off.
            biased;
            fed = feeding => fed?,
            early = &mut answering => return Err(self.refused_early(early, target.bucket).await),
        };
        // The whole body has left. Dropping the future cuts the connection.
        let response = tokio::time::timeout(ANSWER.max(self.timeout()), async { answering.await?.read().await }).await;
        let answer = response.map_err(|_| late())?.map_err(unanswered)?;
        if answer.is_success() { Ok((answer, digests)) } else { Err(refused(&answer, target.bucket)) }
    }

    /// The error of an answer that came before the whole body was sent.
    async fn refused_early(
        &self,
        early: Result<storage_hub_s3_client::Response, ClientError>,
        bucket: &str,
    ) -> S3Error {
        let answer = match early {
            Err(error) => return unanswered(error),
            Ok(response) => tokio::time::timeout(self.timeout(), response.read()).await,
        };
        match answer {
            Ok(Ok(answer)) if !answer.is_success() => refused(&answer, bucket),
            Ok(Ok(_)) => {
                S3Error::new(ErrorCode::InternalError).caused_by("the store answered before the body had ended")
            }
            Ok(Err(error)) => unanswered(error),
            Err(_) => late(),
        }
    }
}

/// Reads a whole body, which is verified.
///
/// # Errors
/// What is wrong with it; `EntityTooLarge` over `max` bytes.
pub(crate) async fn read_whole(mut body: VerifiedBody, max: u64) -> S3Result<(Bytes, BodyDigests)> {
    let mut whole = BytesMut::new();
    while let Some(chunk) = body.chunk().await? {
        if (whole.len() as u64).saturating_add(chunk.len() as u64) > max {
            return Err(ErrorCode::EntityTooLarge.into());
        }
        whole.extend_from_slice(&chunk);
    }
    let digests = body.digests().cloned().ok_or(ErrorCode::InternalError)?;
    Ok((whole.freeze(), digests))
}

/// The hash that the client signed, and its checksum, if both are known before the body: then the store verifies the same
/// that the client signed.
fn signed_hash(body: &VerifiedBody) -> Option<([u8; 32], Option<Checksum>)> {
    let hash = body.signed_sha256()?;
    match (body.checksum_algorithm(), body.announced_checksum()) {
        (None, _) => Some((hash, None)),
        (Some(algorithm), Some(value)) => Some((hash, Some(Checksum::full_object(algorithm, value)))),
        (Some(_), None) => None,
    }
}

fn set_checksum(template: &mut RequestTemplate, checksum: &Checksum) -> S3Result<()> {
    set(template, checksum.algorithm.header_name(), &checksum.value)
}

fn announce(template: &mut RequestTemplate, encoder: &ChunkEncoder) -> S3Result<()> {
    let own = template.headers.get(http::header::CONTENT_ENCODING);
    let own = own.and_then(|value| value.to_str().ok()).map(str::to_owned);
    for (name, value) in encoder.headers(own.as_deref()) {
        set(template, name, &value)?;
    }
    Ok(())
}

fn set(template: &mut RequestTemplate, name: HeaderName, value: &str) -> S3Result<()> {
    let value =
        HeaderValue::from_str(value).map_err(|error| S3Error::new(ErrorCode::InternalError).caused_by(error))?;
    template.headers.insert(name, value);
    Ok(())
}

fn late() -> S3Error {
    S3Error::new(ErrorCode::ServiceUnavailable).caused_by("the store did not answer in time")
}

/// The pieces as they leave. The last one is an error when its time is over, which cuts the connection before the body ends.
fn outgoing(receiver: Receiver<Piece>) -> impl futures::Stream<Item = Result<Bytes, Source>> + Send + 'static {
    stream::unfold(receiver, |mut receiver| async move {
        let sent = match receiver.recv().await? {
            Piece::More(bytes) => Ok(bytes),
            Piece::Last(bytes, before) if Instant::now() <= before => Ok(bytes),
            Piece::Last(..) => Err("the store took the body too slowly".into()),
        };
        Some((sent, receiver))
    })
}

/// Reads and verifies a body and hands it on, and the last piece only once the write is permitted.
async fn feed(
    mut writer: Writer,
    mut body: VerifiedBody,
    pieces: Sender<Piece>,
    guard: &dyn CommitGuard,
    patience: Duration,
) -> S3Result<BodyDigests> {
    while let Some(chunk) = body.chunk().await? {
        for piece in writer.push(chunk)? {
            hand_on(&pieces, Piece::More(piece), patience).await?;
        }
    }
    let digests = body.digests().cloned().ok_or(ErrorCode::InternalError)?;
    let last = writer.finish()?;
    guard.permit().await?;
    let before = Instant::now() + AFTER_PERMIT;
    hand_on(&pieces, Piece::Last(last, before), AFTER_PERMIT).await?;
    // Wait until the last piece was taken: after that its own limit holds no longer.
    match tokio::time::timeout_at(before, pieces.reserve()).await {
        Err(_) => Err(late()),
        // Taken, or the connection is gone, which the answer tells.
        Ok(_) => Ok(digests),
    }
}

/// Hands a piece on, unless the store does not take it in time. A receiver that is gone is not an error here: the answer of
/// the store says why.
async fn hand_on(pieces: &Sender<Piece>, piece: Piece, patience: Duration) -> S3Result<()> {
    match tokio::time::timeout(patience, pieces.send(piece)).await {
        Err(_) => Err(late()),
        Ok(Ok(())) => Ok(()),
        // The request has ended: the answer decides.
        Ok(Err(_)) => std::future::pending().await,
    }
}

impl Writer {
    /// Takes verified-so-far bytes and returns what may leave.
    fn push(&mut self, chunk: Bytes) -> S3Result<Vec<Bytes>> {
        match self {
            Self::Plain { held } => {
                let free = std::mem::replace(held, chunk);
                Ok(if free.is_empty() { Vec::new() } else { vec![free] })
            }
            Self::Chunked(encoder) => encoder.push(chunk).map_err(wrong_length),
        }
    }

    /// What may leave once everything is verified and permitted.
    fn finish(self) -> S3Result<Bytes> {
        match self {
            Self::Plain { held } => Ok(held),
            Self::Chunked(encoder) => encoder.finish().map_err(wrong_length),
        }
    }
}

fn wrong_length(error: storage_hub_s3_protocol::body::WrongLength) -> S3Error {
    S3Error::new(ErrorCode::IncompleteBody).caused_by(error)
}

/// Refuses an algorithm whose checksums the store does not keep.
pub(crate) fn check_algorithm(known: &[ChecksumAlgorithm], wanted: Option<ChecksumAlgorithm>) -> S3Result<()> {
    match wanted {
        Some(algorithm) if !known.contains(&algorithm) => {
            let name = algorithm.name();
            let message = format!("Checksums by {name} are not implemented by the store behind this endpoint.");
            Err(S3Error::with_message(ErrorCode::NotImplemented, message))
        }
        _ => Ok(()),
    }
}

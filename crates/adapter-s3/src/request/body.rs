use std::net::IpAddr;

use hyper::body::{Body as _, Incoming};
use storage_hub_s3_backend::VerifiedBody;
use storage_hub_s3_protocol::body::{BodyVerifier, PayloadMode};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::head::RequestHead;
use storage_hub_s3_protocol::operation_name::OperationName;

use crate::endpoint::Endpoint;
use crate::places::Place;
use crate::received_body::{BodyProgress, BodyTime, ReceivedBody};

/// The body of a request, which is not asked for before it is read.
pub(crate) struct RequestBody {
    body: Incoming,
    progress: BodyProgress,
    client: IpAddr,
}

impl RequestBody {
    pub(crate) fn new(body: Incoming, progress: BodyProgress, client: IpAddr) -> Self {
        Self { body, progress, client }
    }

    /// Requires that there is none.
    pub(crate) fn expect_none(&self) -> S3Result<()> {
        if self.body.is_end_stream() { Ok(()) } else { Err(ErrorCode::UnexpectedContent.into()) }
    }

    /// The body as it arrives.
    pub(crate) fn received(self, endpoint: &Endpoint, time: BodyTime) -> ReceivedBody<Incoming> {
        ReceivedBody::new(self.body, self.progress, time, endpoint.limits())
    }

    /// A body that is streamed, and verified as it arrives.
    pub(crate) fn streamed(
        self,
        endpoint: &Endpoint,
        head: &RequestHead,
        payload: PayloadMode,
    ) -> S3Result<VerifiedBody> {
        let max = endpoint.backend.capabilities().max_body_bytes;
        let verifier = BodyVerifier::new(head, payload, max)?;
        Ok(VerifiedBody::new(self.received(endpoint, BodyTime::streamed(endpoint.limits())), verifier))
    }

    /// A body that is held in memory as a whole, verified, with its place.
    pub(crate) async fn document(
        self,
        endpoint: &Endpoint,
        head: &RequestHead,
        payload: PayloadMode,
        max: usize,
        name: OperationName,
    ) -> S3Result<(Vec<u8>, Place)> {
        let verifier = match name {
            OperationName::CompleteMultipartUpload => BodyVerifier::for_completion(head, payload, max)?,
            _ => BodyVerifier::for_document(head, payload, max)?,
        };
        let place = endpoint.buffered_place(self.client).await?;
        let received = self.received(endpoint, BodyTime::buffered(endpoint.limits()));
        let mut body = VerifiedBody::new(received, verifier);
        let mut document = Vec::new();
        while let Some(bytes) = body.chunk().await? {
            document.extend_from_slice(&bytes);
        }
        Ok((document, place))
    }
}

impl Endpoint {
    /// Waits for a place for a body that is held in memory as a whole.
    pub(super) async fn buffered_place(&self, client: IpAddr) -> S3Result<Place> {
        if let Some(place) = self.buffered.wait(client, self.limits().place_time).await {
            return Ok(place);
        }
        if let Some(refused) = self.crowded.count() {
            tracing::warn!(
                request.refused = refused,
                client.address = %client,
                "refused {refused} S3 requests, because too many request bodies were held in memory"
            );
        }
        Err(ErrorCode::SlowDown.into())
    }
}

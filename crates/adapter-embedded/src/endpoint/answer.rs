use std::net::IpAddr;
use std::time::Instant;

use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use hyper::body::Incoming;
use s3s::{Body, HttpError, HttpResponse, S3Error};
use storage_hub_core::domain::AccessKey;
use tracing::Instrument as _;
use tracing::field::Empty;
use uuid::Uuid;

use super::S3Endpoint;
use super::chunked_body::ChunkedBody;
use super::digested_body::DigestedBody;
use super::guarded_body::GuardedBody;
use super::payload::Chunks;
use super::refusals::{is_of_other_region, refuse_request};
use super::refused::{other_region, slow_down};
use super::visitor::Known;
use crate::operations::bare_etag;
use crate::store::now;

impl S3Endpoint {
    /// Answers a request that came from this address.
    pub(super) async fn answer(
        &self,
        request: http::Request<Incoming>,
        peer: IpAddr,
    ) -> Result<HttpResponse, HttpError> {
        let id = Uuid::new_v4().simple().to_string();
        // Without the query: in it are the signatures of presigned URLs.
        let span = tracing::info_span!(
            "s3",
            request_id = %id,
            method = %request.method(),
            path = request.uri().path(),
            otel.kind = self.traces.map(|_| "server"),
            otel.status_code = Empty,
            http.response.status_code = Empty,
        );
        if let Some(traces) = self.traces
            && let Some(parent) = request.headers().get("traceparent").and_then(|parent| parent.to_str().ok())
        {
            (traces.join)(&span, parent);
        }
        let (begun, known) = (Instant::now(), Known::default());
        let mut response = self.admit(request, peer, &known).instrument(span.clone()).await?;
        if let Some(traces) = self.traces {
            (traces.name)(&span, known.operation().unwrap_or("unknown"));
            span.record("http.response.status_code", response.status().as_u16());
            if response.status().is_server_error() {
                span.record("otel.status_code", "error");
            }
        }
        if let Some(observer) = &self.observer {
            observer.answered(known.operation(), response.status().as_u16(), begun.elapsed());
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-amz-request-id", id);
        }
        Ok(response)
    }

    /// Refuses what needs no look at the records, and whoever has signed wrongly too often.
    async fn admit(
        &self,
        request: http::Request<Incoming>,
        peer: IpAddr,
        known: &Known,
    ) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let credential = match refuse_request(&parts, now() / 1000) {
            Err(refusal) => return Ok(written(refusal.into())),
            Ok(None) => return self.decide(parts, body, known).await,
            Ok(Some(credential)) => credential,
        };
        if is_of_other_region(&parts, &credential, &self.region) {
            return Ok(other_region(&parts.method, &credential, &self.region));
        }
        let Some(guard) = &self.guard else { return self.decide(parts, body, known).await };
        let client = guard.client(peer, &parts.headers);
        // What cannot be anybody's key is not remembered: it may be as long as the head of a request.
        let access_key = AccessKey::parse(credential.access_key).map_or_else(|_| String::new(), |key| key.to_string());
        if let Err(seconds) = guard.admit(client, &access_key) {
            return Ok(written(slow_down(seconds)));
        }
        let response = self.decide(parts, body, known).await?;
        if known.was_signed_wrongly(response.status()) {
            guard.failed(client, &access_key);
        } else if known.was_signed_by(&access_key) {
            guard.succeeded(client, &access_key);
        }
        Ok(response)
    }

    async fn decide(&self, parts: Parts, body: Incoming, known: &Known) -> Result<HttpResponse, HttpError> {
        let is_head = parts.method == Method::HEAD;
        let body = GuardedBody::new(&parts.method, body, known);
        let body = match Chunks::of(&parts.headers) {
            Some(chunks) => Body::http_body_unsync(ChunkedBody::new(body, chunks, known)),
            None => match DigestedBody::take(&parts, body, known) {
                Ok(digested) => Body::http_body_unsync(digested),
                Err(body) => Body::http_body_unsync(body),
            },
        };
        let request = http::Request::from_parts(parts, body);
        let mut response = self.visitors.scope(known.clone(), self.service.call(request)).await?;
        if let Some(fault) = known.fault().filter(|_| !response.status().is_success()) {
            return Ok(written(fault.into()));
        }
        // s3s answers 200 to every HEAD, that of a range too.
        if is_head && response.status() == StatusCode::OK && response.headers().contains_key(header::CONTENT_RANGE) {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        if known.operation() == Some("GetObjectAttributes")
            && let Some(text) = response.body().bytes().and_then(|bytes| String::from_utf8(bytes.into()).ok())
        {
            *response.body_mut() = Body::from(bare_etag(&text));
        }
        Ok(response)
    }
}

fn written(refusal: S3Error) -> HttpResponse {
    refusal.to_http_response().unwrap_or_else(|_| HttpResponse::new(Body::empty()))
}

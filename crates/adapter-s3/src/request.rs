//! One request, from its head to its answer.

mod body;
mod form;

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use hyper::body::{Body as _, Incoming};
use storage_hub_core::domain::{AccessKey, BucketName};
use storage_hub_core::use_cases::s3::S3Access;
use storage_hub_s3_protocol::body::PayloadMode;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::head::RequestHead;
use storage_hub_s3_protocol::operation::Operation;
use storage_hub_s3_protocol::operation_name::OperationName;
use storage_hub_s3_protocol::signature::{Claim, SecretKey, Secrets, SignatureRules, unsigned_payload};
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use crate::access_log::Exchange;
use crate::answer_body::{AnswerBody, Content};
use crate::authorization::failed;
use crate::cors::CorsAnswer;
use crate::endpoint::Endpoint;
use crate::received_body::BodyProgress;
pub(crate) use body::RequestBody;

/// Connects an answer to its line in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
/// S3's second id. Support asks for both, so there is one.
const EXTENDED_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");
/// The header that names this server.
const SERVER: HeaderValue = HeaderValue::from_static("StorageHub");

/// A request whose sender is known. Nothing was decided about it yet.
pub(crate) struct Request {
    pub(crate) head: RequestHead,
    pub(crate) name: OperationName,
    /// Who has sent it, and the bucket that it addresses, in one snapshot of the records.
    pub(crate) access: Arc<S3Access>,
    pub(crate) payload: PayloadMode,
    pub(crate) body: RequestBody,
}

impl Endpoint {
    /// Answers a request that arrived from this address.
    pub(crate) async fn answer(&self, request: http::Request<Incoming>, peer: IpAddr) -> Response<AnswerBody> {
        let (parts, body) = request.into_parts();
        let mut exchange = self.begin(&parts, &body, peer);
        let span = self.span(&exchange, &parts);
        let mut cors = CorsAnswer::default();
        let outcome = self.process(&parts, body, &mut exchange, &mut cors).instrument(span.clone()).await;
        let (mut response, error) = match outcome {
            Ok(response) => (response, None),
            Err(error) => {
                exchange.log_failure(&error);
                (refusal(&error, &parts, &exchange), Some(error.code()))
            }
        };
        // A client that was promised `100 Continue` and sends no body: older botocore waits for it in the next answer of
        // the connection, and reads that one wrongly.
        let promised = parts.headers.contains_key(header::EXPECT) && exchange.received.received() == 0;
        let headers = response.headers_mut();
        if promised || !exchange.received.has_ended() {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Ok(id) = HeaderValue::from_str(&exchange.request_id) {
            headers.insert(REQUEST_ID, id.clone());
            headers.insert(EXTENDED_REQUEST_ID, id);
        }
        headers.insert(header::SERVER, SERVER);
        cors.write(headers);
        let status = response.status();
        let operation = match error {
            Some(ErrorCode::NotImplemented) => Some("other"),
            _ => exchange.operation.map(OperationName::as_str),
        };
        if let Some(observer) = &self.options.observer {
            observer.answered(operation, status.as_u16(), exchange.begun.elapsed());
        }
        if let Some(traces) = self.options.traces {
            (traces.name)(&span, operation.unwrap_or("unknown"));
            span.record("http.response.status_code", status.as_u16());
            if status.is_server_error() {
                span.record("otel.status_code", "error");
            }
        }
        let length = response.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        response.map(|content| AnswerBody::new(content, length, exchange.finish(status, error, span)))
    }

    fn begin(&self, parts: &Parts, body: &Incoming, peer: IpAddr) -> Exchange {
        let received = BodyProgress::default();
        if body.is_end_stream() {
            received.set_ended();
        }
        let client = match &self.options.guard {
            Some(guard) => guard.client(peer, &parts.headers),
            None => peer.to_canonical(),
        };
        Exchange {
            request_id: Uuid::new_v4().simple().to_string(),
            client,
            begun: Instant::now(),
            method: parts.method.clone(),
            operation: None,
            bucket: None,
            access_key: None,
            received,
        }
    }

    fn span(&self, exchange: &Exchange, parts: &Parts) -> Span {
        let span = tracing::info_span!(
            "request",
            request.id = exchange.request_id,
            otel.kind = self.options.traces.map(|_| "server"),
            otel.status_code = Empty,
            http.response.status_code = Empty,
        );
        if let Some(traces) = self.options.traces
            && let Some(parent) = parts.headers.get("traceparent").and_then(|parent| parent.to_str().ok())
        {
            (traces.join)(&span, parent);
        }
        span
    }

    async fn process(
        &self,
        parts: &Parts,
        body: Incoming,
        exchange: &mut Exchange,
        cors: &mut CorsAnswer,
    ) -> S3Result<Response<Content>> {
        if let Some(page) = self.find_page(parts).await {
            return Ok(page);
        }
        let head = RequestHead::parse(parts, &self.hosts)?;
        let bucket = addressed_bucket(&head)?;
        exchange.bucket = bucket.as_ref().map(|bucket| bucket.as_str().to_owned());
        if *head.method() == Method::OPTIONS {
            return self.answer_preflight(&head, bucket.as_ref(), cors).await;
        }
        cors.allow_console(&head, &self.options.console_origins);
        let name = OperationName::select(&head)?;
        exchange.operation = Some(name);
        let body = RequestBody::new(body, exchange.received.clone(), exchange.client);
        if name == OperationName::PostObject {
            return self.post_object(head, bucket, body, exchange, cors).await;
        }
        let (access, payload) = self.authenticate(&head, bucket.as_ref(), exchange).await?;
        cors.allow_by_rules(&head, &access);
        let operation = Operation::parse(&head)?;
        self.perform(Request { head, name, access, payload, body }, operation).await
    }

    /// Finds out who has sent a request, and verifies it.
    async fn authenticate(
        &self,
        head: &RequestHead,
        bucket: Option<&BucketName>,
        exchange: &mut Exchange,
    ) -> S3Result<(Arc<S3Access>, PayloadMode)> {
        let Some(claim) = Claim::read(head, &self.signature_rules())? else {
            let access = self.use_cases.authenticate(None, bucket).await.map_err(failed)?;
            return Ok((Arc::new(access), unsigned_payload(head)?));
        };
        if claim.security_token().is_some() {
            return Err(no_temporary_credentials());
        }
        let verify = |secrets: &OneSecret| claim.verify(head, secrets).map(|verified| verified.payload);
        self.verify(&claim.access_key, bucket, exchange, verify).await
    }

    /// Finds the user whose access key a request names, and has the signature verified with its secret key.
    async fn verify<T>(
        &self,
        access_key: &str,
        bucket: Option<&BucketName>,
        exchange: &mut Exchange,
        verify: impl FnOnce(&OneSecret) -> S3Result<T>,
    ) -> S3Result<(Arc<S3Access>, T)> {
        exchange.access_key = AccessKey::parse(access_key).ok();
        // What cannot be a key is not remembered, because it may be as long as the head of a request.
        let counted = exchange.access_key.as_ref().map_or("", AccessKey::as_str).to_owned();
        let guard = self.options.guard.as_deref();
        if let Some(Err(seconds)) = guard.map(|guard| guard.admit(exchange.client, &counted)) {
            let message = "Too many of your requests were signed wrongly. Reduce your request rate.";
            let error = S3Error::with_message(ErrorCode::SlowDown, message);
            return Err(error.with_header(header::RETRY_AFTER, HeaderValue::from(seconds)));
        }
        let access = self.use_cases.authenticate(Some(access_key), bucket).await.map_err(failed)?;
        let verified = match &access.caller {
            None => Err(ErrorCode::InvalidAccessKeyId.into()),
            Some(caller) => verify(&OneSecret {
                access_key: access_key.to_owned(),
                secret_key: SecretKey::new(caller.secret_key.expose()),
            }),
        };
        if let Some(guard) = guard {
            match &verified {
                Ok(_) => guard.succeeded(exchange.client, &counted),
                Err(error)
                    if matches!(error.code(), ErrorCode::InvalidAccessKeyId | ErrorCode::SignatureDoesNotMatch) =>
                {
                    guard.failed(exchange.client, &counted);
                }
                Err(_) => {}
            }
        }
        Ok((Arc::new(access), verified?))
    }

    fn signature_rules(&self) -> SignatureRules {
        SignatureRules { region: self.options.region.clone(), now: self.use_cases.now().seconds() }
    }
}

fn no_temporary_credentials() -> S3Error {
    S3Error::with_message(ErrorCode::InvalidToken, "Temporary credentials are not supported.")
}

/// The bucket that a request addresses.
fn addressed_bucket(head: &RequestHead) -> S3Result<Option<BucketName>> {
    let Some(bucket) = head.target().bucket() else { return Ok(None) };
    match BucketName::parse(bucket) {
        Ok(bucket) => Ok(Some(bucket)),
        // MinIO's own paths. Tools that administer MinIO are told that this is another server.
        Err(_) if bucket == "minio" => Err(S3Error::with_message(
            ErrorCode::AccessDenied,
            "Users, keys and policies are managed by the hub's own API, not by MinIO's.",
        )),
        Err(error) => {
            let error =
                S3Error::with_message(ErrorCode::InvalidBucketName, format!("The bucket name is invalid: {error}."));
            Err(error.with_element("BucketName", bucket))
        }
    }
}

/// The secret key of the one user that a request claims to be from.
pub(crate) struct OneSecret {
    access_key: String,
    secret_key: SecretKey,
}

impl Secrets for OneSecret {
    fn secret_of(&self, access_key: &str) -> Option<SecretKey> {
        (access_key == self.access_key).then(|| self.secret_key.clone())
    }
}

/// The answer that an error is sent as.
fn refusal(error: &S3Error, parts: &Parts, exchange: &Exchange) -> Response<Content> {
    let status = error.status();
    let has_document = parts.method != Method::HEAD && status != StatusCode::NOT_MODIFIED;
    let mut headers = HeaderMap::new();
    let document = if has_document {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        let id = &exchange.request_id;
        Bytes::from(error.to_document(parts.uri.path(), id, id))
    } else {
        Bytes::new()
    };
    for (name, value) in error.headers() {
        headers.insert(name, value.clone());
    }
    let mut response = Response::new(Content::Document(document));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

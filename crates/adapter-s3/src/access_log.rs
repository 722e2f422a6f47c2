//! One line per request, when its answer has left: what was done, by whom, and how it ended. Never headers, queries or
//! signatures.

use std::net::IpAddr;
use std::time::Duration;

use http::StatusCode;
use storage_hub_core::domain::AccessKey;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error};
use storage_hub_s3_protocol::operation_name::OperationName;
use tokio::time::Instant;
use tracing::Span;

use crate::received_body::BodyProgress;

/// The target of the lines, so that they can be switched off or kept apart.
pub const ACCESS_LOG_TARGET: &str = "storage_hub_s3::access";

/// What is found out about a request on its way.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) request_id: String,
    pub(crate) client: IpAddr,
    pub(crate) begun: Instant,
    pub(crate) method: http::Method,
    pub(crate) operation: Option<OperationName>,
    pub(crate) bucket: Option<String>,
    /// The access key that the request names, if it can be one.
    pub(crate) access_key: Option<AccessKey>,
    pub(crate) received: BodyProgress,
}

impl Exchange {
    /// The line that is to be written when the answer has left.
    pub(crate) fn finish(self, status: StatusCode, error: Option<ErrorCode>, span: Span) -> Finish {
        Finish { exchange: self, status, error, sent: 0, complete: false, span }
    }

    /// Logs the cause of a failure that the caller cannot fix.
    pub(crate) fn log_failure(&self, error: &S3Error) {
        let id = &self.request_id;
        if error.status().is_server_error() && std::error::Error::source(error).is_some() {
            tracing::error!(request.id = id, error = chain(error), "request {id} failed");
        }
    }
}

/// Writes the line of a request when it is dropped.
#[derive(Debug)]
pub(crate) struct Finish {
    exchange: Exchange,
    status: StatusCode,
    error: Option<ErrorCode>,
    sent: u64,
    complete: bool,
    span: Span,
}

impl Finish {
    /// Some bytes of the body are about to be sent.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.sent = self.sent.saturating_add(bytes.try_into().unwrap_or(u64::MAX));
    }

    /// Whether this many bytes of the body were sent.
    pub(crate) fn has_sent(&self, bytes: u64) -> bool {
        self.sent >= bytes
    }

    /// The body has ended.
    pub(crate) fn ended(&mut self) {
        self.complete = true;
    }

    /// The body ends early.
    pub(crate) fn broke_off(&mut self, error: &S3Error) {
        self.error = Some(error.code());
        self.exchange.log_failure(error);
    }
}

impl Drop for Finish {
    fn drop(&mut self) {
        let Self { exchange, status, error, sent, complete, span } = self;
        let _entered = span.enter();
        tracing::event!(
            target: ACCESS_LOG_TARGET,
            tracing::Level::INFO,
            request.id = exchange.request_id,
            client.address = %exchange.client,
            http.request.method = exchange.method.as_str(),
            s3.operation = exchange.operation.map(OperationName::as_str),
            bucket.name = exchange.bucket,
            http.response.status_code = status.as_u16(),
            s3.error_code = error.map(ErrorCode::name),
            s3.access_key = exchange.access_key.as_ref().map(AccessKey::as_str),
            bytes.received = exchange.received.received(),
            bytes.sent = *sent,
            answer.complete = *complete,
            duration_ms = milliseconds(exchange.begun.elapsed()),
            "answered an S3 request"
        );
    }
}

/// An error and all its sources on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// Milliseconds with two decimal places.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

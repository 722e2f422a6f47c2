use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use storage_hub_core::domain::UserId;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use crate::AppState;
use crate::error::ApiError;
use crate::openapi::operation_id;

/// What ties an answer to the lines of the log.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives every request an id and writes a line about it: which route, which answer, how long, for whom. Neither query
/// nor headers nor bodies are written down.
pub(crate) async fn observe<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let begun = Instant::now();
    let method = request.method().clone();
    let id = request.headers().get(&REQUEST_ID).filter(|id| is_sane(id)).cloned().unwrap_or_else(new_id);
    let text = id.to_str().unwrap_or_default().to_owned();
    let traces = request.app_data::<web::Data<AppState>>().and_then(|state| state.options().traces);
    let span = request_span(&text, traces.is_some());
    if let Some(traces) = traces
        && let Some(parent) = request.headers().get("traceparent").and_then(|parent| parent.to_str().ok())
    {
        (traces.join)(&span, parent);
    }
    let mut response = next.call(request).instrument(span.clone()).await?;

    let failure = response.response().error().and_then(Error::as_error::<ApiError>);
    let failure = failure.filter(|_| response.status().is_server_error()).map(ApiError::chain);
    let route = response.request().match_pattern();
    let user = response.request().extensions().get::<UserId>().map(ToString::to_string);
    let (status, duration_ms) = (response.status().as_u16(), begun.elapsed().as_secs_f64() * 1000.0);
    if let Some(error) = failure {
        tracing::error!(request_id = text, error, "a request failed");
    }
    let state = response.request().app_data::<web::Data<AppState>>();
    if let Some(observer) = state.and_then(|state| state.options().observer.as_ref()) {
        observer.answered(method.as_str(), route.as_deref(), response.status().as_u16(), begun.elapsed());
    }
    if matches!(route.as_deref(), Some("/health" | "/ready")) {
        tracing::debug!(request_id = text, %method, route, status, duration_ms, "answered");
    } else {
        tracing::info!(request_id = text, %method, route, status, duration_ms, user, "answered");
    }
    if let Some(traces) = traces {
        let operation = route.as_deref().and_then(|route| operation_id(method.as_str(), route));
        (traces.name)(&span, operation.unwrap_or("unknown"));
        describe(&span, &method, route.as_deref(), status);
    }
    response.headers_mut().insert(REQUEST_ID, id);
    Ok(response)
}

/// The span of a request; all but the id is for traces alone.
fn request_span(id: &str, traced: bool) -> Span {
    tracing::info_span!(
        "request",
        request_id = id,
        otel.kind = traced.then_some("server"),
        otel.status_code = Empty,
        http.request.method = Empty,
        http.route = Empty,
        http.response.status_code = Empty,
    )
}

/// Says in a trace what was asked for and what was answered.
fn describe(span: &Span, method: &Method, route: Option<&str>, status: u16) {
    span.record("http.request.method", method.as_str());
    span.record("http.response.status_code", status);
    if let Some(route) = route {
        span.record("http.route", route);
    }
    if status >= 500 {
        span.record("otel.status_code", "error");
    }
}

/// Whether an id that a client or a proxy sent can go into a log as it is.
fn is_sane(id: &HeaderValue) -> bool {
    let plain = id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    plain && (1..=64).contains(&id.len())
}

fn new_id() -> HeaderValue {
    let id = Uuid::new_v4().simple().to_string();
    HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

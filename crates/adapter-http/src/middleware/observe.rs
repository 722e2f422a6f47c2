use std::time::{Duration, Instant};

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
use crate::routes::{method_label, operation_id};

/// Connects a response to its lines in the log.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Path parameters that are secrets. Where a template has one, the template is logged instead of the path.
const SECRET_PARAMETERS: [&str; 2] = ["{token}", "{ticket}"];
/// Longest path in a log line, in bytes.
const MAX_LOGGED_PATH: usize = 300;

/// Gives every request an id, and logs one line about it: client address, path, status, user, duration. Queries, headers
/// and bodies are never logged.
pub(crate) async fn observe<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let method = request.method().clone();
    let id = request.headers().get(&REQUEST_ID).filter(|id| is_sane(id)).cloned().unwrap_or_else(new_id);
    let text = id.to_str().unwrap_or_default().to_owned();
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let traces = state.as_ref().and_then(|state| state.options().traces);
    let span = request_span(&text, traces.is_some());
    if let Some(traces) = traces
        && let Some(parent) = request.headers().get("traceparent").and_then(|parent| parent.to_str().ok())
    {
        (traces.join)(&span, parent);
    }
    let mut response = next.call(request).instrument(span.clone()).await?;

    let route = response.request().match_pattern();
    let status = response.status().as_u16();
    log(&response, state.as_ref(), &text, route.as_deref(), started.elapsed());
    if let Some(observer) = state.as_ref().and_then(|state| state.options().observer.as_ref()) {
        observer.answered(method_label(method.as_str()), route.as_deref(), status, started.elapsed());
    }
    if let Some(traces) = traces {
        let operation = route.as_deref().and_then(|route| operation_id(method.as_str(), route));
        (traces.name)(&span, operation.unwrap_or("unknown"));
        describe(&span, &method, route.as_deref(), status);
    }
    response.headers_mut().insert(REQUEST_ID, id);
    Ok(response)
}

fn log<B>(
    response: &ServiceResponse<B>,
    state: Option<&web::Data<AppState>>,
    id: &str,
    route: Option<&str>,
    duration: Duration,
) {
    let (request, status) = (response.request(), response.status());
    let failure = response.response().error().and_then(Error::as_error::<ApiError>);
    if let Some(failure) = failure.filter(|_| status.is_server_error()) {
        tracing::error!(request.id = id, error = failure.chain(), "request {id} failed");
    }
    let client = state.map(|state| state.client_of(request).to_string());
    let user = request.extensions().get::<UserId>().map(ToString::to_string);
    let path = logged_path(request.path(), route);
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                request.id = id,
                client.address = client,
                http.request.method = request.method().as_str(),
                http.route = route,
                url.path = path,
                http.response.status_code = status.as_u16(),
                user.id = user,
                duration_ms = milliseconds(duration),
                "answered a request"
            )
        };
    }
    // Probes arrive every few seconds and would hide the rest.
    if matches!(route, Some("/health" | "/ready")) { line!(debug) } else { line!(info) }
}

/// The path as it may be logged: as sent, or the template where the path has a secret.
fn logged_path<'a>(path: &'a str, route: Option<&'a str>) -> &'a str {
    match route {
        Some(template) if SECRET_PARAMETERS.iter().any(|secret| template.contains(secret)) => template,
        _ => path.get(..path.floor_char_boundary(MAX_LOGGED_PATH)).unwrap_or_default(),
    }
}

/// Milliseconds with two decimal places.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

/// The span of a request; every field but the id is for traces alone.
fn request_span(id: &str, traced: bool) -> Span {
    tracing::info_span!(
        "request",
        request.id = id,
        otel.kind = traced.then_some("server"),
        otel.status_code = Empty,
        http.request.method = Empty,
        http.route = Empty,
        http.response.status_code = Empty,
    )
}

/// Records request and response in the span of a trace.
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

/// Whether an id that a client or a proxy sent is safe to log unchanged.
fn is_sane(id: &HeaderValue) -> bool {
    let plain = id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    plain && (1..=64).contains(&id.len())
}

fn new_id() -> HeaderValue {
    let id = Uuid::new_v4().simple().to_string();
    HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_secret_is_logged_as_its_template() {
        let long = "/x".repeat(1000);
        assert_eq!(logged_path("/api/buckets/photos", Some("/api/buckets/{name}")), "/api/buckets/photos");
        assert_eq!(logged_path("/wp-login.php", None), "/wp-login.php");
        assert_eq!(logged_path("/l/secret", Some("/l/{token}")), "/l/{token}");
        assert_eq!(logged_path(&long, None).len(), MAX_LOGGED_PATH);
    }

    #[test]
    fn a_duration_has_two_decimal_places() {
        assert_eq!(milliseconds(Duration::from_nanos(212_349)).to_string(), "0.21");
        assert_eq!(milliseconds(Duration::from_micros(108_316)).to_string(), "108.32");
    }
}

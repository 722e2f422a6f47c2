use std::num::NonZero;
use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;
use std::time::Duration;

use tracing::Span;

use crate::{Proxies, RateLimits, RequestObserver};

/// The configuration of the API.
#[derive(Clone)]
pub struct HttpOptions {
    /// The origins whose pages may call the API from a browser (`https://app.example.com`); `*` permits every origin.
    /// Empty by default.
    pub allowed_origins: Vec<String>,
    /// Maximum size of a request body, in bytes.
    pub body_limit: usize,
    /// Whether `/docs/` is served. `/openapi.json` always is.
    pub docs: bool,
    /// Maximum number of connections per worker; further ones wait to be accepted.
    pub connections: usize,
    /// The proxies whose headers name the client.
    pub proxies: Proxies,
    /// Rate limits per account and per client address.
    pub rate_limits: RateLimits,
    /// Observer of every response.
    pub observer: Option<Arc<dyn RequestObserver>>,
    /// If set, the span of a request is named after its operation and joins the trace of the request's `traceparent`.
    pub traces: Option<TraceHooks>,
    /// Once set, the reason why the server must not get further requests: `/ready` answers 503 with it.
    pub unready: Arc<OnceLock<&'static str>>,
    /// If set, the API is served over HTTPS only.
    pub tls: Option<rustls::ServerConfig>,
    /// How long a request waits for its use case. A write goes on after that.
    pub time_limit: Duration,
    /// Number of threads that answer requests.
    pub workers: NonZero<usize>,
    /// How long requests in progress, and then their tasks, may take once the server is stopping.
    pub shutdown_limit: Duration,
    /// How long a client may take to read any part of an answer before its connection is ended. Has an effect on Linux.
    pub write_timeout: Duration,
}

/// Functions that connect the span of a request to a trace.
#[derive(Clone, Copy, Debug)]
pub struct TraceHooks {
    /// Joins a span to the trace of a `traceparent`. Called before anything runs in the span.
    pub join: fn(&Span, &str),
    /// Names a span after its operation.
    pub name: fn(&Span, &'static str),
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            body_limit: 16 * 1024,
            docs: true,
            connections: 16 * 1024,
            proxies: Proxies::default(),
            rate_limits: RateLimits::default(),
            observer: None,
            traces: None,
            unready: Arc::default(),
            tls: None,
            time_limit: Duration::from_millis(4500),
            workers: available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            shutdown_limit: Duration::from_secs(10),
            write_timeout: Duration::from_secs(60),
        }
    }
}

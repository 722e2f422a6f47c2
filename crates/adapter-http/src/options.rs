use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use tracing::Span;

use crate::{Proxies, RateLimits, RequestObserver};

/// What an operator may choose about the API.
#[derive(Clone)]
pub struct HttpOptions {
    /// The origins whose pages may call the API from a browser (`https://app.example.com`); `*` lets every origin.
    /// None unless named.
    pub allowed_origins: Vec<String>,
    /// The longest body of a request, in bytes.
    pub body_limit: usize,
    /// Whether `/docs/` shows the API to people. `/openapi.json` is there always.
    pub docs: bool,
    /// The most connections that one worker has at a time; others wait to be accepted.
    pub connections: usize,
    /// The proxies in front.
    pub proxies: Proxies,
    /// How much one may ask for.
    pub rate_limits: RateLimits,
    /// Who is told of every answer.
    pub observer: Option<Arc<dyn RequestObserver>>,
    /// With them, the span of a request is named after its operation, and part of the trace that the request's
    /// `traceparent` names.
    pub traces: Option<TraceHooks>,
    /// With it, HTTPS only.
    pub tls: Option<rustls::ServerConfig>,
    /// How long a request waits for what it asked for. What was begun goes on behind it.
    pub time_limit: Duration,
    /// How many threads answer requests.
    pub workers: NonZero<usize>,
    /// How long requests and the work behind them may still take once the server is to stop.
    pub shutdown_limit: Duration,
}

/// What makes the span of a request part of a trace.
#[derive(Clone, Copy, Debug)]
pub struct TraceHooks {
    /// Makes a span part of the trace that a `traceparent` names, before anything runs in it.
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
            tls: None,
            time_limit: Duration::from_millis(4500),
            workers: available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            shutdown_limit: Duration::from_secs(10),
        }
    }
}

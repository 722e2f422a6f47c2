use std::sync::Arc;
use std::time::Duration;

use tracing::Span;

/// What an operator may choose about the S3 endpoint.
#[derive(Clone, Default)]
pub struct S3Options {
    /// The region that clients sign for.
    pub region: String,
    /// The domain below which bucket names are host names (`<bucket>.<domain>`); by path they are addressed always.
    pub domain: Option<String>,
    /// Who is told of every answer.
    pub observer: Option<Arc<dyn S3Observer>>,
    /// With them, the span of a request is named after its operation, and part of the trace that the request's
    /// `traceparent` names.
    pub traces: Option<TraceHooks>,
}

/// What makes the span of a request part of a trace.
#[derive(Clone, Copy, Debug)]
pub struct TraceHooks {
    /// Makes a span part of the trace that a `traceparent` names, before anything runs in it.
    pub join: fn(&Span, &str),
    /// Names a span after its operation.
    pub name: fn(&Span, &'static str),
}

/// Is told of every answer of the S3 endpoint: for metrics.
pub trait S3Observer: Send + Sync {
    /// The head of an answer is about to leave. The operation is S3's name for it, `other` for those that are not there;
    /// `None` when the request was refused before it was known. Must not block.
    fn answered(&self, operation: Option<&'static str>, status: u16, took: Duration);
}

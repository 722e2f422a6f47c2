use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
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
    /// Who is asked before a signature is looked at, and told what came of it.
    pub guard: Option<Arc<dyn SignatureGuard>>,
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

/// Limits who signs wrongly.
pub trait SignatureGuard: Send + Sync {
    /// Who asks, by address: the other end of the connection, or for whom a proxy there says that it asks.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr;

    /// Whether a request of this access key may be looked at; else in how many seconds.
    ///
    /// # Errors
    /// So many seconds.
    fn admit(&self, client: IpAddr, access_key: &str) -> Result<(), u64>;

    /// A request was refused: nobody has the key, or the signature is wrong.
    fn failed(&self, client: IpAddr, access_key: &str);

    /// A signature was right.
    fn succeeded(&self, client: IpAddr, access_key: &str);
}

/// Is told of every answer of the S3 endpoint: for metrics.
pub trait S3Observer: Send + Sync {
    /// The head of an answer is about to leave. The operation is S3's name for it, `other` for those that are not there;
    /// `None` when the request was refused before it was known. Must not block.
    fn answered(&self, operation: Option<&'static str>, status: u16, took: Duration);
}

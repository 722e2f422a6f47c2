use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http::HeaderMap;
use tracing::Span;

/// What an operator configures about the S3 endpoint.
#[derive(Clone)]
pub struct S3Options {
    /// The region that clients sign for.
    pub region: String,
    /// The domain below which bucket names are host names (`<bucket>.<domain>`). Addressing by path always works.
    pub domain: Option<String>,
    /// Whether clients use HTTPS, here or at a proxy, for the URLs of objects in answers.
    pub tls: bool,
    /// The URL of the hub's console or API, to which the page for browsers links.
    pub hub_url: Option<String>,
    /// The origins of the hub's own pages, which may use every bucket from a browser.
    pub console_origins: Vec<String>,
    /// The limits.
    pub limits: S3Limits,
    /// Is told of every answer.
    pub observer: Option<Arc<dyn S3Observer>>,
    /// Knows the clients behind proxies, and limits wrong signatures.
    pub guard: Option<Arc<dyn SignatureGuard>>,
    /// With them, the span of a request is named after its operation, and part of the trace that the request's
    /// `traceparent` names.
    pub traces: Option<TraceHooks>,
    /// Tells whether the hub is ready, for `/minio/health/ready` and `/minio/health/cluster/read`. Without it, always.
    pub ready: Option<HealthCheck>,
    /// Tells whether objects can be written, which `/minio/health/cluster` requires too. Without it, always.
    pub writable: Option<HealthCheck>,
}

impl Default for S3Options {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            domain: None,
            tls: false,
            hub_url: None,
            console_origins: Vec::new(),
            limits: S3Limits::default(),
            observer: None,
            guard: None,
            traces: None,
            ready: None,
            writable: None,
        }
    }
}

/// A check that a request for `/minio/health/…` runs.
pub type HealthCheck = Arc<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// The limits of the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Limits {
    /// Maximum number of connections.
    pub connections: usize,
    /// Maximum number of connections of one client address (IPv6: of one /64 network). Trusted proxies are exempt.
    pub connections_per_address: usize,
    /// Maximum number of bodies that are held in memory as a whole at a time.
    pub buffered_bodies: usize,
    /// Maximum number of such bodies of one client address.
    pub buffered_bodies_per_address: usize,
    /// How long a client may take to send such a body.
    pub buffered_body_time: Duration,
    /// How long a request waits until such a body may be held.
    pub place_time: Duration,
    /// How long a client may pause within a body that is streamed, and within reading an answer.
    pub pause: Duration,
    /// How long a client may take to send a body that is streamed.
    pub upload_time: Duration,
    /// Minimum number of bytes that a client must send, or read, within [`rate_window`](Self::rate_window) of waiting for
    /// it.
    pub min_bytes_per_window: u64,
    /// The time over which the rate is measured.
    pub rate_window: Duration,
    /// How long a client may take to send the head of a request, and be idle between two requests.
    pub head_time: Duration,
    /// How long a client may take to agree on TLS.
    pub handshake_time: Duration,
    /// How often a running download is authorized again.
    pub reauthorize_interval: Duration,
    /// How long running requests may take to end after the shutdown has begun.
    pub drain_time: Duration,
}

impl Default for S3Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_address: 256,
            buffered_bodies: 64,
            buffered_bodies_per_address: 8,
            buffered_body_time: Duration::from_secs(30),
            place_time: Duration::from_secs(5),
            pause: Duration::from_secs(60),
            upload_time: Duration::from_secs(24 * 60 * 60),
            min_bytes_per_window: 300 * 1024,
            rate_window: Duration::from_secs(300),
            head_time: Duration::from_secs(30),
            handshake_time: Duration::from_secs(10),
            reauthorize_interval: Duration::from_secs(30),
            drain_time: Duration::from_secs(10),
        }
    }
}

/// Connects the span of a request to a trace.
#[derive(Clone, Copy, Debug)]
pub struct TraceHooks {
    /// Makes a span part of the trace that a `traceparent` names, before anything runs in it.
    pub join: fn(&Span, &str),
    /// Names a span after its operation.
    pub name: fn(&Span, &'static str),
}

/// Knows the clients behind proxies, and limits those that sign wrongly.
pub trait SignatureGuard: Send + Sync {
    /// The address of the client: the other end of the connection, or what a trusted proxy there names.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr;

    /// Whether this address is a trusted proxy, whose connections are those of many clients.
    fn is_proxy(&self, peer: IpAddr) -> bool;

    /// Whether a request of this access key may be processed.
    ///
    /// # Errors
    /// The number of seconds to wait.
    fn admit(&self, client: IpAddr, access_key: &str) -> Result<(), u64>;

    /// A request was refused because its access key does not exist, or its signature is wrong.
    fn failed(&self, client: IpAddr, access_key: &str);

    /// A signature was right.
    fn succeeded(&self, client: IpAddr, access_key: &str);
}

/// Is told of every answer of the S3 endpoint, for metrics.
pub trait S3Observer: Send + Sync {
    /// The head of an answer is about to be sent. The operation is S3's name for it, `other` for those that are not
    /// implemented; `None` if the request was refused before it was known. Must not block.
    fn answered(&self, operation: Option<&'static str>, status: u16, took: Duration);
}

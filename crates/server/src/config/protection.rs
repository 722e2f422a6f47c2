use std::net::SocketAddr;

use storage_hub_adapter_http::{ForwardedHeader, RateLimits, SignatureLimits};

/// Rate limits, counted by each process (0: unlimited).
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// Whether any limit applies.
    pub(crate) enabled: bool,
    /// Sign-ups per minute from one address.
    pub(crate) sign_ups_per_minute: u32,
    /// Logins per minute from one address, for any account.
    pub(crate) logins_per_minute: u32,
    /// Passwords per minute that one address tries on one account.
    pub(crate) attempts_per_minute: u32,
    /// Requests per second of one account.
    pub(crate) requests_per_second: u32,
    /// Requests per minute from one address to the embedded S3 endpoint whose signature is wrong.
    pub(crate) s3_failures_per_minute: u32,
    /// Such requests per minute for one access key from one address.
    pub(crate) s3_attempts_per_minute: u32,
    /// Maximum number of connections from one address to the S3 endpoint (0: unlimited). Trusted proxies are exempt.
    pub(crate) s3_connections_per_address: u32,
    /// Maximum number of request documents and forms that the S3 endpoint holds in memory (0: unlimited); from one address,
    /// an eighth of it.
    pub(crate) s3_buffered_bodies: u32,
    /// Maximum number of buckets of one account (0: unlimited).
    pub(crate) buckets_per_user: u32,
}

impl Default for Limits {
    fn default() -> Self {
        let usual = RateLimits::default();
        Self {
            enabled: true,
            sign_ups_per_minute: usual.sign_ups_per_minute,
            logins_per_minute: usual.logins_per_minute,
            attempts_per_minute: usual.attempts_per_minute,
            requests_per_second: usual.requests_per_second,
            s3_failures_per_minute: 300,
            s3_attempts_per_minute: 60,
            s3_connections_per_address: 256,
            s3_buffered_bodies: 64,
            buckets_per_user: 1_000,
        }
    }
}

impl Limits {
    /// The limits of the embedded S3 endpoint.
    pub(crate) fn signatures(&self) -> SignatureLimits {
        match self.enabled {
            true => SignatureLimits::new(self.s3_failures_per_minute, self.s3_attempts_per_minute),
            false => SignatureLimits::new(0, 0),
        }
    }

    /// The limits of the REST API.
    pub(crate) const fn rates(&self) -> RateLimits {
        if !self.enabled {
            return RateLimits::OFF;
        }
        RateLimits {
            sign_ups_per_minute: self.sign_ups_per_minute,
            logins_per_minute: self.logins_per_minute,
            attempts_per_minute: self.attempts_per_minute,
            requests_per_second: self.requests_per_second,
        }
    }
}

/// The header in which trusted proxies name the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ProxyHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded`.
    Forwarded,
}

impl From<ProxyHeader> for ForwardedHeader {
    fn from(header: ProxyHeader) -> Self {
        match header {
            ProxyHeader::XForwardedFor => Self::XForwardedFor,
            ProxyHeader::Forwarded => Self::Forwarded,
        }
    }
}

/// Export of traces.
#[derive(Clone, Debug)]
pub(crate) struct Traces {
    /// URL of a collector that accepts OTLP over HTTP, such as `http://127.0.0.1:4318`; absent: no traces.
    pub(crate) otlp_endpoint: Option<String>,
    /// Name of the hub in traces.
    pub(crate) service_name: String,
}

impl Default for Traces {
    fn default() -> Self {
        Self { otlp_endpoint: None, service_name: "storage-hub".to_owned() }
    }
}

/// Metrics for Prometheus.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    /// Address that serves `/metrics`; absent: nowhere. It is for the operator, so it is not the address of the API.
    pub(crate) listen: Option<SocketAddr>,
}

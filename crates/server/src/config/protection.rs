use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use storage_hub_adapter_http::{ForwardedHeader, RateLimits, SignatureLimits};

/// How much one may ask for; 0: as much as they like.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Whether anything is limited.
    pub(crate) enabled: bool,
    /// Sign-ups of one address in a minute.
    pub(crate) sign_ups_per_minute: u32,
    /// Logins of one address in a minute, whatever the account.
    pub(crate) logins_per_minute: u32,
    /// Passwords that one address tries on one account in a minute.
    pub(crate) attempts_per_minute: u32,
    /// Requests of one account in a second.
    pub(crate) requests_per_second: u32,
    /// Requests of one address to the embedded S3 endpoint that are signed wrongly, in a minute.
    pub(crate) s3_failures_per_minute: u32,
    /// Those of one access key from one address.
    pub(crate) s3_attempts_per_minute: u32,
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
        }
    }
}

impl Limits {
    /// What the embedded S3 endpoint keeps to.
    pub(crate) fn signatures(&self) -> SignatureLimits {
        match self.enabled {
            true => SignatureLimits::new(self.s3_failures_per_minute, self.s3_attempts_per_minute),
            false => SignatureLimits::new(0, 0),
        }
    }

    /// What the API keeps to.
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

/// The header in which the trusted proxies say for whom they ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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

/// Where traces go.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Traces {
    /// The collector, which takes OTLP by HTTP: `http://127.0.0.1:4318`; without it no traces are made.
    pub(crate) otlp_endpoint: Option<String>,
    /// What the hub is called in them.
    pub(crate) service_name: String,
}

impl Default for Traces {
    fn default() -> Self {
        Self { otlp_endpoint: None, service_name: "storage-hub".to_owned() }
    }
}

/// What is counted and timed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Metrics {
    /// Where `/metrics` is served; nowhere when not given. For the operator, so not where the API is.
    pub(crate) listen: Option<SocketAddr>,
}

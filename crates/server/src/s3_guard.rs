//! Rate limits of wrong signatures at the embedded S3 endpoint, with the same client addresses as the API's limits.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use storage_hub_adapter_http::{Proxies, SignatureLimits};
use storage_hub_adapter_s3::SignatureGuard;

/// Time between two removals of counters that are no longer needed.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(20);

/// The limits, and the proxies that name the client.
pub(crate) struct S3Guard {
    limits: SignatureLimits,
    proxies: Proxies,
}

impl S3Guard {
    /// Creates a guard and starts the task that removes old counters.
    pub(crate) fn start(limits: SignatureLimits, proxies: Proxies) -> Arc<Self> {
        let guard = Arc::new(Self { limits, proxies });
        let cleaned = guard.clone();
        tokio::spawn(async move {
            let mut interval = tokio::time::interval(CLEANUP_INTERVAL);
            loop {
                interval.tick().await;
                cleaned.limits.forget();
            }
        });
        guard
    }
}

impl SignatureGuard for S3Guard {
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if self.proxies.trusted.is_empty() {
            return peer.to_canonical();
        }
        let headers = headers.get_all(self.proxies.header_name()).iter();
        let headers: Vec<_> = headers.map(|value| value.to_str().unwrap_or("?")).collect();
        self.proxies.client(peer, &headers)
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.proxies.trusted.iter().any(|network| network.contains(&peer))
    }

    fn admit(&self, client: IpAddr, access_key: &str) -> Result<(), u64> {
        self.limits.admit(client, access_key)
    }

    fn failed(&self, client: IpAddr, access_key: &str) {
        self.limits.failed(client, access_key);
    }

    fn succeeded(&self, client: IpAddr, access_key: &str) {
        self.limits.succeeded(client, access_key);
    }
}

//! Metrics for Prometheus.
//!
//! [`Metrics::watch`] wraps the ports whose calls are timed. Values that are kept elsewhere, such as the state of
//! connection pools, are read when the metrics are requested.

mod lifecycle;
mod outbox;
mod read;
mod watched;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use storage_hub_adapter_embedded::LifecyclePass;
use storage_hub_adapter_http::RequestObserver;
use storage_hub_adapter_s3::S3Observer;
use storage_hub_core::context::{Enforcement, Ports};
use storage_hub_core::decision_metrics::Decisions;
use storage_hub_core::ports::{HashError, StoreError};
use tracing::Instrument as _;

use crate::wiring::records::Pools;
use lifecycle::LifecycleCounts;
use outbox::OutboxWatch;
use read::{CountedDecisions, WatchedPools};
use watched::Watched;

/// The content type of [`Metrics::render`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bounds of the histograms' buckets: 0.5 ms to 8 s, doubling.
const SECONDS: [f64; 15] =
    [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

type Times<L> = Family<L, Histogram, fn() -> Histogram>;

/// All metrics of this process.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Times<RequestLabels>,
    s3_requests: Times<S3Labels>,
    store_calls: Times<StoreLabels>,
    hashes: Times<HashLabels>,
    hashes_waiting: Gauge,
    throttled: Counter,
    outbox: OutboxWatch,
    lifecycle: LifecycleCounts,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct S3Labels {
    operation: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StoreLabels {
    call: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct HashLabels {
    outcome: &'static str,
}

impl Metrics {
    /// Registers all metrics, at zero.
    pub(crate) fn new(decisions: Arc<Decisions>, pools: Pools) -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("storage_hub"),
            requests: times(),
            s3_requests: times(),
            store_calls: times(),
            hashes: times(),
            hashes_waiting: Gauge::default(),
            throttled: Counter::default(),
            outbox: OutboxWatch::default(),
            lifecycle: LifecycleCounts::default(),
        };
        let Self { registry, requests, s3_requests, store_calls, hashes, hashes_waiting, throttled, outbox, lifecycle } =
            &mut metrics;
        registry.register("http_request_seconds", "Responses of the API by route and status", requests.clone());
        let help = "Responses of the embedded S3 endpoint by operation and status class, up to their headers";
        registry.register("s3_request_seconds", help, s3_requests.clone());
        registry.register("http_throttled", "Requests of the API that were answered 429", throttled.clone());
        registry.register("store_call_seconds", "Calls to the object store by outcome", store_calls.clone());
        registry.register(
            "password_hash_seconds",
            "Password hashes computed or verified, including the time in the queue",
            hashes.clone(),
        );
        registry.register(
            "password_hashes_waiting",
            "Password hashes in the queue or in progress",
            hashes_waiting.clone(),
        );
        outbox.register(registry);
        lifecycle.register(registry);
        registry.register_collector(Box::new(CountedDecisions(decisions)));
        registry.register_collector(Box::new(WatchedPools(pools)));
        metrics
    }

    /// Wraps the ports so that their calls are counted and timed.
    pub(crate) fn watch(self: &Arc<Self>, ports: Ports) -> Ports {
        let enforcement = match ports.enforcement {
            Enforcement::InProcess => Enforcement::InProcess,
            Enforcement::Policies(principals) => {
                Enforcement::Policies(Arc::new(Watched { port: principals, metrics: self.clone() }))
            }
        };
        Ports {
            store: Arc::new(Watched { port: ports.store, metrics: self.clone() }),
            passwords: Arc::new(Watched { port: ports.passwords, metrics: self.clone() }),
            enforcement,
            ..ports
        }
    }

    /// Counts a pass of the lifecycle rules; `None`: it failed.
    pub(crate) fn lifecycle_passed(&self, pass: Option<&LifecyclePass>, took: Duration) {
        self.lifecycle.passed(pass, took);
    }

    /// The metrics as text.
    pub(crate) fn render(self: Arc<Self>, ports: Ports) -> Pin<Box<dyn Future<Output = String> + Send>> {
        Box::pin(async move {
            self.outbox.refresh(&ports).await;
            let mut text = String::new();
            if encode(&mut text, &self.registry).is_err() {
                tracing::error!("could not encode the metrics");
            }
            text
        })
    }

    async fn time_store<T>(
        &self,
        call: &'static str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let result = work.instrument(tracing::debug_span!("store_call", call)).await;
        let outcome = match &result {
            Ok(_) => "ok",
            Err(StoreError::Unavailable(_)) => "unavailable",
            Err(StoreError::AccessDenied(_) | StoreError::Unexpected(_)) => "failed",
            Err(StoreError::NotFound | StoreError::AlreadyOwned | StoreError::NotEmpty | StoreError::Refused(_)) => {
                "refused"
            }
        };
        observe(&self.store_calls, &StoreLabels { call, outcome }, begun.elapsed());
        result
    }

    async fn time_hash<T>(&self, work: impl Future<Output = Result<T, HashError>>) -> Result<T, HashError> {
        let begun = Instant::now();
        let waiting = Waiting::begin(&self.hashes_waiting);
        let result = work.instrument(tracing::debug_span!("password_hash")).await;
        drop(waiting);
        let outcome = match &result {
            Ok(_) => "ok",
            Err(HashError::Overloaded) => "overloaded",
            Err(HashError::Unexpected(_)) => "failed",
        };
        observe(&self.hashes, &HashLabels { outcome }, begun.elapsed());
        result
    }
}

impl RequestObserver for Metrics {
    fn answered(&self, method: &'static str, route: Option<&str>, status: u16, took: Duration) {
        let route = route.unwrap_or("none").to_owned();
        observe(&self.requests, &RequestLabels { method, route, status }, took);
        if status == 429 {
            self.throttled.inc();
        }
    }
}

impl S3Observer for Metrics {
    fn answered(&self, operation: Option<&'static str>, status: u16, took: Duration) {
        let status = match status {
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500..600 => "5xx",
            _ => "other",
        };
        observe(&self.s3_requests, &S3Labels { operation: operation.unwrap_or("none"), status }, took);
    }
}

/// Counted while it exists, so that a caller that stops waiting is no longer counted.
struct Waiting<'a>(&'a Gauge);

impl<'a> Waiting<'a> {
    fn begin(gauge: &'a Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn times<L: Clone + std::hash::Hash + Eq>() -> Times<L> {
    Family::new_with_constructor(|| Histogram::new(SECONDS))
}

fn observe<L: Clone + std::hash::Hash + Eq>(times: &Times<L>, labels: &L, took: Duration) {
    times.get_or_create(labels).observe(took.as_secs_f64());
}

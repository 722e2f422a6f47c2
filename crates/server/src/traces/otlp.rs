use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{TraceContextExt as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;
use url::Url;

use crate::config;

/// How long the collector may take over what is sent.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long the end waits for what was not sent yet.
const LAST_PATIENCE: Duration = Duration::from_secs(3);

/// Sends spans to a collector, from a thread of its own: a collector that is slow or away costs spans, never a request.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Prepares sending; `None` where nothing is configured. The collector is not asked for anything yet.
    ///
    /// # Errors
    /// When the endpoint is no URL, or no client for it can be made.
    pub(crate) fn open(config: &config::Traces) -> anyhow::Result<Option<Self>> {
        let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
        let endpoint = traces_url(endpoint).context("traces.otlp_endpoint does not fit")?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(&endpoint)?)
            .with_endpoint(endpoint)
            .with_timeout(PATIENCE)
            .build()
            .context("traces.otlp_endpoint cannot be used")?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(config.service_name.clone()).with_attribute(version);
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
        Ok(Some(Self { provider }))
    }

    /// Takes the hub's own spans, whatever the level of the log. Neither the log's lines nor what libraries say is sent.
    pub(crate) fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(&self) -> impl Layer<S> + use<S> {
        let spans = filter_fn(|metadata| {
            metadata.is_span() && *metadata.level() <= Level::DEBUG && metadata.target().starts_with("storage_hub")
        });
        let layer = tracing_opentelemetry::layer().with_tracer(self.provider.tracer("storage-hub"));
        layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_filter(spans)
    }

    /// Makes a span part of the trace that the `traceparent` of its request names.
    pub(crate) fn join(span: &Span, traceparent: &str) {
        let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
        if parent.span().span_context().is_valid() {
            // It fails for a span that is not recorded, which then is part of no trace.
            let _ = span.set_parent(parent);
        }
    }

    /// Names a span after its operation, which is known when it has begun long since.
    pub(crate) fn name(span: &Span, operation: &'static str) {
        span.context().span().update_name(operation);
    }

    /// Sends what is left, and ends.
    pub(crate) async fn finish(self) {
        let ended = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(LAST_PATIENCE)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the collector did not take the last traces in time");
        }
    }
}

/// Where a collector takes traces: at the path that is given, or at the usual one.
fn traces_url(endpoint: &str) -> anyhow::Result<String> {
    let mut url: Url = endpoint.parse().with_context(|| format!("{endpoint:?} is no URL"))?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), "{endpoint:?} has to begin with http:// or https://");
    if url.path() == "/" {
        url.set_path("/v1/traces");
    }
    Ok(url.into())
}

/// Sends by the HTTP client that the rest of the hub has, on the main runtime.
#[derive(Debug)]
struct Sender {
    http: reqwest::Client,
    runtime: Handle,
    /// Whether it was told that the collector is away.
    away: Arc<AtomicBool>,
}

impl Sender {
    fn new(endpoint: &str) -> anyhow::Result<Self> {
        // The first who installs a provider wins; all of the hub's are ring's.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder().connect_timeout(PATIENCE).timeout(PATIENCE).no_proxy();
        if endpoint.starts_with("http://") {
            // Without TLS the system's authorities are neither read nor missed.
            http = http.tls_certs_only([]);
        }
        let http = http.build().context("no HTTP client can be made")?;
        Ok(Self { http, runtime: Handle::try_current()?, away: Arc::default() })
    }

    /// Says once that the collector is away, and once that it is back.
    fn tell(&self, outcome: &Result<Response<Bytes>, HttpError>) {
        match outcome {
            Ok(answer) if answer.status().is_success() => {
                if self.away.swap(false, Ordering::Relaxed) {
                    tracing::info!("the collector takes traces again");
                }
            }
            _ if self.away.swap(true, Ordering::Relaxed) => {}
            Ok(answer) => tracing::warn!(status = answer.status().as_u16(), "the collector refuses traces"),
            Err(error) => tracing::warn!(%error, "the collector of traces does not answer; they are dropped"),
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        // Who sends is a thread without a runtime.
        let sending = self.runtime.spawn(async move {
            let answer = http.execute(request.try_into()?).await?;
            let status = answer.status();
            // Of what it says nothing is read: the status is all that counts.
            Ok::<_, HttpError>(http::Response::builder().status(status).body(Bytes::new())?)
        });
        let outcome = sending.await.unwrap_or_else(|error| Err(error.into()));
        self.tell(&outcome);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_named_by_its_address_or_by_the_whole_path() {
        assert_eq!(traces_url("http://127.0.0.1:4318").unwrap(), "http://127.0.0.1:4318/v1/traces");
        assert_eq!(traces_url("https://otlp.example.com/in/traces").unwrap(), "https://otlp.example.com/in/traces");
        for wrong in ["127.0.0.1:4318", "grpc://127.0.0.1:4317", ""] {
            assert!(traces_url(wrong).is_err(), "{wrong}");
        }
    }
}

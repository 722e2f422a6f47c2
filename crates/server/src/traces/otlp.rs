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

/// Time limit of a request to the collector.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(4);
/// Time limit of the last export when the process stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// Sends spans to a collector from a thread of its own: a slow or unreachable collector costs spans, never a request.
pub(crate) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Prepares the export; `None` when none is configured. Does not connect to the collector yet.
    ///
    /// # Errors
    /// When the endpoint is not a URL, or no client for it can be created.
    pub(crate) fn open(config: &config::Traces) -> anyhow::Result<Option<Self>> {
        let Some(endpoint) = &config.otlp_endpoint else { return Ok(None) };
        let endpoint = traces_url(endpoint).context("traces.otlp_endpoint is invalid")?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(&endpoint)?)
            .with_endpoint(endpoint)
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .context("traces.otlp_endpoint cannot be used")?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(config.service_name.clone()).with_attribute(version);
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
        Ok(Some(Self { provider }))
    }

    /// Exports the hub's own spans, whatever the level of the log. Log lines and the spans of libraries are not sent.
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
            // Fails for a span that is not recorded, and that is not part of any trace.
            let _ = span.set_parent(parent);
        }
    }

    /// Names a span after its operation, which is known only after the span has begun.
    pub(crate) fn name(span: &Span, operation: &'static str) {
        span.context().span().update_name(operation);
    }

    /// Exports the remaining spans and stops.
    pub(crate) async fn finish(self) {
        let ended = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("could not send the last traces in time");
        }
    }
}

/// The URL that traces are sent to: the given one, with the standard path if it has none.
fn traces_url(endpoint: &str) -> anyhow::Result<String> {
    let mut url: Url = endpoint.parse().with_context(|| format!("`{endpoint}` is not a URL"))?;
    anyhow::ensure!(matches!(url.scheme(), "http" | "https"), "`{endpoint}` must begin with http:// or https://");
    if url.path() == "/" {
        url.set_path("/v1/traces");
    }
    Ok(url.into())
}

/// Sends requests on the main runtime, with the HTTP client that the rest of the hub uses.
#[derive(Debug)]
struct Sender {
    http: reqwest::Client,
    runtime: Handle,
    /// Whether a warning that the collector is unreachable was logged.
    unreachable: Arc<AtomicBool>,
}

impl Sender {
    fn new(endpoint: &str) -> anyhow::Result<Self> {
        // Fails when a provider was installed before; it is always ring's.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder().connect_timeout(EXPORT_TIMEOUT).timeout(EXPORT_TIMEOUT).no_proxy();
        if endpoint.starts_with("http://") {
            // Without TLS the system's certificate authorities need not be read.
            http = http.tls_certs_only([]);
        }
        let http = http.build().context("could not create an HTTP client")?;
        Ok(Self { http, runtime: Handle::try_current()?, unreachable: Arc::default() })
    }

    /// Logs once that the collector is unreachable, and once that it is back.
    fn log(&self, outcome: &Result<Response<Bytes>, HttpError>) {
        match outcome {
            Ok(answer) if answer.status().is_success() => {
                if self.unreachable.swap(false, Ordering::Relaxed) {
                    tracing::info!("the collector accepts traces again");
                }
            }
            _ if self.unreachable.swap(true, Ordering::Relaxed) => {}
            Ok(answer) => tracing::warn!(http.status = answer.status().as_u16(), "the collector refused traces"),
            Err(error) => tracing::warn!(%error, "could not reach the collector; traces are dropped"),
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        // The exporter's thread has no runtime.
        let sending = self.runtime.spawn(async move {
            let answer = http.execute(request.try_into()?).await?;
            let status = answer.status();
            // The body is not read: only the status matters.
            Ok::<_, HttpError>(http::Response::builder().status(status).body(Bytes::new())?)
        });
        let outcome = sending.await.unwrap_or_else(|error| Err(error.into()));
        self.log(&outcome);
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

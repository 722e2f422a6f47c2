//! `serve`: starts the listeners, the adapters and the background tasks, and stops them in order.

mod banner;
mod first_admin;
mod signals;
mod store_tasks;

use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use storage_hub_adapter_embedded::{EmbeddedS3Backend, EmbeddedStore};
use storage_hub_adapter_gateway::GatewayS3Backend;
use storage_hub_adapter_http::{HttpOptions, Proxies, RequestObserver};
use storage_hub_adapter_s3::{HealthCheck, S3Endpoint, S3Observer, S3Options};
use storage_hub_core::context::Ports;
use storage_hub_core::use_cases::reconcile;
use storage_hub_core::use_cases::s3::S3UseCases;
use storage_hub_s3_backend::S3Backend;
use tokio::sync::watch;

use crate::config::{Config, Loaded};
use crate::metrics::{CONTENT_TYPE, Metrics};
use crate::runtime::{self, OwnRuntime};
use crate::s3_guard::S3Guard;
use crate::supervision::{self, Ending};
use crate::tls::{Certificate, Certificates};
use crate::traces::Traces;
use crate::wiring::{Assembled, Purpose, assemble};
use crate::{logging, name_reservation, open_files, store_probe};
use banner::{Addresses, announce};
use first_admin::create_first_admin;
use signals::Signals;

/// Serves until a signal stops the process.
pub(crate) async fn run(loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let mut config = loaded.config.clone();
    let traces = Traces::open(&config.traces)?;
    logging::start(&config.log, traces.as_ref())?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    open_files::raise_limit();
    // Listen first, so that a start on a busy port creates nothing.
    let api = listen(config.api.listen, "api.listen")?;
    config.api.listen = api.local_addr()?;
    let s3 = match config.store.kind.serves_s3() {
        true => Some(listen(config.s3.listen, "s3.listen")?),
        false => None,
    };
    let metrics = match config.metrics.listen {
        Some(address) => Some(listen(address, "metrics.listen")?),
        None => None,
    };
    let certificates = Certificates::open(&config)?;
    if let Some(s3) = &s3 {
        config.s3.listen = s3.local_addr()?;
    }
    let hub = assemble(&config, Purpose::Serve).await?;
    let (ending, (stop, stopped)) = (Ending::default(), watch::channel(false));
    let ended = supervision::watch(&config, hub.claim.clone(), hub.schema.clone(), &ending, &stop);
    let (channel, listeners) = ((stop.clone(), stopped), Listeners { api, s3, metrics });
    let serving = serve(&config, listeners, certificates, traces.as_ref(), hub, &ending, channel);
    let code = tokio::select! {
        // What is still under way then is cut off.
        reason = ended => Err(reason),
        code = serving => ending.reason().map_or(code, Err),
    };
    if let Some(traces) = traces {
        traces.finish().await;
    }
    code
}

/// The sockets that the server accepts connections on.
struct Listeners {
    api: TcpListener,
    s3: Option<TcpListener>,
    metrics: Option<TcpListener>,
}

async fn serve(
    config: &Config,
    listeners: Listeners,
    certificates: Certificates,
    traces: Option<&Traces>,
    hub: Assembled,
    ending: &Ending,
    (stop, stopped): (watch::Sender<bool>, watch::Receiver<bool>),
) -> anyhow::Result<ExitCode> {
    let Assembled { ports, embedded, gateway, pools, key_fingerprint, summary, .. } = hub;
    tracing::info!(
        vault_key.fingerprint = key_fingerprint,
        "starting with the vault key {key_fingerprint}, which must be the same for all replicas"
    );
    let Listeners { api, s3, metrics } = listeners;
    // The wrappers that time calls also create the spans of traces.
    let counted =
        (metrics.is_some() || traces.is_some()).then(|| Arc::new(Metrics::new(ports.decisions.clone(), pools)));
    let ports = counted.iter().fold(ports, |ports, counted| counted.watch(ports));
    name_reservation::read(&ports).await?;
    if reconcile::render_policies(&ports).await? {
        tracing::info!("enqueued every principal and policy, because this version renders policies differently");
    }
    certificates.follow();
    let admin = create_first_admin(config, &ports).await?;
    stop_at_signals(stop)?;
    let reconciler = tokio::spawn(reconcile_until(stopped.clone(), ports.clone(), config.clone()));
    let s3_address = s3.as_ref().map(TcpListener::local_addr).transpose()?;
    let metrics_address = metrics.as_ref().map(TcpListener::local_addr).transpose()?;
    let backend: Option<(Arc<dyn S3Backend>, HealthCheck)> = match (embedded, gateway) {
        (Some(store), _) => {
            let recovering = store.clone();
            tokio::spawn(async move { recovering.recover().await });
            tokio::spawn(store_tasks::expire_uploads(
                store.clone(),
                Duration::from_secs(config.s3.upload_expiry_seconds),
            ));
            let lifecycle = Duration::from_secs(config.s3.lifecycle_interval_seconds);
            tokio::spawn(store_tasks::apply_lifecycle(store.clone(), ports.clock.clone(), lifecycle, counted.clone()));
            let writable = writability(&store);
            Some((Arc::new(EmbeddedS3Backend::new(store)), writable))
        }
        (None, Some(gateway)) => {
            store_probe::follow(ports.clone(), gateway.clone(), stopped.clone()).await;
            // Without a result of the probe, the backend refuses writes.
            let probed = gateway.clone();
            let writable: HealthCheck = Arc::new(move || {
                let is_known = probed.probe_result().is_some();
                Box::pin(async move { is_known })
            });
            Some((Arc::new(GatewayS3Backend::new(gateway)), writable))
        }
        (None, None) => None,
    };
    let s3 = match (s3, backend) {
        (Some(listener), Some((backend, writable))) => {
            let tls = certificates.s3.as_ref().map(Certificate::server_config).transpose()?;
            let options = S3Options {
                observer: counted.clone().map(|counted| counted as Arc<dyn S3Observer>),
                guard: Some(S3Guard::start(config.limits.signatures(), proxies(config))),
                traces: traces.map(|_| storage_hub_adapter_s3::TraceHooks { join: Traces::join, name: Traces::name }),
                ready: Some(readiness(&ports)),
                writable: Some(writable),
                ..config.s3_options()
            };
            // A runtime of its own, because hashing bodies would delay the API's requests on the main one.
            let runtime = OwnRuntime::start("s3").context("the threads of the S3 endpoint cannot be started")?;
            let use_cases = S3UseCases::new(ports.clone());
            // Use cases that write run on the main one, so that a client that hangs up never cuts one in half.
            let endpoint = S3Endpoint::new(use_cases, backend, options, tokio::runtime::Handle::current())?;
            let stopped = until(stopped.clone());
            Some((runtime.spawn(async move { endpoint.serve(listener, tls, stopped).await }), runtime))
        }
        _ => None,
    };
    let addresses = Addresses { api: api.local_addr()?, s3: s3_address, metrics: metrics_address };
    announce(config, &addresses, &summary, admin.as_ref())?;
    if let (Some(listener), Some(counted)) = (metrics, counted.clone()) {
        serve_metrics(listener, counted, &ports, stopped.clone());
    }
    let options = HttpOptions {
        observer: counted.map(|counted| counted as Arc<dyn RequestObserver>),
        traces: traces.map(|_| storage_hub_adapter_http::TraceHooks { join: Traces::join, name: Traces::name }),
        tls: certificates.api.as_ref().map(Certificate::server_config).transpose()?,
        unready: ending.unready.clone(),
        ..http_options(config)
    };
    let runtime = tokio::runtime::Handle::current();
    let served = storage_hub_adapter_http::serve(api, ports, options, runtime, until(stopped.clone())).await;
    served.context("the API cannot be served")?;
    if let Some((serving, _runtime)) = s3 {
        serving.await.context("the S3 endpoint failed")??;
    }
    reconciler.abort();
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn listen(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address);
    listener.with_context(|| format!("{key}: cannot listen on {address}; stop what uses it, or choose another address"))
}

fn http_options(config: &Config) -> HttpOptions {
    let usual = HttpOptions::default();
    HttpOptions {
        allowed_origins: config.api.cors_origins.clone(),
        docs: config.api.docs,
        proxies: proxies(config),
        rate_limits: config.limits.rates(),
        workers: NonZeroUsize::new(config.api.workers).unwrap_or(usual.workers),
        ..usual
    }
}

fn proxies(config: &Config) -> Proxies {
    Proxies { trusted: config.api.trusted_proxies.clone(), header: config.api.proxy_header.into() }
}

/// What the health checks of the S3 endpoint ask.
fn readiness(ports: &Ports) -> HealthCheck {
    let ports = ports.clone();
    Arc::new(move || {
        let ports = ports.clone();
        Box::pin(async move { ports.directory.ping().await.is_ok() && ports.store.ping().await.is_ok() })
    })
}

/// Whether objects can be written: a full disk leaves a store that is only read.
fn writability(store: &EmbeddedStore) -> HealthCheck {
    let store = store.clone();
    Arc::new(move || {
        let store = store.clone();
        Box::pin(async move { store.has_room().await })
    })
}

fn serve_metrics(listener: TcpListener, metrics: Arc<Metrics>, ports: &Ports, stopped: watch::Receiver<bool>) {
    let ports = ports.clone();
    let render = Arc::new(move || metrics.clone().render(ports.clone()));
    tokio::spawn(async move {
        let served = storage_hub_adapter_http::serve_metrics(listener, CONTENT_TYPE, render, until(stopped)).await;
        if let Err(error) = served {
            tracing::error!(%error, "the metrics server stopped");
        }
    });
}

async fn reconcile_until(stopped: watch::Receiver<bool>, ports: Ports, config: Config) {
    let mut interval = tokio::time::interval(Duration::from_secs(config.reconcile.interval_seconds));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !*stopped.borrow() {
        interval.tick().await;
        match reconcile::run_due(&ports).await {
            Ok(pass) if pass.done + pass.failed > 0 => {
                tracing::info!(
                    task.done = pass.done,
                    task.failed = pass.failed,
                    "the reconciler applied {} pending tasks; {} failed",
                    pass.done,
                    pass.failed
                );
            }
            Ok(_) => {}
            Err(error) => {
                let error = anyhow::Error::from(error);
                tracing::warn!(error = format!("{error:#}"), "the reconciler could not read pending tasks; retrying");
            }
        }
    }
}

/// Resolves to `true` at the first signal. The second one ends the process at once: that is as safe as a crash.
fn stop_at_signals(stop: watch::Sender<bool>) -> anyhow::Result<()> {
    let mut signals = Signals::listen().context("the signals to stop cannot be received")?;
    // Requests, then the use cases that they started, then the remaining tasks.
    let limit = 2 * HttpOptions::default().shutdown_limit + runtime::SHUTDOWN_LIMIT;
    tokio::spawn(async move {
        signals.next().await;
        let seconds = limit.as_secs();
        tracing::info!(
            "stopping: running requests are finished, for at most {seconds} s; send the signal again to stop at once"
        );
        let _ = stop.send(true);
        let code = signals.next().await;
        tracing::warn!("stopped at once: running requests were cut off");
        std::process::exit(code);
    });
    Ok(())
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

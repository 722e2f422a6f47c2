use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use storage_hub_adapter_embedded::{EmbeddedStore, S3Observer, S3Options, s3_service};
use storage_hub_adapter_http::{HttpOptions, Proxies, RequestObserver};
use storage_hub_core::context::Ports;
use storage_hub_core::domain::{Email, Password};
use storage_hub_core::use_cases::accounts::SignUp;
use storage_hub_core::use_cases::administration::{self, AdministrationError};
use storage_hub_core::use_cases::reconcile;
use storage_hub_core::use_cases::s3_gate::S3Gate;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::admin::generate_password;
use crate::config::{Config, StoreKind};
use crate::metrics::{CONTENT_TYPE, Metrics};
use crate::runtime::OwnRuntime;
use crate::s3_guard::S3Guard;
use crate::tls::Certificate;
use crate::traces::Traces;
use crate::wiring::{Assembled, Purpose, assemble, public_url};
use crate::{logging, open_files};

/// How often unfinished uploads are looked through.
const EXPIRE_AFTER: Duration = Duration::from_secs(3600);

/// Serves until it is told to stop.
pub(crate) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let traces = Traces::open(&config.traces)?;
    logging::start(&config.log, traces.as_ref())?;
    open_files::raise_limit();
    // The listeners first: what cannot be had is told before anything is made.
    let api = listen(config.api.listen, "api.listen")?;
    let mut config = config.clone();
    let s3 = match config.store.kind {
        StoreKind::Embedded => Some(listen(config.s3.listen, "s3.listen")?),
        StoreKind::Minio => None,
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
    let code = serve(&config, Listeners { api, s3, metrics }, certificates, traces.as_ref(), hub).await;
    if let Some(traces) = traces {
        traces.finish().await;
    }
    code
}

/// Where is listened.
struct Listeners {
    api: TcpListener,
    s3: Option<TcpListener>,
    metrics: Option<TcpListener>,
}

/// The certificates of what is served by HTTPS.
struct Certificates {
    api: Option<Arc<Certificate>>,
    s3: Option<Arc<Certificate>>,
}

impl Certificates {
    fn open(config: &Config) -> anyhow::Result<Self> {
        let (api, s3) = (&config.api, &config.s3);
        let api = Certificate::open(api.tls_cert_file.as_deref(), api.tls_key_file.as_deref());
        let s3 = Certificate::open(s3.tls_cert_file.as_deref(), s3.tls_key_file.as_deref());
        Ok(Self { api: api.context("api.tls_cert_file")?, s3: s3.context("s3.tls_cert_file")? })
    }

    fn follow(&self) {
        for certificate in [&self.api, &self.s3].into_iter().flatten() {
            tokio::spawn(certificate.clone().follow());
        }
    }
}

async fn serve(
    config: &Config,
    listeners: Listeners,
    certificates: Certificates,
    traces: Option<&Traces>,
    hub: Assembled,
) -> anyhow::Result<ExitCode> {
    let Assembled { ports, embedded, pools, key_fingerprint, summary } = hub;
    tracing::info!(vault_key = key_fingerprint, "starting; replicas have the same fingerprint of the vault key");
    let Listeners { api, s3, metrics } = listeners;
    // What is timed is part of traces too.
    let counted =
        (metrics.is_some() || traces.is_some()).then(|| Arc::new(Metrics::new(ports.decisions.clone(), pools)));
    let ports = counted.iter().fold(ports, |ports, counted| counted.watch(ports));
    certificates.follow();
    let admin = make_first_admin(config, &ports).await?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        wait_for_signal().await;
        tracing::info!("stopping: no new connections, those under way are ended");
        let _ = stop.send(true);
    });

    let reconciler = tokio::spawn(reconcile_for_ever(ports.clone(), config.clone(), stopped.clone()));
    let s3 = match (s3, embedded) {
        (Some(listener), Some(store)) => {
            tokio::spawn(expire_uploads(store.clone(), Duration::from_secs(config.s3.upload_expiry_seconds)));
            let tls = certificates.s3.as_ref().map(Certificate::server_config).transpose()?;
            let options = S3Options {
                observer: counted.clone().map(|counted| counted as Arc<dyn S3Observer>),
                guard: Some(S3Guard::start(config.limits.signatures(), proxies(config))),
                traces: traces
                    .map(|_| storage_hub_adapter_embedded::TraceHooks { join: Traces::join, name: Traces::name }),
                region: config.s3.region.clone(),
                domain: config.s3.domain.clone(),
            };
            // Bodies are hashed on every core, and in nobody's way.
            let runtime = OwnRuntime::start("s3").context("the threads of the S3 endpoint cannot be started")?;
            let endpoint = s3_service(store, gate(&ports), options)?;
            let stopped = until(stopped.clone());
            Some((runtime.spawn(async move { endpoint.serve(listener, tls, stopped).await }), runtime))
        }
        _ => None,
    };
    announce(config, &api, metrics.as_ref(), &summary, admin.as_ref())?;
    if let (Some(listener), Some(counted)) = (metrics, counted.clone()) {
        serve_metrics(listener, counted, &ports, stopped.clone());
    }
    let options = HttpOptions {
        observer: counted.map(|counted| counted as Arc<dyn RequestObserver>),
        traces: traces.map(|_| storage_hub_adapter_http::TraceHooks { join: Traces::join, name: Traces::name }),
        tls: certificates.api.as_ref().map(Certificate::server_config).transpose()?,
        ..http_options(config)
    };
    let runtime = tokio::runtime::Handle::current();
    let served = storage_hub_adapter_http::serve(api, ports, options, runtime, until(stopped.clone())).await;
    served.context("the API cannot be served")?;
    if let Some((serving, _runtime)) = s3 {
        serving.await.context("the S3 endpoint ended badly")??;
    }
    reconciler.abort();
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn listen(address: SocketAddr, key: &str) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address);
    listener.with_context(|| format!("{key}: cannot listen on {address}; choose another address"))
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

fn gate(ports: &Ports) -> S3Gate {
    S3Gate::new(ports.directory.clone(), ports.vault.clone()).counted_in(ports.decisions.clone())
}

fn serve_metrics(listener: TcpListener, metrics: Arc<Metrics>, ports: &Ports, stopped: watch::Receiver<bool>) {
    let ports = ports.clone();
    let render = Arc::new(move || metrics.clone().render(ports.clone()));
    tokio::spawn(async move {
        let served = storage_hub_adapter_http::serve_metrics(listener, CONTENT_TYPE, render, until(stopped)).await;
        if let Err(error) = served {
            tracing::error!(%error, "the metrics are not served any more");
        }
    });
}

/// Makes the admin where there is no account at all, and returns its email, and its password where it was generated.
async fn make_first_admin(config: &Config, ports: &Ports) -> anyhow::Result<Option<(Email, Option<Password>)>> {
    if !administration::is_first_start(ports).await? {
        return Ok(None);
    }
    let email = Email::parse(&config.admin.email).context("admin.email does not fit")?;
    let (password, generated) = match &config.admin.password {
        Some(given) => (Password::parse(given.expose().to_owned()).context("admin.password does not fit")?, None),
        None => {
            let password = generate_password()?;
            (password.clone(), Some(password))
        }
    };
    match administration::create_admin(ports, SignUp { email: email.clone(), password }).await {
        Ok(_) => Ok(Some((email, generated))),
        // Another replica was first.
        Err(AdministrationError::EmailTaken(_)) => Ok(None),
        // Written down; the store follows when it is there.
        Err(AdministrationError::Fault(fault)) if fault.is_temporary() => {
            tracing::warn!("the admin is made, but the store is away; it follows by itself");
            Ok(Some((email, generated)))
        }
        Err(error) => Err(error.into()),
    }
}

/// What somebody at the terminal is to know. The password goes to standard output alone, never to the logs.
fn announce(
    config: &Config,
    api: &TcpListener,
    metrics: Option<&TcpListener>,
    summary: &str,
    admin: Option<&(Email, Option<Password>)>,
) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Storage Hub {} on {summary}", env!("CARGO_PKG_VERSION"))?;
    let scheme = if config.api.tls_cert_file.is_some() { "https" } else { "http" };
    writeln!(out, "  API  {scheme}://{}  (docs: /docs/)", api.local_addr()?)?;
    if let Some(metrics) = metrics {
        writeln!(out, "  Metrics  http://{}/metrics", metrics.local_addr()?)?;
    }
    writeln!(out, "  S3   {}", public_url(config))?;
    match admin {
        Some((email, Some(password))) => {
            writeln!(out, "  Admin, made just now and shown this once: {email} with password {}", password.expose())?;
        }
        Some((email, None)) => writeln!(out, "  Admin, made just now: {email} with the configured password")?,
        None => {}
    }
    out.flush()?;
    Ok(())
}

/// Aborts uploads that are not finished in time; zero: none.
async fn expire_uploads(store: EmbeddedStore, life: Duration) {
    if life.is_zero() {
        return;
    }
    let mut turn = tokio::time::interval(life.min(EXPIRE_AFTER));
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turn.tick().await;
        match store.expire_uploads(life).await {
            Ok(0) => {}
            Ok(uploads) => tracing::info!(uploads, "uploads that were not finished in time are gone"),
            Err(error) => tracing::warn!(error, "unfinished uploads cannot be looked through now"),
        }
    }
}

async fn reconcile_for_ever(ports: Ports, config: Config, stopped: watch::Receiver<bool>) {
    let mut turn = tokio::time::interval(Duration::from_secs(config.reconcile.interval_seconds));
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !*stopped.borrow() {
        turn.tick().await;
        match reconcile::run_due(&ports).await {
            Ok(pass) if pass.done + pass.failed > 0 => {
                tracing::info!(done = pass.done, failed = pass.failed, "the reconciler carried out what was left over");
            }
            Ok(_) => {}
            Err(error) => {
                let error = anyhow::Error::from(error);
                tracing::warn!(error = format!("{error:#}"), "the reconciler cannot work now");
            }
        }
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn wait_for_signal() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::Server;
use storage_hub_core::context::Ports;
use tokio::runtime::Handle;

use crate::{AppState, HttpOptions, app};

/// How long a connection may lie idle between two requests.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long the head of a request may take to arrive.
const HEAD_LIMIT: Duration = Duration::from_secs(5);
/// How long a connection that is to be closed may take over it.
const DISCONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How often those who have not asked for a while are forgotten.
const FORGET_AFTER: Duration = Duration::from_secs(20);

/// Answers requests on a listener until `shutdown` resolves; then ends those that are under way, and what they began,
/// within [`HttpOptions::shutdown_limit`] each.
///
/// To be awaited on a tokio runtime. Use cases that write run on `main_runtime`, which outlives connections and the
/// server's own threads.
///
/// # Errors
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    ports: Ports,
    options: HttpOptions,
    main_runtime: Handle,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let limit = options.shutdown_limit;
    let state = AppState::new(ports, options, main_runtime);
    let counting = state.clone();
    let housekeeping = state.main_runtime().spawn(async move {
        let mut turn = tokio::time::interval(FORGET_AFTER);
        loop {
            turn.tick().await;
            counting.counters().forget();
        }
    });
    let served = start(listener, state.clone(), shutdown);
    let ended = match served {
        Ok(server) => server.await,
        Err(error) => Err(error),
    };
    housekeeping.abort();
    ended?;
    if !state.finish(limit).await {
        tracing::warn!("the server stopped before all work was done; the reconciler will do the rest");
    }
    Ok(())
}

fn start(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<Server> {
    let options = state.options();
    let (workers, limit) = (options.workers.get(), options.shutdown_limit);
    let (connections, tls) = (options.connections, options.tls.clone());
    let server = HttpServer::new(move || app(state.clone()))
        .workers(workers)
        .max_connections(connections)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_LIMIT)
        .client_disconnect_timeout(DISCONNECT_LIMIT)
        .tcp_nodelay(true)
        // A client that hung up is not answered: so what it asked for does not count as answered.
        .h1_allow_half_closed(false)
        .disable_signals()
        .shutdown_signal(shutdown)
        .shutdown_timeout(limit.as_secs().max(1));
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

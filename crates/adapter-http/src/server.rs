use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::Server;
use storage_hub_core::context::Ports;
use tokio::runtime::Handle;

use crate::{AppState, HttpOptions, app};

/// How long a connection may be idle between two requests.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long the head of a request may take to arrive.
const HEAD_LIMIT: Duration = Duration::from_secs(5);
/// How long the orderly close of a connection may take.
const DISCONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How often the counters of clients that have not sent requests for a while are dropped.
const FORGET_INTERVAL: Duration = Duration::from_secs(20);

/// Answers requests on a listener until `shutdown` resolves; then completes the requests in progress, and the tasks that
/// they started, within [`HttpOptions::shutdown_limit`] each.
///
/// Must be awaited on a tokio runtime. Use cases that write run on `main_runtime`, which outlives connections and the
/// server's own threads.
///
/// # Errors
/// Fails if the listener does.
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
        let mut turn = tokio::time::interval(FORGET_INTERVAL);
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
        tracing::warn!("stopped before all tasks had ended; the reconciler will complete them");
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
    limit_unread_answers(&listener, options.write_timeout)?;
    let server = HttpServer::new(move || app(state.clone()))
        .workers(workers)
        .max_connections(connections)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_LIMIT)
        .client_disconnect_timeout(DISCONNECT_LIMIT)
        .tcp_nodelay(true)
        // Ends a request whose client has closed its side, so that an undelivered creation does not count as answered.
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

/// Has the system end connections whose client has not acknowledged anything for this long, whether it vanished or only
/// does not read. Accepted sockets inherit the option. The system sees this, but the server may not: an answer that fits
/// into the socket's buffer counts as written.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn limit_unread_answers(listener: &TcpListener, timeout: Duration) -> io::Result<()> {
    socket2::SockRef::from(listener).set_tcp_user_timeout(Some(timeout))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn limit_unread_answers(_: &TcpListener, _: Duration) -> io::Result<()> {
    Ok(())
}

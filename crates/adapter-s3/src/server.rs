//! The listener: accepts connections, within limits, and serves HTTP/1.1 on them until the shutdown.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;

use crate::S3Endpoint;
use crate::endpoint::Endpoint;
use crate::places::{Place, Places};
use crate::seldom::Seldom;
use crate::timed_stream::TimedStream;

/// Maximum length of the head of a request, in bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// Maximum number of headers of a request.
const HEADERS: usize = 128;
/// One place in this many is kept for addresses that have only a few connections.
const RESERVE: usize = 16;
/// How long to wait when the system has no more descriptors: trying again at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What a client is told for whom there is no place.
const NO_PLACE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

impl S3Endpoint {
    /// Serves requests until the shutdown, then lets running ones end, within a time limit. With a configuration of TLS, by
    /// HTTPS only.
    ///
    /// # Errors
    /// Fails if the listener cannot be used. A connection that fails ends alone.
    pub async fn serve(
        self,
        listener: std::net::TcpListener,
        tls: Option<rustls::ServerConfig>,
        shutdown: impl Future<Output = ()> + Send,
    ) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let endpoint = self.0;
        let limits = endpoint.limits();
        limit_unread_answers(&listener, limits.pause)?;
        let listener = TcpListener::from_std(listener)?;
        let places = Places::new(limits.connections, limits.connections_per_address);
        let graceful = GracefulShutdown::new();
        let tls = tls.map(|tls| TlsAcceptor::from(Arc::new(tls)));
        let refusals = Seldom::default();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = listener.accept() => accepted,
            };
            let (stream, peer) = match accepted {
                Ok((stream, peer)) => (stream, peer.ip()),
                Err(error) => {
                    tracing::warn!(%error, "could not accept an S3 connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let counted = (!endpoint.is_proxy(peer)).then_some(peer);
            let Some(place) = places.take(counted, limits.connections / RESERVE) else {
                refuse(&stream, tls.is_some());
                if let Some(refused) = refusals.count() {
                    tracing::warn!(
                        connection.refused = refused,
                        client.address = %peer,
                        "refused {refused} S3 connections, because there were too many"
                    );
                }
                continue;
            };
            // Otherwise the tail of a small answer waits for the client's acknowledgement, 40 ms.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "an S3 connection stays delayed");
            }
            let stream = TimedStream::new(stream, limits);
            match &tls {
                None => {
                    tokio::spawn(until_end(graceful.watch(connection(&endpoint, stream, peer)), place));
                }
                Some(tls) => {
                    let (endpoint, watcher, handshake) = (endpoint.clone(), graceful.watcher(), tls.accept(stream));
                    let limit = limits.handshake_time;
                    tokio::spawn(async move {
                        match tokio::time::timeout(limit, handshake).await {
                            Ok(Ok(stream)) => {
                                until_end(watcher.watch(connection(&endpoint, stream, peer)), place).await
                            }
                            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                            Err(_) => tracing::debug!("a TLS handshake took too long"),
                        }
                    });
                }
            }
        }
        drop(listener);
        if tokio::time::timeout(limits.drain_time, graceful.shutdown()).await.is_err() {
            tracing::warn!("stopped before all S3 requests had ended");
        }
        if !endpoint.finish_tasks(limits.drain_time).await {
            tracing::warn!("stopped before all tasks of S3 requests had ended; the reconciler will complete them");
        }
        Ok(())
    }
}

fn connection(
    endpoint: &Arc<Endpoint>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: IpAddr,
) -> impl GracefulConnection<Error = hyper::Error> + Send + 'static {
    let head_time = endpoint.limits().head_time;
    let endpoint = endpoint.clone();
    let service = service_fn(move |request| {
        let endpoint = endpoint.clone();
        async move { Ok::<_, Infallible>(endpoint.answer(request, peer).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        // It runs from the end of the previous request, so it also limits how long a connection is idle.
        .header_read_timeout(head_time)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(stream), service)
}

/// Carries a connection to its end, and gives its place back.
async fn until_end(connection: impl Future<Output = Result<(), hyper::Error>> + Send, place: Place) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "an S3 connection broke off");
    }
    drop(place);
}

/// Says why the connection is closed, as far as that is possible without waiting.
fn refuse(stream: &TcpStream, is_tls: bool) {
    if !is_tls {
        // A client that does not get it sees a closed connection, which it repeats as well.
        let _ = stream.try_write(NO_PLACE);
    }
}

/// Has the system end connections whose client has not acknowledged anything for this long, whether it vanished or only
/// does not read. Accepted sockets inherit the option. The endpoint may not see this, because an answer that fits into the
/// socket's buffer counts as written.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn limit_unread_answers(listener: &std::net::TcpListener, limit: Duration) -> io::Result<()> {
    socket2::SockRef::from(listener).set_tcp_user_timeout(Some(limit))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn limit_unread_answers(_: &std::net::TcpListener, _: Duration) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_system_ends_connections_whose_client_acknowledges_nothing() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        limit_unread_answers(&listener, Duration::from_secs(60)).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let address = listener.local_addr().unwrap();
        let (accepted, connected) = futures::join!(listener.accept(), TcpStream::connect(address));
        let (accepted, _connected) = (accepted.unwrap().0, connected.unwrap());
        let limit = socket2::SockRef::from(&accepted).tcp_user_timeout().unwrap();
        assert_eq!(limit, Some(Duration::from_secs(60)));
    }
}

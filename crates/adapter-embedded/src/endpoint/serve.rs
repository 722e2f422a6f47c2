use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;

use super::S3Endpoint;

/// How long a client may take for the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long a client may take to agree on TLS.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long requests may go on after the shutdown began.
const DRAIN_TIME: Duration = Duration::from_secs(10);
/// The most bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;
/// The most headers of a request.
const HEADERS: usize = 128;
/// The most connections at a time; others wait to be accepted.
const CONNECTIONS: usize = 4096;

impl S3Endpoint {
    /// Answers requests until the shutdown, then lets those under way come to their end, for ten seconds at most. With
    /// a configuration of TLS, by HTTPS only.
    ///
    /// # Errors
    /// [`io::Error`] when the listener cannot be used. A connection that fails ends alone.
    pub async fn serve(
        self,
        listener: std::net::TcpListener,
        tls: Option<rustls::ServerConfig>,
        shutdown: impl Future<Output = ()> + Send,
    ) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        let graceful = GracefulShutdown::new();
        let tls = tls.map(|tls| TlsAcceptor::from(Arc::new(tls)));
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = async {
                // The semaphore is never closed.
                let place = Arc::clone(&places).acquire_owned().await.ok();
                (place, listener.accept().await)
            };
            tokio::select! {
                () = &mut shutdown => break,
                (place, accepted) = accepted => match accepted {
                    Ok((stream, peer)) => {
                        let peer = peer.ip();
                        // Else the tail of a small answer waits for the client's acknowledgement, 40 ms.
                        if let Err(error) = stream.set_nodelay(true) {
                            tracing::debug!(%error, "an S3 connection stays delayed");
                        }
                        match &tls {
                            None => {
                                tokio::spawn(until_end(graceful.watch(self.connection(stream, peer)), place));
                            }
                            Some(tls) => {
                                let (endpoint, watcher, handshake) = (self.clone(), graceful.watcher(), tls.accept(stream));
                                tokio::spawn(async move {
                                    match tokio::time::timeout(HANDSHAKE_TIME, handshake).await {
                                        Ok(Ok(stream)) => {
                                            until_end(watcher.watch(endpoint.connection(stream, peer)), place).await;
                                        }
                                        Ok(Err(error)) => tracing::debug!(%error, "an S3 connection has no TLS"),
                                        Err(_) => tracing::debug!("an S3 connection took too long over TLS"),
                                    }
                                });
                            }
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "an S3 connection was not accepted");
                        // Out of descriptors: trying again at once would only spin.
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                },
            }
        }
        drop(listener);
        if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
            tracing::warn!("S3 requests were still under way when the time for them was over");
        }
        Ok(())
    }

    fn connection(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        peer: IpAddr,
    ) -> impl GracefulConnection<Error = hyper::Error> + Send + 'static {
        let endpoint = self.clone();
        let service = service_fn(move |request| {
            let endpoint = endpoint.clone();
            async move { endpoint.answer(request, peer).await }
        });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            .serve_connection(TokioIo::new(stream), service)
    }
}

/// Carries a connection to its end, and gives its place back.
async fn until_end(
    connection: impl Future<Output = Result<(), hyper::Error>> + Send,
    place: Option<OwnedSemaphorePermit>,
) {
    if let Err(error) = connection.await {
        tracing::debug!(%error, "an S3 connection broke off");
    }
    drop(place);
}

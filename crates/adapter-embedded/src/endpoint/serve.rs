use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{HeaderValue, Method, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use s3s::{Body, HttpError, HttpResponse};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls;
use tracing::Instrument as _;
use tracing::field::Empty;
use uuid::Uuid;

use super::S3Endpoint;
use super::refusals::refuse_request;
use super::visitor::Known;

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
                    Ok((stream, _)) => {
                        // Else the tail of a small answer waits for the client's acknowledgement, 40 ms.
                        if let Err(error) = stream.set_nodelay(true) {
                            tracing::debug!(%error, "an S3 connection stays delayed");
                        }
                        match &tls {
                            None => {
                                tokio::spawn(until_end(graceful.watch(self.connection(stream)), place));
                            }
                            Some(tls) => {
                                let (endpoint, watcher, handshake) = (self.clone(), graceful.watcher(), tls.accept(stream));
                                tokio::spawn(async move {
                                    match tokio::time::timeout(HANDSHAKE_TIME, handshake).await {
                                        Ok(Ok(stream)) => {
                                            until_end(watcher.watch(endpoint.connection(stream)), place).await;
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
    ) -> impl GracefulConnection<Error = hyper::Error> + Send + 'static {
        let endpoint = self.clone();
        let service = service_fn(move |request| {
            let endpoint = endpoint.clone();
            async move { endpoint.answer(request).await }
        });
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(HEAD_BYTES)
            .max_headers(HEADERS)
            .serve_connection(TokioIo::new(stream), service)
    }

    async fn answer(&self, request: http::Request<Incoming>) -> Result<HttpResponse, HttpError> {
        let id = Uuid::new_v4().simple().to_string();
        // Without the query: in it are the signatures of presigned URLs.
        let span = tracing::info_span!(
            "s3",
            request_id = %id,
            method = %request.method(),
            path = request.uri().path(),
            otel.kind = self.traces.map(|_| "server"),
            otel.status_code = Empty,
            http.response.status_code = Empty,
        );
        if let Some(traces) = self.traces
            && let Some(parent) = request.headers().get("traceparent").and_then(|parent| parent.to_str().ok())
        {
            (traces.join)(&span, parent);
        }
        let (begun, known) = (Instant::now(), Known::default());
        let mut response = self.decide(request, known.clone()).instrument(span.clone()).await?;
        if let Some(traces) = self.traces {
            (traces.name)(&span, known.operation().unwrap_or("unknown"));
            span.record("http.response.status_code", response.status().as_u16());
            if response.status().is_server_error() {
                span.record("otel.status_code", "error");
            }
        }
        if let Some(observer) = &self.observer {
            observer.answered(known.operation(), response.status().as_u16(), begun.elapsed());
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-amz-request-id", id);
        }
        Ok(response)
    }

    async fn decide(&self, request: http::Request<Incoming>, known: Known) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        if let Err(refusal) = refuse_request(&parts) {
            return Ok(refusal.to_http_response().unwrap_or_else(|_| HttpResponse::new(Body::empty())));
        }
        let is_head = parts.method == Method::HEAD;
        let request = http::Request::from_parts(parts, Body::from(body));
        let mut response = self.visitors.scope(known, self.service.call(request)).await?;
        // s3s answers 200 to every HEAD, that of a range too.
        if is_head && response.status() == StatusCode::OK && response.headers().contains_key(header::CONTENT_RANGE) {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        Ok(response)
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

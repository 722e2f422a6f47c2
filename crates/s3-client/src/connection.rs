use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderValue, header};
use reqwest::{Certificate, redirect};
use storage_hub_s3_protocol::signature::sign_for_service;
use url::Url;

use crate::answer::Answer;
use crate::endpoint::{Endpoint, EndpointError};
use crate::error::{ClientError, Source};
use crate::identity::Identity;
use crate::request::{Body, Request};
use crate::response::Response;

/// How to reach an S3 endpoint.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// `http://` or `https://`, a host and an optional port.
    pub endpoint: Url,
    /// The region of signatures.
    pub region: String,
    /// Time limit of connecting.
    pub connect_timeout: Duration,
    /// Time limit of a request, including connecting and reading the answer. A streamed answer may take longer, as long as
    /// bytes arrive within this time.
    pub timeout: Duration,
    /// A PEM file of certificate authorities that are trusted in addition to those of the system.
    pub ca_file: Option<PathBuf>,
}

impl ConnectionOptions {
    /// An endpoint with the default region and time limits.
    #[must_use]
    pub fn new(endpoint: Url) -> Self {
        Self {
            endpoint,
            region: "us-east-1".to_owned(),
            connect_timeout: Duration::from_secs(2),
            timeout: Duration::from_secs(4),
            ca_file: None,
        }
    }
}

/// Why a connection could not be created.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The URL of the endpoint is invalid.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The file of certificate authorities cannot be used.
    #[error("the certificate authorities in {} cannot be read; use a PEM file", file.display())]
    CaFile {
        /// The path of the file.
        file: PathBuf,
        /// The reason.
        #[source]
        source: Source,
    },
    /// The HTTP client could not be created, for example because this machine has no certificate authorities.
    #[error("the HTTP client could not be created")]
    Client(#[source] Source),
}

/// A pool of connections to one S3 endpoint; clones share it.
#[derive(Clone, Debug)]
pub struct Connection {
    http: reqwest::Client,
    target: Arc<Target>,
    gate: Option<StoreGate>,
}

/// Holds back requests to a server until the server is verified. Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct StoreGate(Arc<AtomicBool>);

impl StoreGate {
    /// Lets requests pass from now on.
    pub fn open(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_open(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

#[derive(Debug)]
struct Target {
    endpoint: Endpoint,
    region: String,
    timeout: Duration,
}

impl Connection {
    /// Creates the pool; sends nothing to the endpoint yet.
    ///
    /// # Errors
    /// [`ConnectionError`].
    pub fn new(options: &ConnectionOptions) -> Result<Self, ConnectionError> {
        let endpoint = Endpoint::new(options.endpoint.clone())?;
        // An error means that a provider is installed already: the hub only ever installs this one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(options.connect_timeout)
            .pool_idle_timeout(Duration::from_secs(60))
            // A signature is valid for one host and path, and a proxy of the environment is not meant for the store.
            .redirect(redirect::Policy::none())
            .no_proxy();
        builder = match &options.ca_file {
            Some(file) => builder.tls_certs_merge(certificates(file)?),
            None if endpoint.is_encrypted() => builder,
            // Without TLS no authority is needed, so that a machine without any can connect.
            None => builder.tls_certs_only([]),
        };
        let http = builder.build().map_err(|error| ConnectionError::Client(error.into()))?;
        let target = Target { endpoint, region: options.region.clone(), timeout: options.timeout };
        Ok(Self { http, target: Arc::new(target), gate: None })
    }

    /// The same connections behind a gate: until it is open, requests fail with [`ClientError::Unavailable`] and nothing is
    /// sent.
    #[must_use]
    pub fn behind(self, gate: StoreGate) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// The time limit of a request.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.target.timeout
    }

    /// The address.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.target.endpoint
    }

    /// The region of signatures.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.target.region
    }

    /// Signs a request, sends it once and returns the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`ClientError::Unavailable`] without an answer in time.
    pub async fn send(&self, identity: &Identity, request: Request<'_>) -> Result<Answer, ClientError> {
        let limit = request.timeout.unwrap_or(self.target.timeout);
        let answer = async { self.open(identity, request).await?.read().await };
        let answer = tokio::time::timeout(limit, answer).await;
        answer.map_err(|elapsed| ClientError::Unavailable(elapsed.into()))?
    }

    /// Signs a request, sends it once and returns the head of the answer, whatever its status. There is no time limit: the
    /// caller sets one, and dropping the future cuts the connection.
    ///
    /// # Errors
    /// [`ClientError::Target`], before anything is sent; [`ClientError::Unavailable`] without an answer.
    pub async fn open(&self, identity: &Identity, request: Request<'_>) -> Result<Response, ClientError> {
        if self.gate.as_ref().is_some_and(|gate| !gate.is_open()) {
            return Err(ClientError::Unavailable("the store is not verified to belong to this hub yet".into()));
        }
        let request = self.signed(identity, request)?;
        let response = self.http.execute(request).await.map_err(ClientError::unavailable)?;
        Ok(Response::new(response, self.target.timeout))
    }

    /// Builds the request that is sent: its URL is verified before it is signed.
    fn signed(&self, identity: &Identity, request: Request<'_>) -> Result<reqwest::Request, ClientError> {
        let Target { endpoint, region, .. } = &*self.target;
        let unsendable = |error: Source| ClientError::Unsendable(error);
        let target = request.target();
        let url = endpoint.url(&target, request.bucket, request.key)?;
        request.check_copy_source()?;
        let payload = request.payload();
        let Request { method, headers, body, service, .. } = request;
        let built = http::Request::builder().method(method).uri(target).body(());
        let (mut parts, ()) = built.map_err(|error| unsendable(error.into()))?.into_parts();
        parts.headers = headers;
        let host = HeaderValue::from_str(endpoint.host()).map_err(|error| unsendable(error.into()))?;
        parts.headers.insert(header::HOST, host);
        let length = match &body {
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Stream { length, .. } => *length,
        };
        if let Identity::Key(key) = identity {
            let signer = key.signer(region);
            sign_for_service(&mut parts, &signer, service.name(), payload, seconds())
                .map_err(|error| unsendable(error.into()))?;
        }
        let mut sent = reqwest::Request::new(parts.method, url);
        *sent.headers_mut() = parts.headers;
        match body {
            Body::Bytes(bytes) => *sent.body_mut() = (!bytes.is_empty()).then(|| bytes.into()),
            Body::Stream { stream, .. } => {
                // Without it the body would be sent in chunks of HTTP, which S3 refuses.
                sent.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
                *sent.body_mut() = Some(stream);
            }
        }
        Ok(sent)
    }
}

/// The present time in seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "a store compares the time of a signature with its own clock")]
pub(crate) fn seconds() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

/// Reads the certificate authorities of a file.
fn certificates(file: &PathBuf) -> Result<Vec<Certificate>, ConnectionError> {
    let error = |source: Source| ConnectionError::CaFile { file: file.clone(), source };
    let pem = std::fs::read(file).map_err(|source| error(source.into()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|source| error(source.into()))?;
    if found.is_empty() { Err(error("the file contains no certificate".into())) } else { Ok(found) }
}

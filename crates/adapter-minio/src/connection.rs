use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use http::{Method, header};
use reqwest::{Certificate, redirect};
use storage_hub_core::ports::{Source, StoreError};
use url::Url;

use crate::answer::Answer;
use crate::endpoint::{Endpoint, EndpointError};
use crate::signing::{Identity, Scope, add_signature};

/// How to reach an S3 endpoint.
#[derive(Clone, Debug)]
pub struct ConnectionOptions {
    /// `http://` or `https://`, a host and an optional port.
    pub endpoint: Url,
    /// The region of signatures.
    pub region: String,
    /// Time limit of connecting.
    pub connect_timeout: Duration,
    /// Time limit of a request, including connecting and reading the answer.
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

/// A request before it is signed: path and query are not encoded yet.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) content_type: Option<&'static str>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) service: &'static str,
    /// A time limit that replaces that of the connection.
    pub(crate) timeout: Option<Duration>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: Method, path: &'a str, query: &'a [(&'a str, &'a str)]) -> Self {
        Self {
            method,
            path,
            query,
            content_type: None,
            headers: Vec::new(),
            body: Vec::new(),
            service: "s3",
            timeout: None,
        }
    }
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
            .timeout(options.timeout)
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

    /// The same connections behind a gate: until it is open, requests fail with [`StoreError::Unavailable`] and nothing is
    /// sent.
    #[must_use]
    pub(crate) fn behind(self, gate: StoreGate) -> Self {
        Self { gate: Some(gate), ..self }
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.target.timeout
    }

    /// Signs a request, sends it once and returns the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] without an answer in time.
    pub(crate) async fn send(&self, identity: &Identity, call: Call<'_>) -> Result<Answer, StoreError> {
        if self.gate.as_ref().is_some_and(|gate| !gate.is_open()) {
            return Err(StoreError::Unavailable("the store is not verified to belong to this hub yet".into()));
        }
        let timeout = call.timeout;
        let request = self.signed(identity, call).map_err(StoreError::Unexpected)?;
        let mut request = reqwest::Request::try_from(request).map_err(|error| StoreError::Unexpected(error.into()))?;
        if timeout.is_some() {
            *request.timeout_mut() = timeout;
        }
        let response = self.http.execute(request).await.map_err(unavailable)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(unavailable)?;
        Ok(Answer::new(status, &headers, body.into()))
    }

    #[expect(clippy::disallowed_methods, reason = "MinIO compares the time of a signature with its own clock")]
    fn signed(&self, identity: &Identity, call: Call<'_>) -> Result<http::Request<Vec<u8>>, Source> {
        let Target { endpoint, region, .. } = &*self.target;
        let mut builder = http::Request::builder()
            .method(call.method)
            .uri(endpoint.uri(call.path, call.query))
            .header(header::HOST, endpoint.host());
        if let Some(content_type) = call.content_type {
            builder = builder.header(header::CONTENT_TYPE, content_type);
        }
        for (name, value) in call.headers {
            builder = builder.header(name, value);
        }
        let mut request = builder.body(call.body)?;
        let scope = Scope { region, service: call.service };
        add_signature(&mut request, identity, scope, SystemTime::now())?;
        Ok(request)
    }
}

/// Reads the certificate authorities of a file.
fn certificates(file: &PathBuf) -> Result<Vec<Certificate>, ConnectionError> {
    let error = |source: Source| ConnectionError::CaFile { file: file.clone(), source };
    let pem = std::fs::read(file).map_err(|source| error(source.into()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|source| error(source.into()))?;
    if found.is_empty() { Err(error("the file contains no certificate".into())) } else { Ok(found) }
}

/// Removes the URL, because its query may name policies and users, which do not belong into a log.
fn unavailable(error: reqwest::Error) -> StoreError {
    StoreError::Unavailable(error.without_url().into())
}

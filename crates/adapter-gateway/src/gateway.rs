use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use storage_hub_core::domain::{BucketRef, SecretKey};
use storage_hub_core::ports::StoreError;
use storage_hub_s3_backend::Capabilities;
use storage_hub_s3_client::{Connection, ConnectionError, ConnectionOptions, Identity, S3Client, StoreGate};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::bucket_prefix::BucketPrefix;
use crate::probe;
use crate::probe_result::ProbeResult;
use crate::upload_checksums::UploadChecksums;

/// An S3 service and the hub's key of it.
#[derive(Clone, Debug)]
pub struct GatewayOptions {
    /// How to reach it. The time limit is that of a request without a body.
    pub connection: ConnectionOptions,
    /// The access key, which may create, fill and delete every bucket with the prefix.
    pub access_key: String,
    /// Its secret key.
    pub secret_key: SecretKey,
    /// The beginning of the names of the hub's buckets.
    pub bucket_prefix: BucketPrefix,
    /// Maximum number of requests that wait for an answer of the service. Streamed bodies do not count while they are
    /// sent or read.
    pub max_waiting: usize,
}

impl GatewayOptions {
    /// A service with the default maximum.
    #[must_use]
    pub fn new(
        connection: ConnectionOptions,
        access_key: impl Into<String>,
        secret_key: SecretKey,
        bucket_prefix: BucketPrefix,
    ) -> Self {
        Self { connection, access_key: access_key.into(), secret_key, bucket_prefix, max_waiting: 256 }
    }
}

/// The connection to an S3 service and what a probe found out about it. Clones share both.
#[derive(Clone)]
pub struct Gateway {
    pub(crate) client: S3Client,
    shared: Arc<Shared>,
}

struct Shared {
    prefix: BucketPrefix,
    probed: RwLock<Option<Arc<Probed>>>,
    waiting: Semaphore,
    upload_checksums: UploadChecksums,
}

/// A probe's result and what follows from it.
pub(crate) struct Probed {
    pub(crate) result: ProbeResult,
    pub(crate) capabilities: Arc<Capabilities>,
}

impl Gateway {
    /// Creates the client; sends nothing to the service yet.
    ///
    /// # Errors
    /// [`ConnectionError`] if the options are invalid.
    pub fn new(options: &GatewayOptions) -> Result<Self, ConnectionError> {
        Ok(Self::over(Connection::new(&options.connection)?, options))
    }

    /// A gateway and the same one behind a gate, over one pool of connections and with one probe result.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn gated(options: &GatewayOptions, gate: StoreGate) -> Result<(Self, Self), ConnectionError> {
        let open = Self::new(options)?;
        let connection = open.client.connection().clone().behind(gate);
        let client = S3Client::new(connection, open.client.identity().clone());
        let gated = Self { client, shared: open.shared.clone() };
        Ok((open, gated))
    }

    fn over(connection: Connection, options: &GatewayOptions) -> Self {
        let identity = Identity::key(options.access_key.as_str(), options.secret_key.expose());
        let shared = Shared {
            prefix: options.bucket_prefix.clone(),
            probed: RwLock::new(None),
            waiting: Semaphore::new(options.max_waiting.max(1)),
            upload_checksums: UploadChecksums::default(),
        };
        Self { client: S3Client::new(connection, identity), shared: Arc::new(shared) }
    }

    /// The client, which signs with the hub's key.
    #[must_use]
    pub const fn client(&self) -> &S3Client {
        &self.client
    }

    /// The beginning of the names of the hub's buckets.
    #[must_use]
    pub fn prefix(&self) -> &BucketPrefix {
        &self.shared.prefix
    }

    /// Probes the service. The result counts only once it is [accepted](Self::accept_probe).
    ///
    /// # Errors
    /// [`StoreError`] if the service does not respond, or does not let the hub create buckets.
    pub async fn probe(&self) -> Result<ProbeResult, StoreError> {
        probe::probe(&self.client, self.prefix()).await
    }

    /// Lets a probe's result count from now on. Until then writes are refused.
    pub fn accept_probe(&self, result: ProbeResult) {
        let capabilities = Arc::new(result.capabilities());
        let probed = Some(Arc::new(Probed { result, capabilities }));
        *self.shared.probed.write().unwrap_or_else(PoisonError::into_inner) = probed;
    }

    /// The result that counts.
    #[must_use]
    pub fn probe_result(&self) -> Option<ProbeResult> {
        self.probed().map(|probed| probed.result.clone())
    }

    pub(crate) fn probed(&self) -> Option<Arc<Probed>> {
        self.shared.probed.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What writes may rely on.
    ///
    /// # Errors
    /// `ServiceUnavailable` without any probe result.
    pub(crate) fn ready(&self) -> S3Result<Arc<Probed>> {
        self.probed().ok_or_else(|| {
            let message =
                "The store behind this endpoint was not probed yet, so that nothing can be written. Retry later.";
            S3Error::with_message(ErrorCode::ServiceUnavailable, message)
        })
    }

    pub(crate) fn upload_checksums(&self) -> &UploadChecksums {
        &self.shared.upload_checksums
    }

    /// The name of the bucket behind a bucket.
    pub(crate) fn behind(&self, bucket: &BucketRef) -> String {
        self.shared.prefix.bucket(bucket.id)
    }

    /// The time limit of a request without a body.
    pub(crate) fn timeout(&self) -> Duration {
        self.client.connection().timeout()
    }

    /// Takes one of the places of requests that wait for an answer, so that a service that does not answer holds a bounded
    /// number of them.
    ///
    /// # Errors
    /// `SlowDown` if none becomes free in time.
    pub(crate) async fn wait(&self) -> S3Result<SemaphorePermit<'_>> {
        let place = tokio::time::timeout(self.timeout(), self.shared.waiting.acquire()).await;
        match place {
            Ok(Ok(place)) => Ok(place),
            _ => Err(ErrorCode::SlowDown.into()),
        }
    }
}

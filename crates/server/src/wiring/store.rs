//! The object store: the embedded one, MinIO, or the S3 service behind the gateway.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use storage_hub_adapter_embedded::{EmbeddedObjectStore, EmbeddedStore};
use storage_hub_adapter_gateway::{BucketPrefix, Gateway, GatewayObjectStore, GatewayOptions};
use storage_hub_adapter_minio::{MinioOptions, MinioStore};
use storage_hub_core::context::Enforcement;
use storage_hub_core::domain::SecretKey;
use storage_hub_core::policy::PolicyPrefix;
use storage_hub_core::ports::{ObjectStore, StoreError, StoreMark, StoreMarker, UnitOfWork};
use storage_hub_core::use_cases::installation::{ClaimError, check_unclaimed, claim_store};
use storage_hub_s3_client::{ConnectionOptions, StoreGate};

use crate::config::{Config, StoreKind};

/// The object store, and how it enforces access.
pub(crate) struct Store {
    /// Buckets and objects.
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// How the decisions of core are enforced.
    pub(crate) enforcement: Enforcement,
    /// The embedded store, if it is configured.
    pub(crate) embedded: Option<EmbeddedStore>,
    /// The S3 service behind the gateway, if it is configured.
    pub(crate) gateway: Option<Gateway>,
    /// What must be verified before an external store is used.
    pub(crate) claim: Option<Arc<StoreClaim>>,
    /// Names the store, for people.
    pub(crate) summary: String,
}

/// Wraps the opened embedded store.
pub(crate) fn embedded(store: EmbeddedStore, folder: &Path) -> Store {
    Store {
        objects: Arc::new(EmbeddedObjectStore::new(store.clone())),
        enforcement: Enforcement::InProcess,
        embedded: Some(store),
        gateway: None,
        claim: None,
        summary: format!("the embedded store ({})", folder.display()),
    }
}

/// Connects to the configured store outside the data folder. Sends nothing yet.
///
/// # Errors
/// When the configuration is invalid.
pub(crate) fn external(config: &Config, unit_of_work: Arc<dyn UnitOfWork>) -> anyhow::Result<Store> {
    match config.store.kind {
        StoreKind::Minio => minio(config, unit_of_work),
        StoreKind::Gateway => gateway(config, unit_of_work),
        StoreKind::Embedded => anyhow::bail!("the embedded store is not outside the data folder"),
    }
}

/// Connects to the S3 service behind the gateway through a gate that [`StoreClaim`] opens. Sends nothing yet.
///
/// # Errors
/// When the configuration is invalid.
fn gateway(config: &Config, unit_of_work: Arc<dyn UnitOfWork>) -> anyhow::Result<Store> {
    let gate = StoreGate::default();
    let prefix = policy_prefix(config)?;
    let gateways = Gateway::gated(&gateway_options(config)?, gate.clone());
    let (unverified, verified) = gateways.context("store: the S3 service cannot be used")?;
    let endpoint = config.store.endpoint.clone().unwrap_or_default();
    Ok(Store {
        objects: Arc::new(GatewayObjectStore::new(verified.clone())),
        enforcement: Enforcement::InProcess,
        embedded: None,
        gateway: Some(verified),
        claim: Some(Arc::new(StoreClaim {
            unit_of_work,
            store: Arc::new(GatewayObjectStore::new(unverified)),
            prefix,
            open: Box::new(move || gate.open()),
        })),
        summary: format!("the S3 service {endpoint}"),
    })
}

/// Connects to a MinIO server through a gate that [`StoreClaim`] opens. Sends nothing yet, because the server may be
/// started later.
///
/// # Errors
/// When the configuration is invalid.
fn minio(config: &Config, unit_of_work: Arc<dyn UnitOfWork>) -> anyhow::Result<Store> {
    let gate = StoreGate::default();
    let prefix = policy_prefix(config)?;
    let stores = MinioStore::gated(minio_options(config)?, gate.clone()).context("store: MinIO cannot be used")?;
    let (unverified, verified) = (Arc::new(stores.0), Arc::new(stores.1));
    let endpoint = config.store.endpoint.clone().unwrap_or_default();
    Ok(Store {
        objects: verified.clone(),
        enforcement: Enforcement::Policies(verified),
        embedded: None,
        gateway: None,
        claim: Some(Arc::new(StoreClaim {
            unit_of_work,
            store: unverified,
            prefix,
            open: Box::new(move || gate.open()),
        })),
        summary: format!("MinIO ({endpoint})"),
    })
}

/// Refuses a store that an installation has used, when the records are still empty.
///
/// # Errors
/// When the configuration is invalid; [`ClaimError`] of the check.
pub(crate) async fn check_unused(config: &Config) -> anyhow::Result<Result<(), ClaimError>> {
    let prefix = policy_prefix(config)?;
    match config.store.kind {
        StoreKind::Minio => {
            let store = MinioStore::new(minio_options(config)?).context("store: MinIO cannot be used")?;
            Ok(check_unclaimed(&store, Some(&store), &prefix).await)
        }
        StoreKind::Gateway => {
            let gateway = Gateway::new(&gateway_options(config)?).context("store: the S3 service cannot be used")?;
            Ok(check_unclaimed(&GatewayObjectStore::new(gateway), None, &prefix).await)
        }
        StoreKind::Embedded => anyhow::bail!("the embedded store is not outside the data folder"),
    }
}

/// The prefix of the names of this hub's policies.
///
/// # Errors
/// When the configuration is invalid.
pub(crate) fn policy_prefix(config: &Config) -> anyhow::Result<PolicyPrefix> {
    PolicyPrefix::parse(&config.store.policy_prefix).context("store.policy_prefix is invalid")
}

/// An external store, which is used only after it was verified to belong to the records.
pub(crate) struct StoreClaim {
    unit_of_work: Arc<dyn UnitOfWork>,
    store: Arc<dyn StoreMarker>,
    prefix: PolicyPrefix,
    /// Lets the other clients of the store send requests.
    open: Box<dyn Fn() + Send + Sync>,
}

impl StoreClaim {
    /// Compares the store's mark with the records, writes one if neither has any, and opens the gate.
    ///
    /// # Errors
    /// [`ClaimError::Fault`] when it belongs to other records. After any other error it can be retried.
    pub(crate) async fn verify(&self) -> Result<(), ClaimError> {
        claim_store(self.unit_of_work.as_ref(), self.store.as_ref(), &self.prefix).await?;
        (self.open)();
        Ok(())
    }

    /// Reads the store's mark.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn find_mark(&self) -> Result<Option<StoreMark>, StoreError> {
        self.store.find_mark(&self.prefix).await
    }

    /// Writes the mark, replacing any other.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn put_mark(&self, mark: &StoreMark) -> Result<(), StoreError> {
        self.store.put_mark(&self.prefix, mark).await
    }
}

/// Checks what is needed to connect to the store, without connecting.
///
/// # Errors
/// When a value is missing or malformed, or the certificate authority cannot be read.
pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    match config.store.kind {
        StoreKind::Embedded => {}
        StoreKind::Minio => {
            MinioStore::new(minio_options(config)?).context("store: MinIO cannot be used")?;
        }
        StoreKind::Gateway => {
            Gateway::new(&gateway_options(config)?).context("store: the S3 service cannot be used")?;
        }
    }
    Ok(())
}

/// The options of the connection to MinIO.
///
/// # Errors
/// When a value is missing or malformed.
pub(crate) fn minio_options(config: &Config) -> anyhow::Result<MinioOptions> {
    let store = &config.store;
    let secret = store.secret_key.as_ref().context("store.secret_key is not set")?;
    Ok(MinioOptions {
        connection: connection_options(config)?,
        access_key: store.access_key.clone().context("store.access_key is not set")?,
        secret_key: SecretKey::parse(secret.expose()).context("store.secret_key is invalid")?,
    })
}

/// The options of the connection to the S3 service behind the gateway.
fn gateway_options(config: &Config) -> anyhow::Result<GatewayOptions> {
    let MinioOptions { connection, access_key, secret_key } = minio_options(config)?;
    let timeout = Duration::from_secs(config.store.timeout_seconds);
    let connection = ConnectionOptions { timeout, ..connection };
    let prefix = BucketPrefix::parse(&config.store.bucket_prefix).context("store.bucket_prefix is invalid")?;
    Ok(GatewayOptions::new(connection, access_key, secret_key, prefix))
}

/// How to reach the store outside the data folder.
///
/// # Errors
/// When a value is missing or malformed.
pub(crate) fn connection_options(config: &Config) -> anyhow::Result<ConnectionOptions> {
    let endpoint = config.store.endpoint.as_deref().context("store.endpoint is not set")?;
    let endpoint = endpoint.parse().with_context(|| format!("store.endpoint is not a URL: `{endpoint}`"))?;
    Ok(ConnectionOptions {
        region: config.store.region.clone().unwrap_or_else(|| config.s3.region.clone()),
        ca_file: config.store.ca_file.clone(),
        ..ConnectionOptions::new(endpoint)
    })
}

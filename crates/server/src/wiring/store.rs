//! The object store: in this process, or MinIO.

use std::sync::Arc;

use anyhow::Context as _;
use storage_hub_adapter_embedded::{EmbeddedObjectStore, EmbeddedStore};
use storage_hub_adapter_minio::{ConnectionOptions, MinioOptions, MinioStore};
use storage_hub_core::context::Enforcement;
use storage_hub_core::domain::SecretKey;
use storage_hub_core::ports::ObjectStore;

use super::Purpose;
use crate::config::{Config, StoreKind};

/// The object store, and how it enforces.
pub(crate) struct Store {
    /// Buckets and objects.
    pub(crate) objects: Arc<dyn ObjectStore>,
    /// How it learns what the ACL decides.
    pub(crate) enforcement: Enforcement,
    /// The embedded store, where it is the one.
    pub(crate) embedded: Option<EmbeddedStore>,
    /// Which store, for people.
    pub(crate) summary: String,
}

/// Opens the store that is configured. MinIO is not asked yet: it may come later.
///
/// # Errors
/// When the configuration is invalid, or the folder of the embedded store cannot be used.
pub(crate) async fn open(config: &Config, purpose: Purpose) -> anyhow::Result<Store> {
    match config.store.kind {
        StoreKind::Embedded => {
            let folder = config.data_dir.join("objects");
            let embedded = match purpose {
                Purpose::Serve => EmbeddedStore::open(&folder).await,
                Purpose::Tool => EmbeddedStore::attach(&folder).await,
            };
            let embedded = embedded.with_context(|| format!("the objects in {} cannot be opened", folder.display()))?;
            Ok(Store {
                objects: Arc::new(EmbeddedObjectStore::new(embedded.clone())),
                enforcement: Enforcement::InProcess,
                embedded: Some(embedded),
                summary: format!("the embedded store ({})", folder.display()),
            })
        }
        StoreKind::Minio => {
            let minio = Arc::new(MinioStore::new(minio_options(config)?).context("store: MinIO cannot be used")?);
            let endpoint = config.store.endpoint.clone().unwrap_or_default();
            Ok(Store {
                objects: minio.clone(),
                enforcement: Enforcement::Policies(minio),
                embedded: None,
                summary: format!("MinIO ({endpoint})"),
            })
        }
    }
}

/// Checks what is needed to connect to the store, without connecting.
///
/// # Errors
/// When a value is missing or malformed, or the certificate authority cannot be read.
pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    if config.store.kind == StoreKind::Minio {
        MinioStore::new(minio_options(config)?).context("store: MinIO cannot be used")?;
    }
    Ok(())
}

/// How MinIO is reached.
///
/// # Errors
/// When a value is missing or malformed.
pub(crate) fn minio_options(config: &Config) -> anyhow::Result<MinioOptions> {
    let store = &config.store;
    let secret = store.secret_key.as_ref().context("store.secret_key is not given")?;
    Ok(MinioOptions {
        connection: connection_options(config)?,
        access_key: store.access_key.clone().context("store.access_key is not given")?,
        secret_key: SecretKey::parse(secret.expose()).context("store.secret_key is invalid")?,
    })
}

fn connection_options(config: &Config) -> anyhow::Result<ConnectionOptions> {
    let endpoint = config.store.endpoint.as_deref().context("store.endpoint is not given")?;
    let endpoint = endpoint.parse().with_context(|| format!("store.endpoint {endpoint:?} is no URL"))?;
    Ok(ConnectionOptions {
        region: config.s3.region.clone(),
        ca_file: config.store.ca_file.clone(),
        ..ConnectionOptions::new(endpoint)
    })
}

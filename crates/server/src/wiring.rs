//! The only place where adapters are chosen and connected to the ports of core.

mod bucket_ids;
pub(crate) mod identity;
pub(crate) mod keys;
pub(crate) mod records;
pub(crate) mod store;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use storage_hub_adapter_crypto::{
    AeadVault, BcryptHasher, BcryptOptions, JwtIssuer, JwtSettings, OsIdSource, SystemClock,
};
use storage_hub_adapter_embedded::EmbeddedStore;
use storage_hub_adapter_gateway::Gateway;
use storage_hub_core::context::{Ports, Settings};

use crate::config::{Config, SignUpMode, StoreKind};
use crate::store_probe;
use identity::Installed;
use records::{Pools, SchemaProbe};
use store::StoreClaim;

/// The purpose for which the hub is assembled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve, with exclusive use of the data folder. Creates what is missing and counts a start.
    Serve,
    /// For a command that may create a hub, possibly while a server is running.
    Create,
    /// For a command on an existing hub, possibly while a server is running.
    Tool,
}

/// The assembled hub.
pub(crate) struct Assembled {
    /// All ports.
    pub(crate) ports: Ports,
    /// The embedded store, if it is configured.
    pub(crate) embedded: Option<EmbeddedStore>,
    /// The S3 service behind the gateway, if it is configured.
    pub(crate) gateway: Option<Gateway>,
    /// What must be verified before an external store is used.
    pub(crate) claim: Option<Arc<StoreClaim>>,
    /// Tells whether the tables of the records are still those of this release.
    pub(crate) schema: SchemaProbe,
    /// Whether there was no hub before.
    pub(crate) is_new: bool,
    /// The state of the connections to the records and to the index of the embedded store.
    pub(crate) pools: Pools,
    /// Identifies the vault key without revealing it.
    pub(crate) key_fingerprint: String,
    /// Names the database and the store, for people.
    pub(crate) summary: String,
}

/// Opens the configured database and store, and assembles the hub.
///
/// # Errors
/// When something that is configured cannot be used; the message says what would be right.
pub(crate) async fn assemble(config: &Config, purpose: Purpose) -> anyhow::Result<Assembled> {
    let Installed { records, store, is_new } = identity::open(config, purpose).await?;
    let keys = keys::load(config, records.directory.as_ref()).await?;
    let hasher = BcryptHasher::new(hashing(config)).context("the threads that hash passwords cannot be started")?;
    let jwt = JwtSettings {
        issuer: "storage-hub".to_owned(),
        audience: "storage-hub".to_owned(),
        lifetime: Duration::from_secs(config.auth.token_seconds),
    };
    let prefix = store::policy_prefix(config)?;
    let settings = Settings {
        store_kind: config.store.kind.recorded(),
        lease_duration: lease(config),
        verify_after: Duration::from_secs(config.reconcile.verify_seconds),
        name_reservation: config.store.name_reservation_seconds.map(Duration::from_secs),
        buckets_per_user: if config.limits.enabled { config.limits.buckets_per_user } else { 0 },
        sign_up_open: config.auth.sign_up == SignUpMode::Open,
        ..Settings::new(prefix, config.s3_public_url(), config.s3.region.clone())
    };
    let summary = format!("{} and {}", records.summary, store.summary);
    let ports = Ports {
        unit_of_work: records.unit_of_work,
        directory: records.directory,
        store: store.objects,
        enforcement: store.enforcement,
        passwords: Arc::new(hasher),
        tokens: Arc::new(JwtIssuer::new(jwt, &keys.jwt_secret)),
        vault: Arc::new(AeadVault::new(&keys.vault_key)),
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIdSource),
        settings: Arc::new(settings),
        progress: Arc::default(),
        decisions: Arc::default(),
    };
    let key_fingerprint = keys.vault_key.fingerprint();
    keys::check(&ports, &key_fingerprint).await?;
    if let Some(embedded) = &store.embedded {
        bucket_ids::complete(embedded, ports.directory.as_ref()).await?;
    }
    if let Some(gateway) = &store.gateway {
        store_probe::apply(&ports, gateway).await.context("the result of the store's probe cannot be read")?;
    }
    let (pools, embedded) = (records.pools, store.embedded.clone());
    let pools: Pools = Arc::new(move || {
        let index = embedded.iter().flat_map(EmbeddedStore::pools);
        pools().into_iter().chain(index).collect()
    });
    let (embedded, gateway, claim, schema) = (store.embedded, store.gateway, store.claim, records.schema);
    Ok(Assembled { ports, embedded, gateway, claim, schema, is_new, pools, key_fingerprint, summary })
}

/// Runs a blocking function on a thread for such work.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> anyhow::Result<T> {
    tokio::task::spawn_blocking(work).await.context("a blocking task panicked")
}

/// A lease must be longer than the calls of one task together: the gateway's service may take its time for each.
fn lease(config: &Config) -> Duration {
    let configured = Duration::from_secs(config.reconcile.lease_seconds);
    match config.store.kind {
        StoreKind::Gateway => configured.max(Duration::from_secs(config.store.timeout_seconds) * 5),
        StoreKind::Embedded | StoreKind::Minio => configured,
    }
}

fn hashing(config: &Config) -> BcryptOptions {
    let usual = BcryptOptions::default();
    let threads = NonZeroUsize::new(config.auth.hashing_threads).unwrap_or(usual.threads);
    BcryptOptions { cost: config.auth.bcrypt_cost, threads, ..usual }
}

/// Checks what the adapters need in order to connect: URLs, certificate authorities. Connects to nothing.
///
/// # Errors
/// When something cannot be used; names the key.
pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    records::check(config)?;
    store::check(config)
}

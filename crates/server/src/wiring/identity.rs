//! Opening the records and the store as one installation: everything is read first, and nothing is created, migrated or
//! counted unless all of it belongs together.

pub(crate) mod adopt;

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use storage_hub_adapter_crypto::OsIdSource;
use storage_hub_adapter_embedded::{EmbeddedStore, FolderLock, write_hub_file};
use storage_hub_core::domain::{HubId, StoreId, StoreKind};
use storage_hub_core::failpoint::{Failpoint, reach};
use storage_hub_core::ports::{HubFile, HubFileState, IdSource as _, IndexState, MigrationState, RecordsContents};
use storage_hub_core::use_cases::installation::{
    ClaimError, Found, InstallationFault, Start, Verified, record_start, verify,
};

use super::records::{Database, Records};
use super::store::{self, Store, StoreClaim};
use super::{Purpose, blocking};
use crate::config::Config;

/// Time that a start waits for an external store; after that the store is verified later.
const STORE_TIMEOUT: Duration = Duration::from_secs(3);
/// Time after which a tool reads again what a starting server may be changing.
const RETRY_INTERVAL: Duration = Duration::from_millis(300);

/// The records and the store of one installation.
pub(crate) struct Installed {
    pub(crate) records: Records,
    pub(crate) store: Store,
    /// Whether there was no installation before.
    pub(crate) is_new: bool,
}

/// What exists, read without changing it.
pub(crate) struct Inspected {
    found: Found,
    migrations: Vec<(String, MigrationState)>,
}

/// Opens the records and the store for a purpose.
///
/// # Errors
/// When they cannot be read, do not belong together, or are those of a newer release; nothing was changed then.
pub(crate) async fn open(config: &Config, purpose: Purpose) -> anyhow::Result<Installed> {
    match purpose {
        Purpose::Serve => start(config).await,
        Purpose::Create => {
            let inspected = inspect(config).await?;
            if inspected.is_up_to_date() { attach(config).await } else { start(config).await }
        }
        Purpose::Tool => attach(config).await,
    }
}

/// Reads everything that identifies the installation.
///
/// # Errors
/// When something exists and cannot be read.
pub(crate) async fn inspect(config: &Config) -> anyhow::Result<Inspected> {
    let database = Database::new(config)?;
    let records = database.inspect().await?;
    let mut migrations = vec![(database.name(), records.migrations)];
    let embedded = match config.store.kind.recorded() {
        StoreKind::Embedded => {
            let folder = objects(config);
            let state = storage_hub_adapter_embedded::inspect(&folder).await;
            let state = state.with_context(|| format!("the objects in {} cannot be read", folder.display()))?;
            migrations.push((format!("the object index in {}", folder.display()), state.migrations.clone()));
            Some(state)
        }
        StoreKind::Minio | StoreKind::Gateway => None,
    };
    let key = config.data_dir.join("vault.key");
    let has_vault_key = config.auth.vault_key.is_none()
        && key.try_exists().with_context(|| format!("{} cannot be read", key.display()))?;
    let store_kind = config.store.kind.recorded();
    Ok(Inspected { found: Found { store_kind, records: records.contents, has_vault_key, embedded }, migrations })
}

impl Inspected {
    /// The migrations of each database, by its name in messages.
    pub(crate) fn migrations(&self) -> &[(String, MigrationState)] {
        &self.migrations
    }

    /// Refuses databases of a newer release.
    pub(crate) fn refuse_newer(&self) -> anyhow::Result<()> {
        for (name, state) in &self.migrations {
            state.refuse_newer().with_context(|| format!("{name} cannot be used; nothing was changed"))?;
        }
        Ok(())
    }

    /// Whether the records contain no installation.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.records == RecordsContents::Empty
    }

    /// Whether there is no trace of an installation.
    fn is_nothing(&self) -> bool {
        let nothing_stored = self.found.embedded.as_ref().is_none_or(|state| {
            matches!(state.index, IndexState::Missing | IndexState::Empty)
                && state.hub_file == HubFileState::Missing
                && !state.has_blobs
        });
        self.is_empty() && !self.found.has_vault_key && nothing_stored
    }

    fn pending(&self) -> Option<(&str, usize)> {
        let mut pending = self.migrations.iter().map(|(name, state)| (name.as_str(), state.pending.len()));
        pending.find(|(_, count)| *count > 0)
    }

    fn is_up_to_date(&self) -> bool {
        self.pending().is_none() && matches!(self.found.records, RecordsContents::Identified(_))
    }

    /// Returns the installation that everything belongs to.
    pub(crate) fn verify(&self, config: &Config) -> anyhow::Result<Verified> {
        self.refuse_newer()?;
        verify(&self.found).map_err(|fault| refusal(config, &fault))
    }
}

/// The error for records and a store that do not belong together.
fn refusal(config: &Config, fault: &InstallationFault) -> anyhow::Error {
    let place = match &config.database.url {
        None => format!("data_dir {}: ", config.data_dir.display()),
        Some(_) => String::new(),
    };
    anyhow::anyhow!(
        "{place}{fault}; nothing was changed: restore records, store and vault key of the same moment, or accept this \
         state with storage-hub store adopt"
    )
}

/// The error of a command that is run in the wrong place.
pub(crate) fn no_hub(config: &Config) -> anyhow::Error {
    match &config.database.url {
        None => anyhow::anyhow!("no hub in {}; is data_dir right?", config.data_dir.display()),
        Some(_) => anyhow::anyhow!("no hub in the PostgreSQL database; is database.url right?"),
    }
}

fn objects(config: &Config) -> PathBuf {
    config.data_dir.join("objects")
}

/// Creates what is missing, counts a start, and opens everything.
async fn start(config: &Config) -> anyhow::Result<Installed> {
    match config.store.kind.recorded() {
        StoreKind::Embedded => start_embedded(config).await,
        kind @ (StoreKind::Minio | StoreKind::Gateway) => start_external(config, kind).await,
    }
}

async fn start_embedded(config: &Config) -> anyhow::Result<Installed> {
    let folder = objects(config);
    let in_folder = || format!("the objects in {} cannot be opened", folder.display());
    // The lock comes before anything is read, and before the records are migrated: another server may be in the folder.
    // Where there is no folder there is no server, and it is not created before the rest was found to be right.
    let found_folder = folder.try_exists().with_context(in_folder)?;
    if !found_folder {
        inspect(config).await?.verify(config)?;
        create_data_folder(config).await?;
    }
    let lock = FolderLock::take(&folder).await.with_context(in_folder)?;
    let inspected = inspect(config).await?;
    let verified = inspected.verify(config)?;
    let hub_id = verified.hub_id.unwrap_or_else(|| HubId::new(OsIdSource.installation_id()));
    let starts = verified.starts.saturating_add(1);
    let (records, store) = count_start(config, lock, hub_id, starts, record).await?;
    Ok(Installed { records, store, is_new: inspected.is_empty() })
}

async fn record(records: Records, start: Start) -> anyhow::Result<Records> {
    let recorded = record_start(records.unit_of_work.as_ref(), &start).await;
    let recorded = recorded.context("the start cannot be recorded")?;
    anyhow::ensure!(recorded.hub_id == start.hub_id, "the records were given another identity meanwhile; start again");
    Ok(records)
}

/// Counts a start of the embedded store, in the order that `storage_hub_core::use_cases::installation` describes.
async fn count_start<F: Future<Output = anyhow::Result<Records>>>(
    config: &Config,
    lock: FolderLock,
    hub_id: HubId,
    starts: i64,
    record: impl FnOnce(Records, Start) -> F,
) -> anyhow::Result<(Records, Store)> {
    let folder = objects(config);
    let in_folder = || format!("the objects in {} cannot be opened", folder.display());
    write_file(&folder, HubFile { hub_id, starts, starting: true }).await?;
    reach(Failpoint::StartAnnounced);
    let embedded = EmbeddedStore::open_locked(lock).await.with_context(in_folder)?;
    embedded.record_start(hub_id, starts).await.with_context(in_folder)?;
    reach(Failpoint::StartInIndex);
    let records = Database::new(config)?.open().await?;
    let (store_kind, store_id) = (StoreKind::Embedded, StoreId::new(hub_id.uuid()));
    let records = record(records, Start { hub_id, number: Some(starts), store_kind, store_id }).await?;
    reach(Failpoint::StartInRecords);
    write_file(&folder, HubFile { hub_id, starts, starting: false }).await?;
    Ok((records, store::embedded(embedded, &folder)))
}

async fn write_file(folder: &Path, file: HubFile) -> anyhow::Result<()> {
    let owned = folder.to_owned();
    let written = blocking(move || write_hub_file(&owned, &file)).await?;
    written.with_context(|| format!("{} cannot be written", folder.join("hub.json").display()))
}

async fn create_data_folder(config: &Config) -> anyhow::Result<()> {
    let folder = config.data_dir.clone();
    let created = blocking(move || std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)).await?;
    created.with_context(|| format!("data_dir: the folder {} cannot be created", config.data_dir.display()))
}

async fn start_external(config: &Config, store_kind: StoreKind) -> anyhow::Result<Installed> {
    let inspected = inspect(config).await?;
    inspected.verify(config)?;
    if inspected.is_empty() {
        refuse_used_store(config).await?;
    }
    create_data_folder(config).await?;
    let records = Database::new(config)?.open().await?;
    let start = Start {
        hub_id: HubId::new(OsIdSource.installation_id()),
        number: None,
        store_kind,
        store_id: StoreId::new(OsIdSource.installation_id()),
    };
    let recorded = record_start(records.unit_of_work.as_ref(), &start).await;
    recorded.context("the start cannot be recorded")?;
    let store = store::external(config, records.unit_of_work.clone())?;
    verify_store(config, &store).await?;
    Ok(Installed { records, store, is_new: inspected.is_empty() })
}

/// Refuses a store that another installation has used, when the records are empty. An unreachable store is verified
/// later.
async fn refuse_used_store(config: &Config) -> anyhow::Result<()> {
    let Ok(checked) = tokio::time::timeout(STORE_TIMEOUT, store::check_unused(config)).await else { return Ok(()) };
    match checked? {
        Err(ClaimError::Fault(fault)) => {
            // Another replica may have been the first meanwhile.
            if inspect(config).await?.is_empty() { Err(refusal(config, &fault)) } else { Ok(()) }
        }
        Err(error @ ClaimError::Records(_)) => Err(error.into()),
        Ok(()) | Err(ClaimError::Store(_)) => Ok(()),
    }
}

/// Verifies an external store. An unreachable one is verified later, and until then nothing is sent to it.
async fn verify_store(config: &Config, store: &Store) -> anyhow::Result<()> {
    let Some(claim) = &store.claim else { return Ok(()) };
    match tokio::time::timeout(STORE_TIMEOUT, claim.verify()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(ClaimError::Fault(fault))) => Err(refusal(config, &fault)),
        Ok(Err(error @ ClaimError::Records(_))) => Err(error.into()),
        Ok(Err(ClaimError::Store(error))) => {
            let error = anyhow::Error::from(error);
            tracing::warn!(error = format!("{error:#}"), "could not verify the store; retrying");
            Ok(())
        }
        Err(_) => {
            tracing::warn!("could not verify the store in time; retrying");
            Ok(())
        }
    }
}

/// Verifies a store that was unreachable at the start, until that succeeds.
///
/// # Errors
/// When it belongs to other records.
pub(crate) async fn verify_later(config: &Config, claim: &StoreClaim) -> anyhow::Result<()> {
    loop {
        match claim.verify().await {
            Ok(()) => return Ok(()),
            Err(ClaimError::Fault(fault)) => return Err(refusal(config, &fault)),
            Err(ClaimError::Store(_) | ClaimError::Records(_)) => tokio::time::sleep(RETRY_INTERVAL).await,
        }
    }
}

/// Opens an existing installation, possibly while a server is running.
async fn attach(config: &Config) -> anyhow::Result<Installed> {
    let mut inspected = inspect(config).await?;
    if verify(&inspected.found).is_err() {
        // While a server starts, its parts do not belong together for a moment.
        tokio::time::sleep(RETRY_INTERVAL).await;
        inspected = inspect(config).await?;
    }
    inspected.refuse_newer()?;
    if inspected.is_empty() {
        return Err(no_hub(config));
    }
    inspected.verify(config)?;
    if let Some((name, count)) = inspected.pending() {
        bail!("{name} lacks {count} migrations of this release; run storage-hub migrate");
    }
    if !inspected.is_up_to_date() {
        bail!("the records have no hub id yet; run storage-hub migrate");
    }
    let records = Database::new(config)?.open().await?;
    let store = match config.store.kind.recorded() {
        StoreKind::Embedded => {
            let folder = objects(config);
            let embedded = EmbeddedStore::attach(&folder).await;
            let embedded = embedded.with_context(|| format!("the objects in {} cannot be opened", folder.display()))?;
            store::embedded(embedded, &folder)
        }
        StoreKind::Minio | StoreKind::Gateway => {
            let store = store::external(config, records.unit_of_work.clone())?;
            verify_store(config, &store).await?;
            store
        }
    };
    Ok(Installed { records, store, is_new: false })
}

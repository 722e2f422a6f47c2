//! `store adopt`: the operator accepts records and a store that a start refuses.

use anyhow::Context as _;
use storage_hub_adapter_crypto::OsIdSource;
use storage_hub_adapter_embedded::FolderLock;
use storage_hub_core::domain::{HubId, Installation, StoreId, StoreKind};
use storage_hub_core::ports::{HubFileState, IdSource as _, IndexState, RecordsContents, StoreMark};
use storage_hub_core::use_cases::installation::{self, ClaimError, Start, verify};

use super::super::records::{Database, Records};
use super::super::store;
use super::{Inspected, count_start, create_data_folder, inspect, no_hub, objects};
use crate::config::Config;

/// The fault that a start refuses, and that would be accepted; `None` if there is none.
///
/// # Errors
/// When something cannot be read, or there is no installation.
pub(crate) async fn find_fault(config: &Config) -> anyhow::Result<Option<String>> {
    let inspected = inspect(config).await?;
    inspected.refuse_newer()?;
    if inspected.is_nothing() {
        return Err(no_hub(config));
    }
    if let Err(fault) = verify(&inspected.found) {
        return Ok(Some(fault.to_string()));
    }
    if config.store.kind.recorded() == StoreKind::Embedded {
        return Ok(None);
    }
    let checked = if inspected.is_empty() {
        store::check_unused(config).await?
    } else if inspected.is_up_to_date() {
        let records = Database::new(config)?.open().await?;
        let store = store::external(config, records.unit_of_work)?;
        match &store.claim {
            Some(claim) => claim.verify().await,
            None => Ok(()),
        }
    } else {
        Ok(())
    };
    match checked {
        Ok(()) => Ok(None),
        Err(ClaimError::Fault(fault)) => Ok(Some(fault.to_string())),
        Err(error) => Err(error).context("the store cannot be verified"),
    }
}

/// Makes everything that exists one installation, with the identity of the records if they have one.
///
/// # Errors
/// When something cannot be read or written; the command can be repeated then.
pub(crate) async fn accept(config: &Config) -> anyhow::Result<()> {
    create_data_folder(config).await?;
    match config.store.kind.recorded() {
        StoreKind::Embedded => accept_embedded(config).await,
        kind @ (StoreKind::Minio | StoreKind::Gateway) => accept_external(config, kind).await,
    }
}

async fn accept_embedded(config: &Config) -> anyhow::Result<()> {
    let folder = objects(config);
    let lock = FolderLock::take(&folder).await;
    let lock = lock.with_context(|| format!("the objects in {} cannot be opened", folder.display()))?;
    let inspected = inspect(config).await?;
    inspected.refuse_newer()?;
    let known = identities(&inspected);
    let hub_id = known.first().map_or_else(|| HubId::new(OsIdSource.installation_id()), |(hub_id, _)| *hub_id);
    let starts = known.iter().map(|(_, starts)| *starts).max().unwrap_or_default().saturating_add(1);
    count_start(config, lock, hub_id, starts, adopt).await?;
    Ok(())
}

async fn adopt(records: Records, start: Start) -> anyhow::Result<Records> {
    record(&records, &start).await?;
    Ok(records)
}

async fn record(records: &Records, start: &Start) -> anyhow::Result<Installation> {
    let adopted = installation::adopt(records.unit_of_work.as_ref(), start).await;
    adopted.context("the identity cannot be written to the records")
}

/// The identities that were found, in order of precedence.
fn identities(inspected: &Inspected) -> Vec<(HubId, i64)> {
    let mut known = Vec::new();
    if let RecordsContents::Identified(installation) = &inspected.found.records {
        known.push((installation.hub_id, installation.starts));
    }
    if let Some(embedded) = &inspected.found.embedded {
        if let IndexState::Identified { hub_id, starts } = embedded.index {
            known.push((hub_id, starts));
        }
        if let HubFileState::Found(file) = &embedded.hub_file {
            known.push((file.hub_id, file.starts));
        }
    }
    known
}

async fn accept_external(config: &Config, store_kind: StoreKind) -> anyhow::Result<()> {
    let records = Database::new(config)?.open().await?;
    let store = store::external(config, records.unit_of_work.clone())?;
    let claim = store.claim.context("the store has no mark")?;
    let marked = claim.find_mark().await.context("the store cannot be read")?;
    let start = Start {
        hub_id: marked.map_or_else(|| HubId::new(OsIdSource.installation_id()), |mark| mark.hub_id),
        number: None,
        store_kind,
        store_id: StoreId::new(OsIdSource.installation_id()),
    };
    let adopted = record(&records, &start).await?;
    let mark = StoreMark { hub_id: adopted.hub_id, store_id: adopted.store_id };
    claim.put_mark(&mark).await.context("the store cannot be marked")?;
    claim.verify().await.context("the store cannot be verified")
}

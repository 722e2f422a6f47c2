use super::{InstallationFault, Place};
use crate::domain::{HubId, Installation, StoreKind};
use crate::ports::{EmbeddedState, HubFile, HubFileState, IndexState, RecordsContents};

/// What a start has found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The kind of store that is configured.
    pub store_kind: StoreKind,
    /// The records.
    pub records: RecordsContents,
    /// Whether the data folder holds a vault key that the hub generated.
    pub has_vault_key: bool,
    /// The embedded store, where it is the configured one.
    pub embedded: Option<EmbeddedState>,
}

/// The one installation that everything belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its identity; `None` where it has none yet.
    pub hub_id: Option<HubId>,
    /// How many starts were counted to the end.
    pub starts: i64,
}

/// Decides whether what was found is one installation. Changes nothing.
///
/// # Errors
/// [`InstallationFault`], the first.
pub fn verify(found: &Found) -> Result<Verified, InstallationFault> {
    if let RecordsContents::Identified(installation) = &found.records
        && installation.store_kind != found.store_kind
    {
        let recorded = installation.store_kind;
        return Err(InstallationFault::StoreKind { recorded, configured: found.store_kind });
    }
    if let Some(embedded) = &found.embedded {
        return verify_embedded(found, embedded);
    }
    match &found.records {
        RecordsContents::Empty if found.has_vault_key => Err(InstallationFault::VaultKeyWithoutRecords),
        RecordsContents::Empty | RecordsContents::Unidentified { .. } => Ok(Verified { hub_id: None, starts: 0 }),
        RecordsContents::Identified(Installation { hub_id, starts, .. }) => {
            Ok(Verified { hub_id: Some(*hub_id), starts: *starts })
        }
    }
}

fn verify_embedded(found: &Found, embedded: &EmbeddedState) -> Result<Verified, InstallationFault> {
    let file = match &embedded.hub_file {
        HubFileState::Damaged(why) => return Err(InstallationFault::HubFileDamaged(why.clone())),
        HubFileState::Found(file) => Some(*file),
        HubFileState::Missing => None,
    };
    let must_have_index =
        embedded.has_blobs || matches!(found.records, RecordsContents::Unidentified { has_buckets: true });
    match embedded.index {
        IndexState::Missing if must_have_index => return Err(InstallationFault::IndexMissing),
        IndexState::Empty if must_have_index => return Err(InstallationFault::IndexEmpty),
        _ => {}
    }
    match &found.records {
        RecordsContents::Identified(installation) => verify_identified(installation, embedded.index, file),
        records if found.has_vault_key && *records == RecordsContents::Empty => {
            Err(InstallationFault::VaultKeyWithoutRecords)
        }
        records => verify_unidentified(records, embedded.index, file),
    }
}

/// Records without an identity go with a store without one, or with one whose first start did not come to its end.
fn verify_unidentified(
    records: &RecordsContents,
    index: IndexState,
    file: Option<HubFile>,
) -> Result<Verified, InstallationFault> {
    let without_id = |place, hub_id| match records {
        RecordsContents::Empty => Err(InstallationFault::RecordsMissing(place)),
        _ => Err(InstallationFault::RecordsWithoutId { place, hub_id }),
    };
    match (index, file) {
        (IndexState::Unidentified, None) if *records == RecordsContents::Empty => {
            Err(InstallationFault::RecordsMissing(Place::Index))
        }
        (IndexState::Missing | IndexState::Empty | IndexState::Unidentified, None) => {
            Ok(Verified { hub_id: None, starts: 0 })
        }
        (IndexState::Identified { hub_id, .. }, None) => without_id(Place::Index, hub_id),
        (index, Some(file)) => {
            let counted = match index {
                IndexState::Missing | IndexState::Empty => true,
                IndexState::Unidentified => *records != RecordsContents::Empty,
                IndexState::Identified { hub_id, starts } => hub_id == file.hub_id && starts == 1,
            };
            if file.starting && file.starts == 1 && counted {
                return Ok(Verified { hub_id: Some(file.hub_id), starts: 0 });
            }
            without_id(Place::HubFile, file.hub_id)
        }
    }
}

fn verify_identified(
    installation: &Installation,
    index: IndexState,
    file: Option<HubFile>,
) -> Result<Verified, InstallationFault> {
    let recorded = installation.hub_id;
    let other = |place, found| Err(InstallationFault::OtherHub { place, found, recorded });
    let (index_id, index_starts) = match index {
        IndexState::Missing => return Err(InstallationFault::IndexMissing),
        IndexState::Empty => return Err(InstallationFault::IndexEmpty),
        IndexState::Unidentified => return Err(InstallationFault::IndexWithoutId(recorded)),
        IndexState::Identified { hub_id, starts } => (hub_id, starts),
    };
    if index_id != recorded {
        return other(Place::Index, index_id);
    }
    let Some(file) = file else { return Err(InstallationFault::HubFileMissing) };
    if file.hub_id != recorded {
        return other(Place::HubFile, file.hub_id);
    }
    let counts = [(Place::Records, installation.starts), (Place::Index, index_starts)];
    let last = file.starts;
    let expected = counts.into_iter().map(|(_, starts)| starts).fold(last, i64::max);
    let before = if file.starting { last.saturating_sub(1) } else { last };
    if last < expected {
        return Err(InstallationFault::Older { place: Place::HubFile, counted: last, expected });
    }
    // The index is counted before the records: behind them it is an older copy, also during a start.
    let floors = [before, before.max(installation.starts)];
    for ((place, counted), floor) in counts.into_iter().zip(floors) {
        if counted < floor {
            return Err(InstallationFault::Older { place, counted, expected });
        }
    }
    Ok(Verified { hub_id: Some(recorded), starts: before })
}

use std::fmt;

use crate::domain::{HubId, StoreKind};

/// Something that carries the identity of the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The records.
    Records,
    /// The index of the embedded store.
    Index,
    /// The file next to it.
    HubFile,
    /// A store outside the data folder.
    Store,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Records => "the records",
            Self::Index => "the object index (index.sqlite)",
            Self::HubFile => "hub.json",
            Self::Store => "the store",
        })
    }
}

/// Why the records and the store are not taken for one installation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstallationFault {
    /// Another kind of store is configured.
    #[error("the records belong to a store of kind `{recorded}`, but store.kind is `{configured}`")]
    StoreKind {
        /// The kind of the records.
        recorded: StoreKind,
        /// The kind of the configuration.
        configured: StoreKind,
    },
    /// The vault key is what is left of an installation.
    #[error("there is a vault.key, but there are no records")]
    VaultKeyWithoutRecords,
    /// The store has data, and the records have none.
    #[error("the records are missing or empty, but {0} belongs to an installation")]
    RecordsMissing(Place),
    /// The records are older than the identity of the store.
    #[error("the records have no hub id, but {place} belongs to hub {hub_id}: found an older copy of the records")]
    RecordsWithoutId {
        /// What has an identity.
        place: Place,
        /// Which.
        hub_id: HubId,
    },
    /// There is no index, but there are objects.
    #[error("the object index (index.sqlite) is missing, but there are buckets or files of objects")]
    IndexMissing,
    /// The index knows nothing, but there are objects.
    #[error("the object index (index.sqlite) is empty, but there are buckets or files of objects")]
    IndexEmpty,
    /// The index is older than the identity of the records.
    #[error(
        "the object index (index.sqlite) has no hub id, but the records belong to hub {0}: found an older copy of the index"
    )]
    IndexWithoutId(HubId),
    /// The file next to the index is missing.
    #[error("hub.json is missing next to the object index")]
    HubFileMissing,
    /// The file next to the index is damaged.
    #[error("hub.json next to the object index is damaged: {0}")]
    HubFileDamaged(String),
    /// Two installations.
    #[error("{place} belongs to hub {found}, but the records belong to hub {recorded}")]
    OtherHub {
        /// What belongs to another installation.
        place: Place,
        /// To which.
        found: HubId,
        /// The installation of the records.
        recorded: HubId,
    },
    /// One is a copy from before the last start.
    #[error("found an older copy of {place}, with {counted} starts of the server instead of {expected}")]
    Older {
        /// Which.
        place: Place,
        /// How many starts it counts.
        counted: i64,
        /// How many the others count.
        expected: i64,
    },
    /// The store has lost the mark, or is another one.
    #[error("the store does not carry the mark of hub {0}, to which the records belong")]
    MarkMissing(HubId),
    /// The store was replaced by an earlier one of the same installation.
    #[error("the store carries the mark of hub {0}, but it is not the store that the records belong to")]
    OtherStore(HubId),
}

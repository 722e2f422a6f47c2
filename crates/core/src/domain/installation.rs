use std::fmt;

use super::{HubId, StoreId, Timestamp};

/// Where the bytes of an installation are, as the records name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// In the data folder of this process.
    Embedded,
    /// On a MinIO server.
    Minio,
    /// On any S3 service, behind the S3 endpoint of this process.
    Gateway,
}

/// A text that names no [`StoreKind`] of this release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a kind of store that this release knows")]
pub struct StoreKindError(String);

impl StoreKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Embedded, Self::Minio, Self::Gateway];

    /// The name in the records and in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Minio => "minio",
            Self::Gateway => "gateway",
        }
    }

    /// Reads the name.
    ///
    /// # Errors
    /// [`StoreKindError`] for any other text.
    pub fn parse(text: &str) -> Result<Self, StoreKindError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| StoreKindError(text.to_owned()))
    }
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The identity of an installation, as the records keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// Which installation. It never changes.
    pub hub_id: HubId,
    /// How many servers have been started on these records. The embedded store counts the same starts.
    pub starts: i64,
    /// Which kind of store the records belong to.
    pub store_kind: StoreKind,
    /// Which store of that kind.
    pub store_id: StoreId,
    /// Whether the store is known to carry `hub_id` and `store_id`. Until then a store that carries neither is accepted.
    pub store_claimed: bool,
    /// Which rendering of policies the store has.
    pub policy_revision: i64,
}

/// What a probe found out about the store: which S3 operations and rules it really has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreProbe {
    /// The store that was probed. The result says nothing about any other.
    pub store_id: StoreId,
    /// When.
    pub probed_at: Timestamp,
    /// The findings, as the adapter that probed writes them; nobody else reads them.
    pub result: String,
}

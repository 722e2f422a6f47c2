use async_trait::async_trait;

use super::StoreError;
use crate::domain::{HubId, StoreId};
use crate::policy::PolicyPrefix;

/// What a store outside the data folder says about the hub that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreMark {
    /// Which installation.
    pub hub_id: HubId,
    /// Which of its stores.
    pub store_id: StoreId,
}

/// Marks a store as that of one hub. Hubs that share a store have different policy prefixes, and a mark for each.
///
/// # Contract
/// - What was put is found, also after a restart of the store, and by other processes.
/// - Every call returns within seconds: when the store does not respond, with [`StoreError::Unavailable`].
/// - A mark that cannot be read is an error, never `None`.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait StoreMarker: Send + Sync {
    /// The mark of the hub with this policy prefix; `None` when there is none.
    async fn find_mark(&self, prefix: &PolicyPrefix) -> Result<Option<StoreMark>, StoreError>;

    /// Writes the mark over whatever was there.
    async fn put_mark(&self, prefix: &PolicyPrefix, mark: &StoreMark) -> Result<(), StoreError>;
}

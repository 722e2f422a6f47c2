use async_trait::async_trait;
use uuid::Uuid;

use super::RecordError;
use crate::domain::{StoreProbe, Timestamp};

/// The result of the last probe of the store, and the lease of whoever probes it, in a transaction.
///
/// # Contract
/// - Every method fails with the database's [`RecordError`].
/// - There is at most one result and one lease. Of two concurrent calls of `lease`, one gets `false` or
///   [`RecordError::Conflict`].
/// - An expired lease can be taken over; the worker that lost it can no longer complete its probe.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait StoreProbeRepository: Send {
    /// Finds the result of the last completed probe, of whichever store.
    async fn find(&mut self) -> Result<Option<StoreProbe>, RecordError>;

    /// Takes the lease until `expires_at`; `false` while another one has not expired at `now`.
    async fn lease(&mut self, token: Uuid, now: Timestamp, expires_at: Timestamp) -> Result<bool, RecordError>;

    /// Replaces the result and ends the lease; `false`, and nothing is changed, if the lease is not this one.
    async fn complete(&mut self, token: Uuid, probe: &StoreProbe) -> Result<bool, RecordError>;

    /// Ends the lease without a result; `false` if the lease is not this one.
    async fn release(&mut self, token: Uuid) -> Result<bool, RecordError>;
}

//! The probe of a store behind the gateway: its result is kept in the records, so that every replica knows what the store
//! can do, and one of them renews it.
//!
//! | function | when |
//! |---|---|
//! | [`find_probe`] | at the start, and again and again, to learn what another replica found |
//! | [`lease_probe`] | before a probe, so that only one replica probes |
//! | [`complete_probe`] | after it |
//! | [`release_probe`] | after one that failed |

use std::time::Duration;

use uuid::Uuid;

use super::retry::retrying;
use crate::context::Ports;
use crate::domain::{StoreId, StoreProbe};
use crate::ports::RecordError;

/// Age at which a result is renewed. Until it has been, it stays in use.
pub const VALIDITY: Duration = Duration::from_secs(24 * 60 * 60);
/// Duration of the lease: a probe that takes longer may run twice, which does no harm.
const LEASE: Duration = Duration::from_secs(5 * 60);

/// The right of one process to probe the store.
#[derive(Clone, Copy, Debug)]
pub struct ProbeLease {
    token: Uuid,
    store_id: StoreId,
}

/// Finds what is known of the store that the records belong to.
///
/// # Errors
/// [`RecordError`] of the database.
pub async fn find_probe(ports: &Ports) -> Result<Option<StoreProbe>, RecordError> {
    retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        let installation = transaction.installation().find().await?.ok_or(RecordError::NotFound)?;
        let probe = transaction.store_probe().find().await?;
        transaction.commit().await?;
        Ok(probe.filter(|probe| probe.store_id == installation.store_id))
    })
    .await
}

/// Whether it is time to probe the store.
#[must_use]
pub fn is_due(ports: &Ports, known: Option<&StoreProbe>) -> bool {
    known.is_none_or(|probe| probe.probed_at.after(VALIDITY) <= ports.clock.now())
}

/// Takes the lease of the probe; `None` while another process has it.
///
/// # Errors
/// [`RecordError`] of the database.
pub async fn lease_probe(ports: &Ports) -> Result<Option<ProbeLease>, RecordError> {
    retrying(ports, || async {
        let (token, now) = (ports.ids.lease_token(), ports.clock.now());
        let mut transaction = ports.unit_of_work.begin().await?;
        let installation = transaction.installation().find().await?.ok_or(RecordError::NotFound)?;
        let leased = transaction.store_probe().lease(token, now, now.after(LEASE)).await?;
        transaction.commit().await?;
        Ok(leased.then_some(ProbeLease { token, store_id: installation.store_id }))
    })
    .await
}

/// Writes what a probe found. Returns it, or what another process found if that took the lease over.
///
/// # Errors
/// [`RecordError`] of the database.
pub async fn complete_probe(
    ports: &Ports,
    lease: ProbeLease,
    result: String,
) -> Result<Option<StoreProbe>, RecordError> {
    let probe = StoreProbe { store_id: lease.store_id, probed_at: ports.clock.now(), result };
    let written = retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        let written = transaction.store_probe().complete(lease.token, &probe).await?;
        transaction.commit().await?;
        Ok::<_, RecordError>(written)
    })
    .await?;
    if written { Ok(Some(probe)) } else { find_probe(ports).await }
}

/// Ends the lease of a probe that failed, so that the next one need not wait for its end.
///
/// # Errors
/// [`RecordError`] of the database.
pub async fn release_probe(ports: &Ports, lease: ProbeLease) -> Result<(), RecordError> {
    retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        transaction.store_probe().release(lease.token).await?;
        transaction.commit().await
    })
    .await
}

use super::{InstallationFault, Place};
use crate::failpoint::{Failpoint, reach};
use crate::policy::{PolicyName, PolicyPrefix};
use crate::ports::{PrincipalStore, RecordError, StoreError, StoreMark, StoreMarker, UnitOfWork};

/// Why a store outside the data folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// It is not the store of these records.
    #[error(transparent)]
    Fault(#[from] InstallationFault),
    /// The records cannot be read or written.
    #[error(transparent)]
    Records(#[from] RecordError),
    /// The store does not answer as it should; it may later.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes sure that a store has no installation with this prefix, before records without an identity are given one.
/// `principals` are those of a store that has some.
///
/// # Errors
/// [`InstallationFault::RecordsMissing`] when it has; [`StoreError`] when it does not say.
pub async fn check_unclaimed(
    marker: &dyn StoreMarker,
    principals: Option<&dyn PrincipalStore>,
    prefix: &PolicyPrefix,
) -> Result<(), ClaimError> {
    let mut used = marker.find_mark(prefix).await?.is_some();
    // A release that wrote no mark wrote this policy for the first administrator.
    if let Some(principals) = principals.filter(|_| !used) {
        used = principals.find_policy(&PolicyName::admin(prefix)).await?.is_some();
    }
    if used { Err(InstallationFault::RecordsMissing(Place::Store).into()) } else { Ok(()) }
}

/// Makes sure that a store is the one of these records; marks it as that when the records have had none so far.
///
/// The mark is written before the records note it, and the ids were chosen before both. So every attempt writes the same
/// mark, also of replicas that start together, and one that was cut off is repeated.
///
/// # Errors
/// [`ClaimError`].
pub async fn claim_store(
    unit_of_work: &dyn UnitOfWork,
    marker: &dyn StoreMarker,
    prefix: &PolicyPrefix,
) -> Result<(), ClaimError> {
    let mut transaction = unit_of_work.begin().await?;
    let installation = transaction.installation().find().await?.ok_or(RecordError::NotFound)?;
    transaction.commit().await?;
    let hub_id = installation.hub_id;
    let wanted = StoreMark { hub_id, store_id: installation.store_id };
    match marker.find_mark(prefix).await? {
        Some(mark) if mark == wanted => {}
        Some(mark) if mark.hub_id != hub_id => {
            let (place, found, recorded) = (Place::Store, mark.hub_id, hub_id);
            return Err(InstallationFault::OtherHub { place, found, recorded }.into());
        }
        Some(_) => return Err(InstallationFault::OtherStore(hub_id).into()),
        None if installation.store_claimed => return Err(InstallationFault::MarkMissing(hub_id).into()),
        None => marker.put_mark(prefix, &wanted).await?,
    }
    if installation.store_claimed {
        return Ok(());
    }
    reach(Failpoint::StartAfterMark);
    let mut transaction = unit_of_work.begin().await?;
    let mut installation = transaction.installation().find().await?.ok_or(RecordError::NotFound)?;
    installation.store_claimed = true;
    transaction.installation().update(&installation).await?;
    transaction.commit().await?;
    Ok(())
}

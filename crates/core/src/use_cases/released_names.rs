//! Names of deleted buckets that are reserved for their last owners: what an operator does with them.

use super::fault::Fault;
use super::retry::retrying;
use crate::context::Ports;
use crate::domain::{BucketName, ReleasedName};
use crate::ports::RecordError;

/// Why a name was not released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseNameError {
    /// A bucket has the name, or one whose deletion has not ended.
    #[error("a bucket named {0} exists or is still being deleted; a name is reserved only after that")]
    InUse(BucketName),
    /// Nobody but its taker keeps anybody from the name.
    #[error("the name {0} is not reserved; anybody may create a bucket of it")]
    NotReserved(BucketName),
    /// An internal failure that the caller cannot fix.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Releases a reserved name before its time, so that anybody may take it, and returns what it was reserved for.
///
/// Until its time, the store may complete requests that it admitted before the old bucket was deleted, in whatever bucket
/// has the name by then.
///
/// # Errors
/// [`ReleaseNameError`].
pub async fn release_name(ports: &Ports, name: &BucketName) -> Result<ReleasedName, ReleaseNameError> {
    let deleted = retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        // The bucket first: a transaction that creates or releases one locks in this order too.
        let in_use = transaction.buckets().find_by_name(name).await?.is_some();
        let released = transaction.released_names().find(name).await?;
        let released = released.filter(|released| !in_use && ports.clock.now() < released.reserved_until);
        if released.is_some() {
            transaction.released_names().delete(name).await?;
        }
        transaction.commit().await?;
        Ok::<_, RecordError>((in_use, released))
    });
    match deleted.await.map_err(Fault::from)? {
        (true, _) => Err(ReleaseNameError::InUse(name.clone())),
        (false, None) => Err(ReleaseNameError::NotReserved(name.clone())),
        (false, Some(released)) => Ok(released),
    }
}

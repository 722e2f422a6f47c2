//! One identity of the installation: the records, the object index, `hub.json` and an external store carry the same
//! [`HubId`], and the first three count the same starts of the server. So a start sees when one of them is missing, is
//! that of another installation, or is an older copy, before anything is created or deleted on that ground.
//!
//! A start of the embedded store is counted in four steps, and may end between any two of them:
//!
//! ```text
//!              hub.json         index   records
//!              n                n       n        before
//! announce     n + 1, starting  n       n
//! count        n + 1, starting  n + 1   n
//! count        n + 1, starting  n + 1   n + 1
//! confirm      n + 1            n + 1   n + 1
//! ```
//!
//! While `hub.json` says `starting`, the index and the records may be one behind, and the next start repeats the same
//! number. Otherwise all three are equal, so that one that is behind is an older copy. The first start has `n = 0`, and
//! no identity in the index and the records.

mod fault;
mod store_mark;
mod verify;

pub use fault::{InstallationFault, Place};
pub use store_mark::{ClaimError, check_unclaimed, claim_store};
pub use verify::{Found, Verified, verify};

use crate::domain::{HubId, Installation, StoreId, StoreKind};
use crate::ports::{RecordError, UnitOfWork};

/// How often a start that meets another one in the database is tried.
const ATTEMPTS: usize = 5;

/// A start of the server, as the records are to note it.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// The identity; where the records have one already, theirs counts.
    pub hub_id: HubId,
    /// The number of the start; `None` for one more than the records count.
    pub number: Option<i64>,
    /// Which kind of store it serves from.
    pub store_kind: StoreKind,
    /// The identity of that store, where the records have none.
    pub store_id: StoreId,
}

/// Counts a start in the records, and gives them the identity that they lack.
///
/// # Errors
/// [`RecordError`] of the database.
pub async fn record_start(unit_of_work: &dyn UnitOfWork, start: &Start) -> Result<Installation, RecordError> {
    write(unit_of_work, start, |installation| {
        installation.starts = start.number.unwrap_or_else(|| installation.starts.saturating_add(1));
    })
    .await
}

/// Writes the identity over what the records say of the store: the operator accepted the store as it is.
///
/// # Errors
/// [`RecordError`] of the database.
pub async fn adopt(unit_of_work: &dyn UnitOfWork, start: &Start) -> Result<Installation, RecordError> {
    write(unit_of_work, start, |installation| {
        installation.starts = start.number.unwrap_or_else(|| installation.starts.saturating_add(1));
        installation.store_kind = start.store_kind;
        installation.store_id = start.store_id;
        installation.store_claimed = false;
    })
    .await
}

/// Changes the identity, or inserts the one of the start. Of two replicas that start first, one finds the other's.
async fn write(
    unit_of_work: &dyn UnitOfWork,
    start: &Start,
    change: impl Fn(&mut Installation) + Send + Sync,
) -> Result<Installation, RecordError> {
    let mut attempt = 1;
    loop {
        match write_once(unit_of_work, start, &change).await {
            Err(RecordError::Conflict(_) | RecordError::AlreadyExists(_)) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

async fn write_once(
    unit_of_work: &dyn UnitOfWork,
    start: &Start,
    change: &(impl Fn(&mut Installation) + Send + Sync),
) -> Result<Installation, RecordError> {
    let mut transaction = unit_of_work.begin().await?;
    let installation = match transaction.installation().find().await? {
        Some(mut installation) => {
            change(&mut installation);
            transaction.installation().update(&installation).await?;
            installation
        }
        None => {
            let installation = Installation {
                hub_id: start.hub_id,
                starts: start.number.unwrap_or(1),
                store_kind: start.store_kind,
                store_id: start.store_id,
                store_claimed: false,
                policy_revision: 0,
            };
            transaction.installation().insert(&installation).await?;
            installation
        }
    };
    transaction.commit().await?;
    Ok(installation)
}

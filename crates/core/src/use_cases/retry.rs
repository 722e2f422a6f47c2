//! Running a transaction again when another was in its way.

use std::time::Duration;

use super::accounts::AccountError;
use super::administration::AdministrationError;
use super::buckets::BucketError;
use super::fault::Fault;
use crate::ports::{Ports, RecordError};

/// How long to wait before each further attempt.
const WAITS: [Duration; 3] = [Duration::from_millis(5), Duration::from_millis(20), Duration::from_millis(80)];

/// Runs something that writes in one transaction, or that may be done twice, until no other transaction is in its way.
///
/// Transactions lock in one order (users, buckets, shards, outbox), so that they seldom are; the last attempt's
/// conflict is the outcome.
pub(super) async fn retrying<T, E: MayConflict, F: Future<Output = Result<T, E>>>(
    ports: &Ports,
    work: impl Fn() -> F,
) -> Result<T, E> {
    for wait in WAITS {
        match work().await {
            Err(error) if error.is_conflict() => {
                tracing::debug!("another transaction was in the way; once more");
                ports.clock.sleep(wait).await;
            }
            outcome => return outcome,
        }
    }
    work().await
}

/// An error that may say that another transaction was in the way.
pub(super) trait MayConflict {
    /// Whether the same again may pass.
    fn is_conflict(&self) -> bool;
}

impl MayConflict for RecordError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}

impl MayConflict for Fault {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Records(error) if error.is_conflict())
    }
}

macro_rules! areas {
    ($($area:ty),+) => {
        $(impl MayConflict for $area {
            fn is_conflict(&self) -> bool {
                matches!(self, Self::Fault(fault) if fault.is_conflict())
            }
        })+
    };
}

areas!(AccountError, AdministrationError, BucketError);

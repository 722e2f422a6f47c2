//! Running a transaction again when another was in its way.

use std::time::Duration;

use super::fault::MayConflict;
use crate::context::Ports;

/// How long to wait before each further attempt.
const WAITS: [Duration; 3] = [Duration::from_millis(5), Duration::from_millis(20), Duration::from_millis(80)];

/// Runs something that writes in one transaction, or that may be done twice, until no other transaction is in its way.
///
/// Transactions lock in one order (users, buckets, shards, outbox), so that they seldom are; the last attempt's
/// conflict is the outcome.
pub(super) async fn retrying<T, E: MayConflict, F: Future<Output = Result<T, E>>>(
    ports: &Ports,
    mut work: impl FnMut() -> F,
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

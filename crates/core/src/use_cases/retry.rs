//! Retries of transactions that conflicted with another.

use std::time::Duration;

use super::fault::MayConflict;
use crate::context::Ports;

/// How long to wait before each further attempt.
const WAITS: [Duration; 3] = [Duration::from_millis(5), Duration::from_millis(20), Duration::from_millis(80)];

/// Runs work again while it fails with a conflict. The work must write in one transaction only, or be safe to repeat.
///
/// Transactions lock rows in one order ([`task`](super::task)), so that conflicts are rare. A conflict of the last attempt
/// is returned.
pub(super) async fn retrying<T, E: MayConflict, F: Future<Output = Result<T, E>>>(
    ports: &Ports,
    mut work: impl FnMut() -> F,
) -> Result<T, E> {
    for wait in WAITS {
        match work().await {
            Err(error) if error.is_conflict() => {
                tracing::debug!(wait_ms = wait.as_millis(), "a transaction conflicted with another and is retried");
                ports.clock.sleep(wait).await;
            }
            outcome => return outcome,
        }
    }
    work().await
}

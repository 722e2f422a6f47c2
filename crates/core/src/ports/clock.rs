use std::time::Duration;

use async_trait::async_trait;

use crate::domain::Timestamp;

/// The current time, and waiting. Nothing else in the hub reads the time, so that tests can set it.
///
/// # Contract
/// - `sleep` takes at least `wait`, and does not block the thread.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// Waits for a duration.
    async fn sleep(&self, wait: Duration);
}

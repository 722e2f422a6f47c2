use std::time::Duration;

use async_trait::async_trait;

use crate::domain::Timestamp;

/// What time it is, and waiting.
///
/// # Contract
/// - `sleep` lasts at least as long as it is asked to, and another task runs meanwhile.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, wait: Duration);
}

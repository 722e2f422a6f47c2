use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use storage_hub_core::domain::Timestamp;
use storage_hub_core::ports::Clock;

/// The clock of the operating system. Waiting needs a Tokio runtime with its timer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Timestamp {
        // A clock before 1970 is not set at all; then 1970 serves as well.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn the_time_is_after_this_was_written() {
        assert!(SystemClock.now() > Timestamp::from_millis(1_760_000_000_000));
    }

    #[tokio::test]
    async fn sleep_lasts_as_long_as_asked_and_lets_others_run() {
        let (began, wait) = (Instant::now(), Duration::from_millis(20));
        let other = tokio::spawn(async {});
        SystemClock.sleep(wait).await;
        assert!(began.elapsed() >= wait);
        assert!(other.is_finished());
    }
}

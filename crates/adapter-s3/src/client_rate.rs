use std::time::Duration;

use tokio::time::Instant;

/// Measures how much a client moves while it is waited for, to find one that only keeps a connection busy.
#[derive(Debug)]
pub(crate) struct ClientRate {
    min_bytes: u64,
    window: Duration,
    waited: Duration,
    moved: u64,
    waiting_since: Option<Instant>,
}

impl ClientRate {
    /// At least `min_bytes` within each `window` of waiting.
    pub(crate) fn new(min_bytes: u64, window: Duration) -> Self {
        Self { min_bytes, window, waited: Duration::ZERO, moved: 0, waiting_since: None }
    }

    /// The client is waited for from now on. True if it was not waited for before.
    pub(crate) fn wait(&mut self) -> bool {
        let begins = self.waiting_since.is_none();
        self.waiting_since.get_or_insert_with(Instant::now);
        begins
    }

    /// The client has moved some bytes. False if it moves too few.
    pub(crate) fn moved(&mut self, bytes: usize) -> bool {
        self.moved = self.moved.saturating_add(bytes.try_into().unwrap_or(u64::MAX));
        let Some(since) = self.waiting_since.take() else { return true };
        self.waited += since.elapsed();
        if self.waited < self.window {
            return true;
        }
        let enough = self.moved >= self.min_bytes;
        (self.waited, self.moved) = (Duration::ZERO, 0);
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn moves_enough(bytes: usize, pause: u64, turns: u32) -> bool {
        let mut rate = ClientRate::new(300 * 1024, Duration::from_secs(300));
        for _ in 0..turns {
            rate.wait();
            tokio::time::advance(Duration::from_secs(pause)).await;
            if !rate.moved(bytes) {
                return false;
            }
        }
        true
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_in_each_minute_is_too_slow_and_a_modem_is_not() {
        assert!(!moves_enough(1, 59, 10).await);
        assert!(moves_enough(5 * 1024, 1, 1000).await);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_between_two_waits_does_not_count() {
        let mut rate = ClientRate::new(1000, Duration::from_secs(300));
        for _ in 0..100 {
            rate.wait();
            assert!(rate.moved(1));
            tokio::time::advance(Duration::from_secs(60)).await;
        }
    }
}

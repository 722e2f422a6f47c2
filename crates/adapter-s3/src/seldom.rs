use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Minimum time between two log lines about the same event.
const INTERVAL: Duration = Duration::from_secs(60);

/// Counts events that clients can cause at will, so that they are logged once a minute.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Mutex<(u64, Option<Instant>)>);

impl Seldom {
    /// Counts an event. Returns how many there were since the last log line, if a line is due.
    pub(crate) fn count(&self) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = &mut *state;
        *count = count.saturating_add(1);
        if last.is_some_and(|last| last.elapsed() < INTERVAL) {
            return None;
        }
        *last = Some(Instant::now());
        Some(std::mem::take(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn events_are_told_once_a_minute() {
        let events = Seldom::default();
        assert_eq!(events.count(), Some(1));
        assert_eq!((events.count(), events.count()), (None, None));
        tokio::time::advance(INTERVAL).await;
        assert_eq!(events.count(), Some(3));
    }
}

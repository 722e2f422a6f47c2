use std::time::Duration;

/// Is told of every answer: for metrics.
pub trait RequestObserver: Send + Sync {
    /// A request was answered. The route is the pattern that it met; without one there is nothing at its path. Must not
    /// block: the worker waits.
    fn answered(&self, method: &str, route: Option<&str>, status: u16, took: Duration);
}

use std::time::Duration;

/// Observes every response, for metrics.
pub trait RequestObserver: Send + Sync {
    /// Called once a request has been answered. `method` is one that the API has, or `other`; `route` is the template of
    /// the path, or `None` for an unknown path. Must not block, because it runs on the worker's thread.
    fn answered(&self, method: &'static str, route: Option<&str>, status: u16, took: Duration);
}

//! What the embedded store does by itself at intervals.

use std::sync::Arc;
use std::time::{Duration, Instant};

use storage_hub_adapter_embedded::EmbeddedStore;
use storage_hub_core::ports::Clock;

use crate::metrics::Metrics;

/// Maximum time between two searches for expired multipart uploads.
const MAX_EXPIRY_INTERVAL: Duration = Duration::from_secs(3600);

/// Aborts multipart uploads that are older than `max_age`; zero keeps them all.
pub(super) async fn expire_uploads(store: EmbeddedStore, max_age: Duration) {
    if max_age.is_zero() {
        return;
    }
    let mut interval = tokio::time::interval(max_age.min(MAX_EXPIRY_INTERVAL));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        match store.expire_uploads(max_age).await {
            Ok(0) => {}
            Ok(uploads) => tracing::info!(upload.count = uploads, "aborted {uploads} expired multipart uploads"),
            Err(error) => tracing::warn!(error, "could not search for expired multipart uploads"),
        }
    }
}

/// Applies the lifecycle rules of buckets, first at the start; an interval of zero is none.
pub(super) async fn apply_lifecycle(
    store: EmbeddedStore,
    clock: Arc<dyn Clock>,
    interval: Duration,
    metrics: Option<Arc<Metrics>>,
) {
    if interval.is_zero() {
        return;
    }
    let mut interval = tokio::time::interval(interval);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let started = Instant::now();
        let result = store.apply_lifecycle(clock.as_ref()).await;
        if let Some(metrics) = &metrics {
            metrics.lifecycle_passed(result.as_ref().ok(), started.elapsed());
        }
        match result {
            Ok(pass) if pass.buckets == 0 => {}
            Ok(pass) => tracing::info!(
                bucket.count = pass.buckets,
                version.examined = pass.examined,
                object.expired = pass.expired,
                version.deleted = pass.deleted,
                version.kept = pass.kept,
                upload.aborted = pass.aborted,
                duration_ms = started.elapsed().as_millis(),
                "applied the lifecycle rules of {} buckets",
                pass.buckets
            ),
            Err(error) => {
                tracing::warn!(error, "could not apply the lifecycle rules; the next pass makes up for it");
            }
        }
    }
}

//! What a store really does, tried in a scratch bucket of the hub's own.
//!
//! Each finding is the effect of requests, never an announcement: a store that accepts a condition and writes all the same
//! lacks conditions. Whatever fails counts as missing, because what is missing is refused, and never ignored. The bucket and
//! what is in it are deleted afterwards, also when a part of the probe fails.

mod bodies;
mod conditions;
mod features;
mod scratch;

use storage_hub_core::ports::StoreError;
use storage_hub_s3_client::S3Client;

use crate::bucket_prefix::BucketPrefix;
use crate::probe_result::ProbeResult;
use scratch::Scratch;

/// Probes a store.
///
/// # Errors
/// [`StoreError`] if the store does not respond, or does not let the hub create, fill and delete a bucket.
pub async fn probe(client: &S3Client, prefix: &BucketPrefix) -> Result<ProbeResult, StoreError> {
    let scratch = Scratch::create(client, prefix).await?;
    let found = examine(&scratch).await;
    let removed = scratch.remove().await;
    let found = found?;
    if let Err(error) = removed {
        tracing::warn!(
            store.bucket = scratch.bucket(),
            error = &error as &dyn std::error::Error,
            "the scratch bucket {} of the probe could not be deleted",
            scratch.bucket()
        );
    }
    Ok(found)
}

async fn examine(scratch: &Scratch<'_>) -> Result<ProbeResult, StoreError> {
    // The store must at least keep an object: otherwise every feature would be found missing.
    scratch.put("probe", b"probe").await?;
    if scratch.read("probe").await.as_deref() != Some(b"probe") {
        return Err(StoreError::Unexpected("the store does not return what was written".into()));
    }
    let mut result = ProbeResult {
        conditional_writes: conditions::of_writes(scratch).await,
        conditional_copies: conditions::of_copies(scratch).await,
        conditional_completions: conditions::of_completions(scratch).await,
        conditional_deletes: conditions::of_deletions(scratch).await,
        backslashes: features::backslashes(scratch).await,
        long_segments: features::long_segments(scratch).await,
        keys_below_keys: features::keys_below_keys(scratch).await,
        lists_uploads: features::lists_uploads(scratch).await,
        attributes: features::attributes(scratch).await,
        tags: features::tags(scratch).await,
        lifecycle: features::lifecycle(scratch).await,
        checksums: bodies::checksums(scratch).await,
        cut_uploads_leave_nothing: bodies::cut_uploads_leave_nothing(scratch).await,
        ..ProbeResult::default()
    };
    // The last ones, because versions stay from here on.
    result.versioning = features::versioning(scratch).await;
    result.object_lock = result.versioning && features::object_lock(scratch).await;
    Ok(result)
}

//! Gives the buckets in the index of an earlier release, which had names alone, their ids from the records.

use anyhow::Context as _;
use storage_hub_adapter_embedded::EmbeddedStore;
use storage_hub_core::domain::{BucketName, BucketRecord, BucketRef, BucketState};
use storage_hub_core::ports::Directory;

/// Number of buckets that are read and written at a time.
const BATCH: u16 = 500;

/// Completes the ids of buckets in the index. It must run before anything is served, because the store finds a bucket only
/// by its id. Buckets that the records do not know stay as they are.
///
/// # Errors
/// When the records or the index cannot be read or written.
pub(crate) async fn complete(store: &EmbeddedStore, directory: &dyn Directory) -> anyhow::Result<()> {
    let failed = || "the ids of the buckets in the object index cannot be completed";
    if !store.has_buckets_without_ids().await.map_err(anyhow::Error::from_boxed).with_context(failed)? {
        return Ok(());
    }
    let mut after: Option<BucketName> = None;
    let mut adopted = 0;
    loop {
        let records = directory.list_buckets(after.as_ref(), BATCH).await.with_context(failed)?;
        let known: Vec<BucketRef> = records.iter().filter_map(reference).collect();
        adopted += store.adopt_bucket_ids(&known).await.map_err(anyhow::Error::from_boxed).with_context(failed)?;
        match records.last() {
            Some(last) if records.len() == usize::from(BATCH) => after = Some(last.bucket.name.clone()),
            _ => break,
        }
    }
    if adopted > 0 {
        tracing::info!(bucket.count = adopted, "completed the ids of {adopted} buckets in the object index");
    }
    Ok(())
}

/// The bucket that the store should have for a record; `None` while a bucket of its name may be somebody else's.
fn reference(record: &BucketRecord) -> Option<BucketRef> {
    let bucket = &record.bucket;
    (bucket.state != BucketState::Creating || bucket.seen_absent).then(|| bucket.reference())
}

use diesel::SqliteConnection;
use storage_hub_core::domain::BucketRef;
use storage_hub_core::failpoint::{self, Failpoint};
use storage_hub_s3_backend::{Permit, Write};
use storage_hub_s3_protocol::error::S3Result;

use crate::blobs::BlobName;
use crate::index::IndexError;
use crate::index::buckets::BucketRow;
use crate::store::EmbeddedStore;

/// Fails with `NoSuchBucket` without the bucket: before a body is received, which may be large.
pub(super) async fn check_bucket(store: &EmbeddedStore, bucket: &BucketRef) -> S3Result<()> {
    let id = bucket.id;
    store.index().read(move |connection| BucketRow::of(connection, id)).await?;
    Ok(())
}

/// Asks whether the write is still allowed. Whatever it needs is durable by now.
pub(super) async fn confirm(write: Write<'_>) -> S3Result<Permit> {
    let permit = write.guard.permit().await?;
    failpoint::reach(Failpoint::WriteAfterPermit);
    Ok(permit)
}

/// Commits a change to the bucket that the permit is for. The change returns the blobs that it releases.
pub(super) async fn commit<R: Send + 'static>(
    store: &EmbeddedStore,
    permit: Permit,
    fresh: Vec<BlobName>,
    change: impl FnOnce(&mut SqliteConnection, BucketRow) -> Result<(R, Vec<BlobName>), IndexError> + Send + 'static,
) -> S3Result<R> {
    let change = move |connection: &mut SqliteConnection| {
        let bucket = BucketRow::of(connection, permit.bucket())?;
        change(connection, bucket)
    };
    Ok(store.commit(fresh, change).await?)
}

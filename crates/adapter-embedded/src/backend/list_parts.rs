use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::PartsPage;
use storage_hub_s3_protocol::checksum::{Checksum, ChecksumAlgorithm};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::ListParts;
use storage_hub_s3_protocol::types::ListedPart;

use crate::index::buckets::BucketRow;
use crate::index::uploads::{self, PartRow, UploadAt};
use crate::store::EmbeddedStore;

pub(super) async fn list(store: &EmbeddedStore, bucket: &BucketRef, input: &ListParts) -> S3Result<PartsPage> {
    let (id, upload) = (bucket.id, input.upload.clone());
    let after = i32::try_from(input.after).unwrap_or(i32::MAX);
    let limit = usize::try_from(input.max_parts).unwrap_or(usize::MAX);
    // One more than the page has tells whether there is a next page.
    let rows = i64::from(input.max_parts).saturating_add(1);
    let list = move |connection: &mut _| {
        let bucket = BucketRow::of(connection, id)?;
        let found = uploads::get(connection, &UploadAt { bucket: &bucket, key: &upload.key, id: &upload.upload_id })?;
        Ok((found, uploads::list_parts(connection, &upload.upload_id, after, rows)?))
    };
    let (upload, mut rows) = store.index().read(list).await?;
    let truncated = rows.len() > limit;
    rows.truncate(limit);
    let algorithm = upload.checksum.map(|(algorithm, _)| algorithm);
    let next = rows.last().map(|row| row.number.unsigned_abs()).filter(|_| truncated);
    let parts = rows.into_iter().map(|row| listed(row, algorithm)).collect();
    Ok(PartsPage { parts, next, checksum: upload.checksum })
}

fn listed(row: PartRow, algorithm: Option<ChecksumAlgorithm>) -> ListedPart {
    ListedPart {
        number: row.number.unsigned_abs(),
        size: row.size.unsigned_abs(),
        etag: row.etag,
        modified_at: row.modified_at,
        checksum: algorithm.zip(row.checksum).map(|(algorithm, value)| Checksum::full_object(algorithm, value)),
    }
}

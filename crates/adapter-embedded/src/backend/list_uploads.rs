use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::ListMultipartUploads;
use storage_hub_s3_protocol::types::{ListPage, ListPosition, ListedUpload};

use super::list_objects::{checksum, query, split};
use crate::index::buckets::BucketRow;
use crate::index::listing::{self, After, Keyed as _};
use crate::store::EmbeddedStore;

pub(super) async fn list(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    input: &ListMultipartUploads,
) -> S3Result<ListPage<ListedUpload>> {
    let mut query = query(&input.prefix, input.delimiter.as_deref(), input.after.as_ref(), input.max_uploads);
    if let Some(ListPosition { key, id: Some(id) }) = &input.after {
        query.after = Some(After::Upload(key.clone(), id.clone()));
    }
    let (id, limit) = (bucket.id, query.limit);
    let list = move |connection: &mut _| {
        let bucket = BucketRow::of(connection, id)?;
        listing::uploads(connection, &bucket, &query)
    };
    let page = store.index().read(list).await?;
    Ok(split(page, limit, |upload| {
        let key = upload.key_text();
        let listed = ListedUpload {
            key: key.clone(),
            initiated_at: upload.created_at,
            checksum: checksum(upload.checksum_algorithm.as_deref(), upload.checksum_type.as_deref()),
            upload_id: upload.id.clone(),
        };
        (ListPosition { key, id: Some(upload.id) }, listed)
    }))
}

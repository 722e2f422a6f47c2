use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::ListObjectVersions;
use storage_hub_s3_protocol::types::{ListPage, ListPosition, ListedObject, ListedVersion};

use super::list_objects::{checksum, query, split};
use crate::index::buckets::BucketRow;
use crate::index::listing::{self, After, Keyed as _};
use crate::store::EmbeddedStore;

pub(super) async fn list(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    input: &ListObjectVersions,
) -> S3Result<ListPage<ListedVersion>> {
    let mut query = query(&input.prefix, input.delimiter.as_deref(), input.after.as_ref(), input.max_keys);
    if let Some(ListPosition { key, id: Some(id) }) = &input.after {
        query.after = Some(After::Version(key.clone(), id.clone()));
    }
    let (id, limit) = (bucket.id, query.limit);
    let list = move |connection: &mut _| {
        let bucket = BucketRow::of(connection, id)?;
        listing::versions(connection, &bucket, &query)
    };
    let page = store.index().read(list).await?;
    Ok(split(page, limit, |row| {
        let key = row.key_text();
        let object = ListedObject {
            key: key.clone(),
            size: row.size.unsigned_abs(),
            etag: row.etag,
            modified_at: row.modified_at,
            checksum: checksum(row.checksum_algorithm.as_deref(), row.checksum_type.as_deref()),
        };
        let listed = ListedVersion {
            object,
            version_id: row.version.clone(),
            is_latest: row.is_latest,
            is_delete_marker: row.is_delete_marker,
        };
        (ListPosition { key, id: Some(row.version) }, listed)
    }))
}

use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::ListObjectVersions;
use storage_hub_s3_protocol::types::{ListPage, ListPosition, ListedVersion};

use super::list_objects::{page_of_objects, query};
use crate::store::EmbeddedStore;

/// The version of every object while buckets keep no versions.
const NULL_VERSION: &str = "null";

pub(super) async fn list(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    input: &ListObjectVersions,
) -> S3Result<ListPage<ListedVersion>> {
    let query = query(&input.prefix, input.delimiter.as_deref(), input.after.as_ref(), input.max_keys);
    let page = page_of_objects(store, bucket, query).await?;
    let version = |object| ListedVersion {
        object,
        version_id: NULL_VERSION.to_owned(),
        is_latest: true,
        is_delete_marker: false,
    };
    let is_item = |next: &ListPosition| page.items.last().is_some_and(|last| last.key == next.key);
    let next = page.next.map(|next| {
        let id = is_item(&next).then(|| NULL_VERSION.to_owned());
        ListPosition { id, ..next }
    });
    Ok(ListPage { next, common_prefixes: page.common_prefixes, items: page.items.into_iter().map(version).collect() })
}

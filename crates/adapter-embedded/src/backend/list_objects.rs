use storage_hub_core::domain::BucketRef;
use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, ChecksumKind};
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::ListObjects;
use storage_hub_s3_protocol::types::{ListPage, ListPosition, ListedObject};

use crate::index::buckets::BucketRow;
use crate::index::listing::{self, After, Entry, Keyed as _, Page, PageQuery};
use crate::store::EmbeddedStore;

pub(super) async fn list(
    store: &EmbeddedStore,
    bucket: &BucketRef,
    input: &ListObjects,
) -> S3Result<ListPage<ListedObject>> {
    let query = query(&input.prefix, input.delimiter.as_deref(), input.after.as_ref(), input.max_keys);
    let (id, limit) = (bucket.id, query.limit);
    let list = move |connection: &mut _| {
        let bucket = BucketRow::of(connection, id)?;
        listing::objects(connection, &bucket, &query)
    };
    let page = store.index().read(list).await?;
    Ok(split(page, limit, |object| {
        let key = object.key_text();
        let listed = ListedObject {
            size: object.size.unsigned_abs(),
            checksum: checksum(object.checksum_algorithm.as_deref(), object.checksum_type.as_deref()),
            etag: object.etag,
            modified_at: object.modified_at,
            key: key.clone(),
        };
        (ListPosition { key, id: None }, listed)
    }))
}

pub(super) fn query(prefix: &str, delimiter: Option<&str>, after: Option<&ListPosition>, limit: u32) -> PageQuery {
    PageQuery {
        prefix: prefix.to_owned(),
        delimiter: delimiter.filter(|delimiter| !delimiter.is_empty()).map(str::to_owned),
        after: after.map(|after| After::Entry(after.key.clone())),
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
    }
}

/// Separates the items of a page from its common prefixes.
pub(super) fn split<R, T>(page: Page<R>, limit: usize, item: impl Fn(R) -> (ListPosition, T)) -> ListPage<T> {
    let mut split = ListPage { items: Vec::new(), common_prefixes: Vec::new(), next: None };
    let mut last = None;
    for entry in page.entries {
        match entry {
            Entry::CommonPrefix(prefix) => {
                last = Some(ListPosition { key: prefix.clone(), id: None });
                split.common_prefixes.push(prefix);
            }
            Entry::Item(row) => {
                let (position, item) = item(row);
                last = Some(position);
                split.items.push(item);
            }
        }
    }
    // Where no entries are requested, there is none to continue from.
    split.next = last.filter(|_| page.truncated && limit > 0);
    split
}

pub(super) fn checksum(algorithm: Option<&str>, kind: Option<&str>) -> Option<(ChecksumAlgorithm, ChecksumKind)> {
    algorithm.and_then(ChecksumAlgorithm::parse).zip(kind.and_then(ChecksumKind::parse))
}

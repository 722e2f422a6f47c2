use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, CommonPrefix, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object, ObjectStorageClass,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::translate::{Names, etag, moment, owner, page_size};
use crate::index::buckets::BucketRowId;
use crate::index::listing::{self, After, Entry, Keyed as _, ListedObject, Page, PageQuery};

/// What the tokens of this version begin with.
const TOKEN: &str = "v1.";

pub(super) async fn v1(
    this: &Operations,
    request: S3Request<ListObjectsInput>,
) -> S3Result<S3Response<ListObjectsOutput>> {
    let input = request.input;
    let names = Names::new(input.encoding_type.as_ref())?;
    let max_keys = page_size(input.max_keys, "max-keys")?;
    let after = input.marker.clone().filter(|marker| !marker.is_empty());
    let page = list(this, &input.bucket, input.prefix.as_deref(), input.delimiter.as_deref(), after, max_keys).await?;
    let next = last_entry(&page).filter(|_| page.truncated);
    let listed = render(page, &names, true);
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(names.write(&input.prefix.unwrap_or_default())),
        marker: Some(names.write(&input.marker.unwrap_or_default())),
        max_keys: Some(max_keys),
        is_truncated: Some(next.is_some()),
        next_marker: next.map(|next| names.write(&next)),
        contents: Some(listed.contents),
        common_prefixes: Some(listed.common_prefixes),
        delimiter: input.delimiter.filter(|delimiter| !delimiter.is_empty()).map(|delimiter| names.write(&delimiter)),
        encoding_type: input.encoding_type,
        ..Default::default()
    }))
}

pub(super) async fn v2(
    this: &Operations,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let input = request.input;
    let names = Names::new(input.encoding_type.as_ref())?;
    let max_keys = page_size(input.max_keys, "max-keys")?;
    let after = match &input.continuation_token {
        Some(token) => Some(read_token(token)?),
        None => input.start_after.clone().filter(|start| !start.is_empty()),
    };
    let page = list(this, &input.bucket, input.prefix.as_deref(), input.delimiter.as_deref(), after, max_keys).await?;
    let next = last_entry(&page).filter(|_| page.truncated);
    let key_count = i32::try_from(page.entries.len()).ok();
    let listed = render(page, &names, input.fetch_owner.unwrap_or_default());
    Ok(S3Response::new(ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(names.write(&input.prefix.unwrap_or_default())),
        max_keys: Some(max_keys),
        key_count,
        continuation_token: input.continuation_token,
        is_truncated: Some(next.is_some()),
        next_continuation_token: next.map(|next| write_token(&next)),
        contents: Some(listed.contents),
        common_prefixes: Some(listed.common_prefixes),
        delimiter: input.delimiter.filter(|delimiter| !delimiter.is_empty()).map(|delimiter| names.write(&delimiter)),
        encoding_type: input.encoding_type,
        start_after: input.start_after.map(|start| names.write(&start)),
        ..Default::default()
    }))
}

async fn list(
    this: &Operations,
    bucket: &str,
    prefix: Option<&str>,
    delimiter: Option<&str>,
    after: Option<String>,
    limit: i32,
) -> S3Result<Page<ListedObject>> {
    let query = PageQuery {
        prefix: prefix.unwrap_or_default().to_owned(),
        delimiter: delimiter.filter(|delimiter| !delimiter.is_empty()).map(str::to_owned),
        after: after.map(After::Entry),
        limit: usize::try_from(limit).unwrap_or_default(),
    };
    let bucket = bucket.to_owned();
    let page = this
        .store
        .index()
        .read(move |connection| {
            let bucket = BucketRowId::get(connection, &bucket)?;
            listing::objects(connection, bucket, &query)
        })
        .await?;
    // No keys were asked for: there is no entry to go on from.
    let truncated = page.truncated && limit > 0;
    Ok(Page { truncated, ..page })
}

struct Listed {
    contents: Vec<Object>,
    common_prefixes: Vec<CommonPrefix>,
}

fn render(page: Page<ListedObject>, names: &Names, with_owner: bool) -> Listed {
    let mut listed = Listed { contents: Vec::new(), common_prefixes: Vec::new() };
    for entry in page.entries {
        match entry {
            Entry::CommonPrefix(prefix) => {
                listed.common_prefixes.push(CommonPrefix { prefix: Some(names.write(&prefix)) });
            }
            Entry::Item(object) => listed.contents.push(Object {
                key: Some(names.write(&object.key_text())),
                size: Some(object.size),
                e_tag: Some(etag(&object.etag)),
                last_modified: Some(moment(object.modified_at)),
                storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
                owner: with_owner.then(owner),
                checksum_algorithm: object.checksum_algorithm.map(|name| vec![ChecksumAlgorithm::from(name)]),
                checksum_type: object.checksum_type.map(ChecksumType::from),
                restore_status: None,
            }),
        }
    }
    listed
}

fn last_entry(page: &Page<ListedObject>) -> Option<String> {
    page.entries.last().map(|entry| match entry {
        Entry::Item(object) => object.key_text(),
        Entry::CommonPrefix(prefix) => prefix.clone(),
    })
}

fn write_token(entry: &str) -> String {
    format!("{TOKEN}{}", BASE64URL.encode(entry))
}

fn read_token(token: &str) -> S3Result<String> {
    let read = || String::from_utf8(BASE64URL.decode(token.strip_prefix(TOKEN)?).ok()?).ok();
    read().ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

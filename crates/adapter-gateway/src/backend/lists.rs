use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::versions::NULL_VERSION;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{ListMultipartUploads, ListObjectVersions, ListObjects, Operation};
use storage_hub_s3_protocol::response::{parse_list_multipart_uploads, parse_list_object_versions, parse_list_objects};
use storage_hub_s3_protocol::types::{ListPage, ListPosition, ListedObject, ListedUpload, ListedVersion};

use super::GatewayS3Backend;
use crate::calls::Call;

/// Sorts after every key below a prefix, but for keys that begin with it.
const LAST: &str = "\u{10ffff}";

/// Where a list continues, as every store understands it.
enum Start {
    /// After this position.
    After(Option<ListPosition>),
    /// Nothing follows: the position is after every key with the prefix.
    End,
}

impl GatewayS3Backend {
    pub(super) async fn list_current(
        &self,
        bucket: &BucketRef,
        input: &ListObjects,
    ) -> S3Result<ListPage<ListedObject>> {
        let Start::After(after) = start(input.after.as_ref(), &input.prefix, input.delimiter.as_deref()) else {
            return self.nothing(bucket).await;
        };
        let sent = ListObjects {
            v2: true,
            prefix: input.prefix.clone(),
            delimiter: input.delimiter.clone(),
            after,
            max_keys: input.max_keys.max(1),
            encode_urls: true,
            ..ListObjects::default()
        };
        let behind = self.gateway.behind(bucket);
        let operation = Operation::ListObjects(sent);
        let answer = self.gateway.read(Call::new(&self.gateway, &operation, &behind, None)).await?;
        let mut page = parse_list_objects(&answer.body)?.page;
        check_keys(page.items.iter().map(|item| item.key.as_str()), &page.common_prefixes, &input.prefix)?;
        drop_rolled_up(&mut page.common_prefixes, input.after.as_ref());
        Ok(shown(page, input.max_keys))
    }

    pub(super) async fn list_versions(
        &self,
        bucket: &BucketRef,
        input: &ListObjectVersions,
    ) -> S3Result<ListPage<ListedVersion>> {
        if self.gateway.probed().is_some_and(|probed| !probed.result.versioning) {
            return self.list_as_versions(bucket, input).await;
        }
        let Start::After(after) = start(input.after.as_ref(), &input.prefix, input.delimiter.as_deref()) else {
            return self.nothing(bucket).await;
        };
        let sent = ListObjectVersions {
            prefix: input.prefix.clone(),
            delimiter: input.delimiter.clone(),
            after,
            max_keys: input.max_keys.max(1),
            encode_urls: true,
        };
        let behind = self.gateway.behind(bucket);
        let operation = Operation::ListObjectVersions(sent);
        let answer = self.gateway.read(Call::new(&self.gateway, &operation, &behind, None)).await?;
        let mut page = parse_list_object_versions(&answer.body)?.page;
        check_keys(page.items.iter().map(|item| item.object.key.as_str()), &page.common_prefixes, &input.prefix)?;
        drop_rolled_up(&mut page.common_prefixes, input.after.as_ref());
        Ok(shown(page, input.max_keys))
    }

    /// Where buckets keep no versions, each object is its own version `null`.
    async fn list_as_versions(
        &self,
        bucket: &BucketRef,
        input: &ListObjectVersions,
    ) -> S3Result<ListPage<ListedVersion>> {
        let list = ListObjects {
            prefix: input.prefix.clone(),
            delimiter: input.delimiter.clone(),
            after: input.after.clone().map(|after| ListPosition { id: None, ..after }),
            max_keys: input.max_keys,
            ..ListObjects::default()
        };
        let page = self.list_current(bucket, &list).await?;
        let version = |object| ListedVersion {
            object,
            version_id: NULL_VERSION.to_owned(),
            is_latest: true,
            is_delete_marker: false,
        };
        let items = page.items.into_iter().map(version).collect();
        Ok(ListPage { items, common_prefixes: page.common_prefixes, next: page.next })
    }

    pub(super) async fn list_uploads(
        &self,
        bucket: &BucketRef,
        input: &ListMultipartUploads,
    ) -> S3Result<ListPage<ListedUpload>> {
        let Start::After(after) = start(input.after.as_ref(), &input.prefix, input.delimiter.as_deref()) else {
            return self.nothing(bucket).await;
        };
        let sent = ListMultipartUploads {
            prefix: input.prefix.clone(),
            delimiter: input.delimiter.clone(),
            after,
            max_uploads: input.max_uploads.max(1),
            encode_urls: true,
        };
        let behind = self.gateway.behind(bucket);
        let operation = Operation::ListMultipartUploads(sent);
        let answer = self.gateway.read(Call::new(&self.gateway, &operation, &behind, None)).await?;
        let mut page = parse_list_multipart_uploads(&answer.body)?.page;
        check_keys(page.items.iter().map(|item| item.key.as_str()), &page.common_prefixes, &input.prefix)?;
        drop_rolled_up(&mut page.common_prefixes, input.after.as_ref());
        Ok(shown(page, input.max_uploads))
    }

    /// An empty page of a bucket that exists.
    async fn nothing<T>(&self, bucket: &BucketRef) -> S3Result<ListPage<T>> {
        let behind = self.gateway.behind(bucket);
        self.gateway.read(Call::new(&self.gateway, &Operation::HeadBucket, &behind, None)).await?;
        Ok(ListPage { items: Vec::new(), common_prefixes: Vec::new(), next: None })
    }
}

/// Translates a position. Stores disagree about markers that do not begin with the prefix, and about those that are a common
/// prefix themselves.
fn start(after: Option<&ListPosition>, prefix: &str, delimiter: Option<&str>) -> Start {
    let Some(after) = after else { return Start::After(None) };
    if !after.key.starts_with(prefix) {
        return if after.key.as_str() < prefix { Start::After(None) } else { Start::End };
    }
    let rest = after.key.strip_prefix(prefix).unwrap_or_default();
    let rolled_up = delimiter.and_then(|delimiter| rest.find(delimiter).map(|at| at + delimiter.len()));
    match rolled_up.and_then(|end| rest.get(..end)) {
        Some(rolled_up) if after.id.is_none() => {
            Start::After(Some(ListPosition { key: format!("{prefix}{rolled_up}{LAST}"), id: None }))
        }
        _ => Start::After(Some(after.clone())),
    }
}

/// Refuses an answer with a key outside of what was asked for, which nobody may have been allowed to see.
fn check_keys<'a>(keys: impl Iterator<Item = &'a str>, common: &'a [String], prefix: &str) -> S3Result<()> {
    let mut all = keys.chain(common.iter().map(String::as_str));
    if all.all(|key| key.starts_with(prefix)) {
        return Ok(());
    }
    Err(S3Error::new(ErrorCode::InternalError).caused_by("the store listed a key outside of the requested prefix"))
}

/// Leaves out the common prefix that the page before ended with.
fn drop_rolled_up(common: &mut Vec<String>, after: Option<&ListPosition>) {
    if let Some(after) = after {
        common.retain(|prefix| !after.key.starts_with(prefix.as_str()));
    }
}

/// A page of no entries is empty and the last one.
fn shown<T>(page: ListPage<T>, max: u32) -> ListPage<T> {
    if max > 0 { page } else { ListPage { items: Vec::new(), common_prefixes: Vec::new(), next: None } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_after(key: &str, prefix: &str, delimiter: Option<&str>) -> Option<String> {
        match start(Some(&ListPosition { key: key.to_owned(), id: None }), prefix, delimiter) {
            Start::After(after) => Some(after.map(|after| after.key).unwrap_or_default()),
            Start::End => None,
        }
    }

    #[test]
    fn a_position_is_translated_for_stores_that_know_only_keys() {
        for (key, prefix, delimiter, expected) in [
            ("a", "", None, Some("a")),
            ("a/", "", Some("/"), Some("a/\u{10ffff}")),
            ("a/b", "", Some("/"), Some("a/\u{10ffff}")),
            ("a/b", "a/", Some("/"), Some("a/b")),
            ("a/b/c", "a/", Some("/"), Some("a/b/\u{10ffff}")),
            ("0", "a/", None, Some("")),
            ("b", "a/", None, None),
        ] {
            assert_eq!(key_after(key, prefix, delimiter).as_deref(), expected, "{key} {prefix}");
        }
    }

    #[test]
    fn a_key_outside_of_the_prefix_is_an_error() {
        let common = vec!["a/b/".to_owned()];
        assert!(check_keys(["a/1"].into_iter(), &common, "a/").is_ok());
        assert!(check_keys(["b"].into_iter(), &common, "a/").is_err());
        assert!(check_keys(["a/1"].into_iter(), &["x/".to_owned()], "a/").is_err());
    }
}

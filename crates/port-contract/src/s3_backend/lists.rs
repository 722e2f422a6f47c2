use storage_hub_s3_protocol::operation::{ListObjectVersions, ListObjects};
use storage_hub_s3_protocol::types::ListPosition;

use super::S3BackendHarness;
use super::fixture::Fixture;

const KEYS: [&str; 12] = ["-", "a", "a/1", "a/2", "a/b/1", "a0", "b//", "b/1", "c", "\u{7f}", "grün", "\u{10000}/x"];

async fn filled(harness: &impl S3BackendHarness) -> Fixture<'_> {
    let at = Fixture::new(harness).await;
    for key in keys_of(&at) {
        at.put(key, key.as_bytes()).await;
    }
    at
}

/// The keys that the backend takes, sorted.
fn keys_of(at: &Fixture<'_>) -> Vec<&'static str> {
    let capabilities = at.backend.capabilities();
    let mut keys = KEYS.to_vec();
    keys.retain(|key| (capabilities.any_key || *key != "b//") && (capabilities.exact || *key != "a"));
    keys.sort_unstable();
    keys
}

/// Keys and common prefixes (in brackets) of all pages together, each page in the order of its parts.
async fn pages(at: &Fixture<'_>, prefix: &str, delimiter: Option<&str>, limit: u32) -> Vec<String> {
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let input = ListObjects {
            prefix: prefix.to_owned(),
            delimiter: delimiter.map(str::to_owned),
            after: after.take(),
            max_keys: limit,
            ..ListObjects::default()
        };
        let page = at.backend.list_objects(&at.bucket, &input).await.unwrap();
        let count = page.items.len() + page.common_prefixes.len();
        assert!(count <= limit as usize, "{count}");
        let mut entries: Vec<_> = page.items.into_iter().map(|item| (item.key.clone(), item.key)).collect();
        entries.extend(page.common_prefixes.into_iter().map(|common| (common.clone(), format!("<{common}>"))));
        entries.sort();
        listed.extend(entries.into_iter().map(|(_, entry)| entry));
        match page.next {
            Some(next) => {
                assert_eq!(count, limit as usize);
                after = Some(next);
            }
            None => return listed,
        }
    }
}

/// With their sizes, ETags and times.
pub async fn keys_are_listed_in_byte_order(harness: &impl S3BackendHarness) {
    let at = filled(harness).await;
    let sorted = keys_of(&at);
    let input = ListObjects { max_keys: 1000, ..ListObjects::default() };
    let page = at.backend.list_objects(&at.bucket, &input).await.unwrap();
    assert_eq!(page.next, None);
    assert!(page.common_prefixes.is_empty());
    assert_eq!(page.items.iter().map(|item| item.key.as_str()).collect::<Vec<_>>(), sorted);
    for item in page.items {
        let head = at.get(&item.key).await.unwrap().0;
        assert_eq!((item.size, item.etag), (head.size, head.etag));
        // The answers of a service show whole seconds in heads, and milliseconds in lists.
        let unit = if at.backend.capabilities().exact { 1 } else { 1000 };
        assert_eq!(item.modified_at.div_euclid(unit), head.modified_at.div_euclid(unit));
    }
}

/// For every limit, with and without prefix and delimiter.
pub async fn pages_put_together_are_the_list(harness: &impl S3BackendHarness) {
    let at = filled(harness).await;
    for prefix in ["", "a", "a/", "b/", "x"] {
        for delimiter in [None, Some("/"), Some("//"), Some("b")] {
            let whole = pages(&at, prefix, delimiter, 1000).await;
            for limit in [1, 2, 3, 5] {
                assert_eq!(pages(&at, prefix, delimiter, limit).await, whole, "{prefix:?} {delimiter:?} {limit}");
            }
        }
    }
}

/// Including a key that is itself a common prefix, and a position that is inside of one.
pub async fn common_prefixes_stand_for_the_keys_below_them(harness: &impl S3BackendHarness) {
    let at = filled(harness).await;
    let listed = pages(&at, "", Some("/"), 1000).await;
    let mut expected = vec!["-", "a", "<a/>", "a0", "<b/>", "c", "grün", "\u{7f}", "<\u{10000}/>"];
    expected.retain(|key| *key != "a" || at.backend.capabilities().exact);
    assert_eq!(listed, expected);
    assert_eq!(pages(&at, "a/", Some("/"), 1000).await, ["a/1", "a/2", "<a/b/>"].map(str::to_owned));
    if at.backend.capabilities().any_key {
        assert_eq!(pages(&at, "b/", Some("/"), 1000).await, ["<b//>", "b/1"].map(str::to_owned));
    }
    let inside = ListPosition { key: "a/1".to_owned(), id: None };
    let input =
        ListObjects { delimiter: Some("/".to_owned()), after: Some(inside), max_keys: 1, ..ListObjects::default() };
    let page = at.backend.list_objects(&at.bucket, &input).await.unwrap();
    assert_eq!(page.items.iter().map(|item| item.key.as_str()).collect::<Vec<_>>(), ["a0"]);
}

/// `max-keys=0`.
pub async fn a_list_of_no_entries_is_not_truncated(harness: &impl S3BackendHarness) {
    let at = filled(harness).await;
    let page = at.backend.list_objects(&at.bucket, &ListObjects::default()).await.unwrap();
    assert_eq!((page.items.len(), page.common_prefixes.len(), page.next), (0, 0, None));
}

/// Each as the latest version, in pages too.
pub async fn unversioned_objects_are_listed_as_the_version_null(harness: &impl S3BackendHarness) {
    let at = filled(harness).await;
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let input = ListObjectVersions { after: after.take(), max_keys: 5, ..ListObjectVersions::default() };
        let page = at.backend.list_object_versions(&at.bucket, &input).await.unwrap();
        for version in page.items {
            assert_eq!(
                (version.version_id.as_str(), version.is_latest, version.is_delete_marker),
                ("null", true, false)
            );
            listed.push(version.object.key);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let sorted = keys_of(&at);
    assert_eq!(listed, sorted);
    let input = ListObjectVersions { delimiter: Some("/".to_owned()), max_keys: 100, ..ListObjectVersions::default() };
    let page = at.backend.list_object_versions(&at.bucket, &input).await.unwrap();
    assert_eq!(page.common_prefixes, ["a/", "b/", "\u{10000}/"].map(str::to_owned));
}

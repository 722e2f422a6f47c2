//! Pages of keys, rolled up by a delimiter.
//!
//! A listing is the ordered list of its entries (keys, and the common prefixes that stand for the keys below them). A
//! page begins after the entry that the page before ended with. What a common prefix stands for is skipped by seeking
//! past it, so the cost of a page depends on its entries alone, not on how many keys lie behind them.

use diesel::SqliteConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
use storage_hub_sqlite_pool::statements;

use super::buckets::BucketRow;
use super::schema::{objects, uploads};
use super::{IndexError, version_id};

/// A request for a page.
#[derive(Clone, Debug)]
pub(crate) struct PageQuery {
    pub(crate) prefix: String,
    /// Must not be empty.
    pub(crate) delimiter: Option<String>,
    pub(crate) after: Option<After>,
    pub(crate) limit: usize,
}

/// Where a page begins.
#[derive(Clone, Debug)]
pub(crate) enum After {
    /// After this entry, a key or a common prefix.
    Entry(String),
    /// After this upload of this key.
    Upload(String, String),
    /// After this version of this key.
    Version(String, String),
}

/// The entries of a page, in order.
#[derive(Clone, Debug)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<Entry<T>>,
    pub(crate) truncated: bool,
}

/// An entry of a listing.
#[derive(Clone, Debug)]
pub(crate) enum Entry<T> {
    Item(T),
    CommonPrefix(String),
}

/// An object in a listing.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct ListedObject {
    key: Vec<u8>,
    pub(crate) size: i64,
    pub(crate) etag: String,
    pub(crate) modified_at: i64,
    pub(crate) checksum_algorithm: Option<String>,
    pub(crate) checksum_type: Option<String>,
}

/// An unfinished upload in a listing.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct ListedUpload {
    key: Vec<u8>,
    pub(crate) id: String,
    pub(crate) created_at: i64,
    pub(crate) checksum_algorithm: Option<String>,
    pub(crate) checksum_type: Option<String>,
}

/// A row that is listed by its key.
pub(crate) trait Keyed {
    fn key(&self) -> &[u8];

    /// The key as text. The index holds UTF-8 keys only.
    fn key_text(&self) -> String {
        String::from_utf8_lossy(self.key()).into_owned()
    }
}

impl Keyed for ListedObject {
    fn key(&self) -> &[u8] {
        &self.key
    }
}

impl Keyed for ListedUpload {
    fn key(&self) -> &[u8] {
        &self.key
    }
}

/// A version of an object, or a delete marker, in a listing.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct ListedVersion {
    pub(super) key: Vec<u8>,
    pub(super) id: i64,
    pub(crate) version: String,
    pub(crate) is_latest: bool,
    pub(crate) is_delete_marker: bool,
    pub(crate) size: i64,
    pub(crate) etag: String,
    pub(crate) modified_at: i64,
    pub(crate) checksum_algorithm: Option<String>,
    pub(crate) checksum_type: Option<String>,
    /// As the query of a URL.
    pub(super) tags: Option<String>,
    pub(super) noncurrent_since: Option<i64>,
}

impl Keyed for ListedVersion {
    fn key(&self) -> &[u8] {
        &self.key
    }
}

type VersionTypes = (
    Binary,
    BigInt,
    Text,
    Bool,
    Bool,
    BigInt,
    Text,
    BigInt,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<BigInt>,
);

macro_rules! select_versions {
    () => {
        "SELECT key, id, version, is_latest, is_delete_marker, size, etag, modified_at, checksum_algorithm, \
         checksum_type, tags, noncurrent_since FROM objects WHERE bucket_id = ? "
    };
}

// Latest and earlier versions have an index each, and SQLite merges the two.
statements! {
    VersionsFrom {
        bucket: i64 as BigInt, key: Vec<u8> as Binary, same_bucket: i64 as BigInt, same_key: Vec<u8> as Binary,
        limit: i64 as BigInt,
    } -> VersionTypes = concat!(
        select_versions!(), "AND is_latest = 1 AND key >= ? UNION ALL ",
        select_versions!(), "AND is_latest = 0 AND key >= ? ORDER BY key, id DESC LIMIT ?"
    );

    VersionsOfKey {
        bucket: i64 as BigInt, key: Vec<u8> as Binary, before: i64 as BigInt, same_bucket: i64 as BigInt,
        same_key: Vec<u8> as Binary, same_before: i64 as BigInt, limit: i64 as BigInt,
    } -> VersionTypes = concat!(
        select_versions!(), "AND is_latest = 1 AND key = ? AND id < ? UNION ALL ",
        select_versions!(), "AND is_latest = 0 AND key = ? AND id < ? ORDER BY key, id DESC LIMIT ?"
    );

    FindRow { bucket: i64 as BigInt, key: Vec<u8> as Binary, version: String as Text } -> BigInt =
        "SELECT id FROM objects WHERE bucket_id = ? AND key = ? AND version = ?";
}

/// Where reading starts.
pub(super) enum From {
    At(Vec<u8>),
    After(Vec<u8>),
    AfterUpload(Vec<u8>, String),
    /// After the version in this row.
    AfterVersion(Vec<u8>, i64),
}

/// A page of the versions of a bucket's objects: by key, the newest first.
pub(crate) fn versions(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    query: &PageQuery,
) -> Result<Page<ListedVersion>, IndexError> {
    let row = match &query.after {
        Some(After::Version(key, version)) => {
            let find = FindRow { bucket: bucket.id, key: key.as_bytes().to_vec(), version: version.clone() };
            let row: Option<i64> = find.get_result(connection).optional()?;
            // It may have been deleted since the page that ended with it.
            row.or_else(|| version_id::row_of(version))
        }
        _ => None,
    };
    page_after(query, row, |from, limit| fetch_versions(connection, bucket.id, from, limit))
}

/// Reads versions, at most `limit`.
pub(super) fn fetch_versions(
    connection: &mut SqliteConnection,
    bucket: i64,
    from: &From,
    limit: i64,
) -> Result<Vec<ListedVersion>, IndexError> {
    let (mut rows, key): (Vec<ListedVersion>, _) = match from {
        From::At(key) => (Vec::new(), key.clone()),
        From::After(key) | From::AfterUpload(key, _) => (Vec::new(), next_key(key)),
        From::AfterVersion(key, before) => {
            let of_key = VersionsOfKey {
                bucket,
                key: key.clone(),
                before: *before,
                same_bucket: bucket,
                same_key: key.clone(),
                same_before: *before,
                limit,
            };
            (of_key.load(connection)?, next_key(key))
        }
    };
    let left = limit.saturating_sub(i64::try_from(rows.len()).unwrap_or(limit));
    if left > 0 {
        let others = VersionsFrom { bucket, key: key.clone(), same_bucket: bucket, same_key: key, limit: left };
        rows.extend(others.load::<ListedVersion>(connection)?);
    }
    Ok(rows)
}

/// The least key that is greater than this one.
fn next_key(key: &[u8]) -> Vec<u8> {
    let mut next = key.to_vec();
    next.push(0);
    next
}

/// A page of a bucket's objects.
pub(crate) fn objects(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    query: &PageQuery,
) -> Result<Page<ListedObject>, IndexError> {
    let bucket_id = bucket.id;
    page(query, |from, limit| {
        let mut rows = objects::table
            .filter(objects::bucket_id.eq(bucket_id))
            .filter(objects::is_latest.eq(true))
            .filter(objects::is_delete_marker.eq(false))
            .order(objects::key)
            .limit(limit)
            .select((
                objects::key,
                objects::size,
                objects::etag,
                objects::modified_at,
                objects::checksum_algorithm,
                objects::checksum_type,
            ))
            .into_boxed();
        rows = match from {
            From::At(key) => rows.filter(objects::key.ge(key.clone())),
            From::After(key) | From::AfterUpload(key, _) | From::AfterVersion(key, _) => {
                rows.filter(objects::key.gt(key.clone()))
            }
        };
        Ok(rows.load(connection)?)
    })
}

/// A page of a bucket's unfinished uploads, by key and id. Ids are in the order in which the uploads were started.
pub(crate) fn uploads(
    connection: &mut SqliteConnection,
    bucket: &BucketRow,
    query: &PageQuery,
) -> Result<Page<ListedUpload>, IndexError> {
    let bucket_id = bucket.id;
    page(query, |from, limit| {
        let mut rows = uploads::table
            .filter(uploads::bucket_id.eq(bucket_id))
            .order((uploads::key, uploads::id))
            .limit(limit)
            .select((
                uploads::key,
                uploads::id,
                uploads::created_at,
                uploads::checksum_algorithm,
                uploads::checksum_type,
            ))
            .into_boxed();
        rows = match from {
            From::At(key) => rows.filter(uploads::key.ge(key.clone())),
            From::After(key) | From::AfterVersion(key, _) => rows.filter(uploads::key.gt(key.clone())),
            From::AfterUpload(key, id) => rows
                .filter(uploads::key.gt(key.clone()).or(uploads::key.eq(key.clone()).and(uploads::id.gt(id.clone())))),
        };
        Ok(rows.load(connection)?)
    })
}

fn page<T: Keyed + Cursor>(
    query: &PageQuery,
    fetch: impl FnMut(&From, i64) -> Result<Vec<T>, IndexError>,
) -> Result<Page<T>, IndexError> {
    page_after(query, None, fetch)
}

/// A page that begins after `row`, the row of the version that the query names.
fn page_after<T: Keyed + Cursor>(
    query: &PageQuery,
    row: Option<i64>,
    mut fetch: impl FnMut(&From, i64) -> Result<Vec<T>, IndexError>,
) -> Result<Page<T>, IndexError> {
    let prefix = query.prefix.as_bytes();
    let delimiter = query.delimiter.as_deref().map(str::as_bytes).filter(|delimiter| !delimiter.is_empty());
    let mut entries = Vec::new();
    let Some(mut from) = start(query, row, prefix, delimiter) else { return Ok(Page { entries, truncated: false }) };
    // Start with few rows if they may be skipped, then increase the number.
    let mut batch = if delimiter.is_some() { 8 } else { query.limit.saturating_add(1) };
    'fetch: loop {
        let wanted = batch.min(query.limit.saturating_sub(entries.len()).saturating_add(1));
        let rows = fetch(&from, i64::try_from(wanted).unwrap_or(i64::MAX))?;
        let last_batch = rows.len() < wanted;
        for row in rows {
            if !row.key().starts_with(prefix) {
                return Ok(Page { entries, truncated: false });
            }
            if entries.len() >= query.limit {
                return Ok(Page { entries, truncated: true });
            }
            if let Some(common) = delimiter.and_then(|delimiter| common_prefix(row.key(), prefix, delimiter)) {
                let behind = successor(common);
                entries.push(Entry::CommonPrefix(String::from_utf8_lossy(common).into_owned()));
                let Some(behind) = behind else { return Ok(Page { entries, truncated: false }) };
                from = From::At(behind);
                batch = 2;
                continue 'fetch;
            }
            from = row.cursor();
            entries.push(Entry::Item(row));
        }
        if last_batch {
            return Ok(Page { entries, truncated: false });
        }
        batch = batch.saturating_mul(4);
    }
}

/// The position of a row in the order of rows.
trait Cursor {
    fn cursor(&self) -> From;
}

impl Cursor for ListedObject {
    fn cursor(&self) -> From {
        From::After(self.key.clone())
    }
}

impl Cursor for ListedVersion {
    fn cursor(&self) -> From {
        From::AfterVersion(self.key.clone(), self.id)
    }
}

impl Cursor for ListedUpload {
    fn cursor(&self) -> From {
        From::AfterUpload(self.key.clone(), self.id.clone())
    }
}

/// Where the first row of a page can be; `None` when no row can.
fn start(query: &PageQuery, row: Option<i64>, prefix: &[u8], delimiter: Option<&[u8]>) -> Option<From> {
    let at_prefix = From::At(prefix.to_vec());
    let Some(after) = &query.after else { return Some(at_prefix) };
    let (After::Entry(entry) | After::Upload(entry, _) | After::Version(entry, _)) = after;
    let entry = entry.as_bytes();
    if !entry.starts_with(prefix) {
        return if entry < prefix { Some(at_prefix) } else { None };
    }
    if let Some(common) = delimiter.and_then(|delimiter| common_prefix(entry, prefix, delimiter)) {
        return successor(common).map(From::At);
    }
    Some(match (after, row) {
        (After::Entry(_), _) => From::After(entry.to_vec()),
        (After::Upload(_, id), _) => From::AfterUpload(entry.to_vec(), id.clone()),
        (After::Version(..), Some(row)) => From::AfterVersion(entry.to_vec(), row),
        // The version was deleted, and its id does not tell where it was. Nothing may be left out.
        (After::Version(..), None) => From::At(entry.to_vec()),
    })
}

/// The key up to the end of the first delimiter behind the prefix.
fn common_prefix<'a>(key: &'a [u8], prefix: &[u8], delimiter: &[u8]) -> Option<&'a [u8]> {
    let rest = key.get(prefix.len()..)?;
    let at = rest.windows(delimiter.len()).position(|window| window == delimiter)?;
    key.get(..prefix.len() + at + delimiter.len())
}

/// The least key that is greater than every key with this prefix; `None` when there is none.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut next = prefix.to_vec();
    while let Some(last) = next.pop() {
        if let Some(greater) = last.checked_add(1) {
            next.push(greater);
            return Some(next);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Row(Vec<u8>);

    impl Keyed for Row {
        fn key(&self) -> &[u8] {
            &self.0
        }
    }

    impl Cursor for Row {
        fn cursor(&self) -> From {
            From::After(self.0.clone())
        }
    }

    fn fetch(rows: &[String], from: &From, limit: i64) -> Vec<Row> {
        let wanted = |key: &&String| match from {
            From::At(at) => key.as_bytes() >= at.as_slice(),
            From::After(after) | From::AfterUpload(after, _) | From::AfterVersion(after, _) => {
                key.as_bytes() > after.as_slice()
            }
        };
        rows.iter().filter(wanted).take(limit as usize).map(|key| Row(key.clone().into_bytes())).collect()
    }

    fn names(page: &Page<Row>) -> Vec<String> {
        let name = |entry: &Entry<Row>| match entry {
            Entry::Item(row) => row.key_text(),
            Entry::CommonPrefix(prefix) => format!("<{prefix}>"),
        };
        page.entries.iter().map(name).collect()
    }

    /// The definition, without any skipping.
    fn expected(rows: &[String], prefix: &str, delimiter: Option<&str>) -> Vec<String> {
        let mut entries: Vec<String> = Vec::new();
        for key in rows.iter().filter(|key| key.starts_with(prefix)) {
            let at = delimiter.and_then(|delimiter| {
                key[prefix.len()..].find(delimiter).map(|at| prefix.len() + at + delimiter.len())
            });
            let entry = at.map_or_else(|| key.clone(), |at| format!("<{}>", &key[..at]));
            if entries.last() != Some(&entry) {
                entries.push(entry);
            }
        }
        entries
    }

    proptest! {
        #[test]
        fn pages_put_together_are_the_listing(
            keys in proptest::collection::btree_set("[ab/-]{1,6}", 0..40),
            prefix in "[ab/]{0,2}",
            delimiter in proptest::option::of("[/b-]{1,2}"),
            limit in 1_usize..5,
        ) {
            let rows: Vec<String> = keys.into_iter().collect();
            let mut after = None;
            let mut got = Vec::new();
            loop {
                let query = PageQuery { prefix: prefix.clone(), delimiter: delimiter.clone(), after, limit };
                let page = page(&query, |from, limit| Ok(fetch(&rows, from, limit))).unwrap();
                prop_assert!(page.entries.len() <= limit);
                got.extend(names(&page));
                if !page.truncated {
                    break;
                }
                after = page.entries.last().map(|entry| After::Entry(match entry {
                    Entry::Item(row) => row.key_text(),
                    Entry::CommonPrefix(prefix) => prefix.clone(),
                }));
            }
            prop_assert_eq!(got, expected(&rows, &prefix, delimiter.as_deref()));
        }
    }

    #[test]
    fn a_page_reads_few_rows_however_many_lie_behind_its_prefixes() {
        let rows: Vec<String> =
            (0..5_usize).flat_map(|folder| (0..1_000).map(move |file| format!("{folder}/{file:04}"))).collect();
        let mut read = 0;
        let query = PageQuery { prefix: String::new(), delimiter: Some("/".into()), after: None, limit: 1_000 };
        let page = page(&query, |from, limit| {
            let rows = fetch(&rows, from, limit);
            read += rows.len();
            Ok(rows)
        })
        .unwrap();
        assert_eq!(names(&page), ["<0/>", "<1/>", "<2/>", "<3/>", "<4/>"]);
        assert!(read < 20, "{read} rows");
    }
}

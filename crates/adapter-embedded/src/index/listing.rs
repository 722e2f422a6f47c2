//! Pages of keys, rolled up by a delimiter.
//!
//! A listing is the ordered list of its entries (keys, and the common prefixes that stand for the keys below them). A
//! page begins after the entry that the page before ended with. What a common prefix stands for is skipped by seeking
//! past it, so the cost of a page depends on its entries alone, not on how many keys lie behind them.

use diesel::SqliteConnection;
use diesel::prelude::*;

use super::IndexError;
use super::buckets::BucketRowId;
use super::schema::{objects, uploads};

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

/// Where reading starts.
enum From {
    At(Vec<u8>),
    After(Vec<u8>),
    AfterUpload(Vec<u8>, String),
}

/// A page of a bucket's objects.
pub(crate) fn objects(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    query: &PageQuery,
) -> Result<Page<ListedObject>, IndexError> {
    let bucket_id = bucket.id(connection)?;
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
            From::After(key) | From::AfterUpload(key, _) => rows.filter(objects::key.gt(key.clone())),
        };
        Ok(rows.load(connection)?)
    })
}

/// A page of a bucket's unfinished uploads, by key and id. Ids are in the order in which the uploads were started.
pub(crate) fn uploads(
    connection: &mut SqliteConnection,
    bucket: BucketRowId,
    query: &PageQuery,
) -> Result<Page<ListedUpload>, IndexError> {
    let bucket_id = bucket.id(connection)?;
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
            From::After(key) => rows.filter(uploads::key.gt(key.clone())),
            From::AfterUpload(key, id) => rows
                .filter(uploads::key.gt(key.clone()).or(uploads::key.eq(key.clone()).and(uploads::id.gt(id.clone())))),
        };
        Ok(rows.load(connection)?)
    })
}

fn page<T: Keyed + Cursor>(
    query: &PageQuery,
    mut fetch: impl FnMut(&From, i64) -> Result<Vec<T>, IndexError>,
) -> Result<Page<T>, IndexError> {
    let prefix = query.prefix.as_bytes();
    let delimiter = query.delimiter.as_deref().map(str::as_bytes).filter(|delimiter| !delimiter.is_empty());
    let mut entries = Vec::new();
    let Some(mut from) = start(query, prefix, delimiter) else { return Ok(Page { entries, truncated: false }) };
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

impl Cursor for ListedUpload {
    fn cursor(&self) -> From {
        From::AfterUpload(self.key.clone(), self.id.clone())
    }
}

/// Where the first row of a page can be; `None` when no row can.
fn start(query: &PageQuery, prefix: &[u8], delimiter: Option<&[u8]>) -> Option<From> {
    let at_prefix = From::At(prefix.to_vec());
    let (entry, upload) = match &query.after {
        None => return Some(at_prefix),
        Some(After::Entry(entry)) => (entry, None),
        Some(After::Upload(key, id)) => (key, Some(id)),
    };
    let entry = entry.as_bytes();
    if !entry.starts_with(prefix) {
        return if entry < prefix { Some(at_prefix) } else { None };
    }
    match (delimiter.and_then(|delimiter| common_prefix(entry, prefix, delimiter)), upload) {
        (Some(common), _) => successor(common).map(From::At),
        (None, Some(id)) => Some(From::AfterUpload(entry.to_vec(), id.clone())),
        (None, None) => Some(From::After(entry.to_vec())),
    }
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
            From::After(after) | From::AfterUpload(after, _) => key.as_bytes() > after.as_slice(),
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

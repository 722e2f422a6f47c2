use storage_hub_s3_protocol::types::{ListPage, ListPosition};

/// What a page of a list is requested with.
pub(super) struct PageQuery<'a> {
    pub(super) prefix: &'a str,
    pub(super) delimiter: Option<&'a str>,
    pub(super) after: Option<&'a ListPosition>,
    pub(super) limit: u32,
}

/// An entry before it is rolled up.
pub(super) struct Entry<'a, T> {
    pub(super) key: &'a str,
    /// The version or upload; empty in lists of objects.
    pub(super) id: &'a str,
    /// Whether it comes after the version or upload after which the page begins, where that has the same key.
    pub(super) follows: bool,
    pub(super) item: T,
}

/// A page of entries that are in the order of their keys and ids.
pub(super) fn page<'a, T>(query: &PageQuery<'_>, entries: impl Iterator<Item = Entry<'a, T>>) -> ListPage<T> {
    let mut page = ListPage { items: Vec::new(), common_prefixes: Vec::new(), next: None };
    if query.limit == 0 {
        return page;
    }
    let mut last = None;
    for entry in entries.filter(|entry| entry.key.starts_with(query.prefix) && is_after(query, entry)) {
        let common = common_prefix(entry.key, query);
        if common.is_some() && common == page.common_prefixes.last().map(String::as_str) {
            continue;
        }
        if page.items.len() + page.common_prefixes.len() >= query.limit as usize {
            page.next = last;
            return page;
        }
        if let Some(common) = common {
            page.common_prefixes.push(common.to_owned());
            last = Some(ListPosition { key: common.to_owned(), id: None });
        } else {
            let id = Some(entry.id).filter(|id| !id.is_empty()).map(str::to_owned);
            last = Some(ListPosition { key: entry.key.to_owned(), id });
            page.items.push(entry.item);
        }
    }
    page
}

fn is_after<T>(query: &PageQuery<'_>, entry: &Entry<'_, T>) -> bool {
    let Some(after) = query.after else { return true };
    if let Some(common) = common_prefix(&after.key, query) {
        return entry.key > common && !entry.key.starts_with(common);
    }
    entry.key > after.key.as_str() || (entry.key == after.key && after.id.is_some() && entry.follows)
}

/// The key up to the end of the first delimiter behind the prefix.
fn common_prefix<'a>(key: &'a str, query: &PageQuery<'_>) -> Option<&'a str> {
    let delimiter = query.delimiter.filter(|delimiter| !delimiter.is_empty())?;
    let rest = key.strip_prefix(query.prefix)?;
    let at = rest.find(delimiter)?;
    key.get(..query.prefix.len() + at + delimiter.len())
}

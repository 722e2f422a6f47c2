//! Pages of lists: a limit, and an opaque cursor that holds the last name of the page before.

use std::fmt;

use super::{Bucket, BucketName};

/// Maximum number of rows of a page: 1 to 1,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimit(u16);

/// A number that is not a [`PageLimit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("limit must be an integer from 1 to {max}", max = PageLimit::MAX)]
pub struct PageLimitError;

impl PageLimit {
    /// The largest limit.
    pub const MAX: u16 = 1000;

    /// Checks a limit.
    ///
    /// # Errors
    /// [`PageLimitError`] outside of 1 to 1,000.
    pub const fn new(rows: u16) -> Result<Self, PageLimitError> {
        if rows >= 1 && rows <= Self::MAX { Ok(Self(rows)) } else { Err(PageLimitError) }
    }

    /// The number of rows.
    #[must_use]
    pub const fn rows(self) -> u16 {
        self.0
    }
}

/// Where the next page begins: after the bucket with this name. It is opaque to clients.
///
/// Names are unique and pages are ordered by them. A sequence of pages therefore neither repeats nor skips a bucket that
/// existed throughout, whatever was created or deleted between two requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(BucketName);

/// A string that is not a [`Cursor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cursor must be a `nextCursor` from an earlier page")]
pub struct CursorError;

impl Cursor {
    /// The prefix of every cursor.
    pub const VERSION: &'static str = "v1.";

    /// The cursor of a page whose last bucket has this name.
    #[must_use]
    pub const fn after(name: BucketName) -> Self {
        Self(name)
    }

    /// Parses the output of [`Display`](fmt::Display).
    ///
    /// # Errors
    /// [`CursorError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        let name = text.strip_prefix(Self::VERSION).ok_or(CursorError)?;
        BucketName::parse(name).map(Self).map_err(|_| CursorError)
    }

    /// The last name of the previous page.
    #[must_use]
    pub const fn name(&self) -> &BucketName {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::VERSION, self.0)
    }
}

/// The page that is requested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// Maximum number of rows; [`Self::MAX_ROWS`] when absent.
    pub limit: Option<PageLimit>,
    /// The row after which the page begins; the first if not given.
    pub after: Option<Cursor>,
}

impl PageRequest {
    /// Maximum number of rows of a page whose request has no limit: no list is unbounded.
    pub const MAX_ROWS: u16 = 10_000;

    /// Maximum number of rows of this page.
    #[must_use]
    pub fn rows(&self) -> u16 {
        self.limit.map_or(Self::MAX_ROWS, PageLimit::rows)
    }
}

/// A page of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<Cursor>,
}

impl Page<Bucket> {
    /// Makes a page of the result of a query for one bucket more than the request has rows. If it returned that one more, it
    /// is dropped and there is a next page.
    #[must_use]
    pub fn from_overfull(mut items: Vec<Bucket>, request: &PageRequest) -> Self {
        let (mut next, limit) = (None, usize::from(request.rows()));
        if items.len() > limit {
            items.truncate(limit);
            next = items.last().map(|last| Cursor::after(last.name.clone()));
        }
        Self { items, next }
    }
}

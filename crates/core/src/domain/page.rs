use std::fmt;

use super::{Bucket, BucketName};

/// How many rows a page has at most: 1 to 1,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimit(u16);

/// A number that is no [`PageLimit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("limit is a whole number from 1 to {max}", max = PageLimit::MAX)]
pub struct PageLimitError;

impl PageLimit {
    /// The most rows of a page.
    pub const MAX: u16 = 1000;

    /// Reads a limit.
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

/// Where the next page begins: after the bucket of this name. To clients it is opaque.
///
/// Names are unique and pages are in their order, so that a page neither repeats nor skips a bucket that was there all
/// the while, whatever was made or deleted in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(BucketName);

/// A string that is no [`Cursor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cursor is the nextCursor of an earlier page")]
pub struct CursorError;

impl Cursor {
    /// What every cursor begins with.
    pub const VERSION: &'static str = "v1.";

    /// The cursor of a page whose last bucket has this name.
    #[must_use]
    pub const fn after(name: BucketName) -> Self {
        Self(name)
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    ///
    /// # Errors
    /// [`CursorError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, CursorError> {
        let name = text.strip_prefix(Self::VERSION).ok_or(CursorError)?;
        BucketName::parse(name).map(Self).map_err(|_| CursorError)
    }

    /// The last name of the page before.
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

/// Which page is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// How many rows at most; all of them when not given.
    pub limit: Option<PageLimit>,
    /// After which row; from the first when not given.
    pub after: Option<Cursor>,
}

/// Some rows, and where the next ones begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last page.
    pub next: Option<Cursor>,
}

impl Page<Bucket> {
    /// The page of a query that read one bucket more than `limit`, if there was one: that one only tells that there is
    /// a next page.
    #[must_use]
    pub fn from_overfull(mut items: Vec<Bucket>, limit: Option<PageLimit>) -> Self {
        let mut next = None;
        if let Some(limit) = limit.map(|limit| usize::from(limit.rows()))
            && items.len() > limit
        {
            items.truncate(limit);
            next = items.last().map(|last| Cursor::after(last.name.clone()));
        }
        Self { items, next }
    }
}

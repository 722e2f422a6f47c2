//! Pages of ordered lists, by keyset: a page begins after a given row, not at an offset.

/// The direction of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest order key first.
    Ascending,
    /// Greatest order key first, for example the newest row.
    Descending,
}

impl Direction {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Ascending => " ASC",
            Self::Descending => " DESC",
        }
    }

    pub(crate) const fn beyond(self) -> &'static str {
        match self {
            Self::Ascending => " > ",
            Self::Descending => " < ",
        }
    }
}

/// A page of a list: its maximum number of rows and where it begins.
///
/// Rows are ordered by the order key, and rows with the same key by their id. `Key` and `Id` are the types of these
/// two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<Key, Id> {
    pub(crate) rows: u16,
    pub(crate) direction: Direction,
    pub(crate) after: Option<(Key, Id)>,
}

impl<Key, Id> Page<Key, Id> {
    /// The first page.
    #[must_use]
    pub const fn first(rows: u16, direction: Direction) -> Self {
        Self { rows, direction, after: None }
    }

    /// The page after the row with this order key and id. The row need not exist any more.
    #[must_use]
    pub const fn after(key: Key, id: Id, rows: u16, direction: Direction) -> Self {
        Self { rows, direction, after: Some((key, id)) }
    }
}

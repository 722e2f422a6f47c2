/// Which way a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The least order key first.
    Ascending,
    /// The greatest order key first: the newest, say.
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

/// A part of a list: so many rows, from its beginning or from behind a row.
///
/// Rows are ordered by the order key, and those of the same key by their id; `Key` and `Id` are the types of these two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<Key, Id> {
    pub(crate) rows: u16,
    pub(crate) direction: Direction,
    pub(crate) after: Option<(Key, Id)>,
}

impl<Key, Id> Page<Key, Id> {
    /// The first rows.
    #[must_use]
    pub const fn first(rows: u16, direction: Direction) -> Self {
        Self { rows, direction, after: None }
    }

    /// The rows behind the one with this order key and id, which need not be there any more.
    #[must_use]
    pub const fn after(key: Key, id: Id, rows: u16, direction: Direction) -> Self {
        Self { rows, direction, after: Some((key, id)) }
    }
}

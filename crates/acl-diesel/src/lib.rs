//! The ACL's filter as an extension of Diesel queries: only the rows that a subject may see.
//!
//! | grants are kept | database | call | one page costs |
//! |---|---|---|---|
//! | in a `text[]` column | PostgreSQL | [`CheckAcl::check_acl`] | the cost of the bare `&&` |
//! | in a join table | PostgreSQL, SQLite | [`CheckAclBy::check_acl_by`] | the cost of an `EXISTS` |
//! | in a join table with the order key | PostgreSQL, SQLite | [`CheckAclBy::check_acl_page`] | the same at any size |
//!
//! Prefer the array for small tables and for queries that are not ordered and limited: it is one column with one GIN
//! index, and every filter, order and join composes with it. It does not suit an ordered page of a large table. The
//! GIN index knows grants but no order, so PostgreSQL either reads and sorts all matches, or walks the index of the
//! order until enough rows match, which for a subject that sees nothing means the whole index. For such lists use the
//! join table with the order key and an index on `(grant, order key, id)`: a page reads as many rows as it has, for
//! each grant of the subject. `docs/acl.md` says how to measure both.
//!
//! [`guarded_table!`] declares a table whose queries, updates and deletions do not compile without the check, and cannot
//! lose it again; its documentation says what that covers.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod check_acl_by;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod grant_index;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod held;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod page;

#[cfg(feature = "postgres")]
mod check_acl;
mod checked;
mod guarded_table;
#[doc(hidden)]
pub mod macro_support;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "postgres")]
pub use check_acl::{CheckAcl, Meets};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use check_acl_by::{CheckAclBy, InPage, MeetsBy, PageOrder};
pub use checked::{Checked, IsAmong, Parenthesized};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use grant_index::GrantIndex;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use page::{Direction, Page};

//! Only what a subject may see: the ACL's filter as an extension of Diesel queries.
//!
//! | grants are kept | database | call | one page costs |
//! |---|---|---|---|
//! | in a `text[]` column | PostgreSQL | [`CheckAcl::check_acl`] | what the bare `&&` costs |
//! | in a join table | PostgreSQL, SQLite | [`CheckAclBy::check_acl_by`] | what the planner makes of an `EXISTS` |
//! | in a join table with the order key | PostgreSQL, SQLite | [`CheckAclBy::check_acl_page`] | the same at any size |
//!
//! Prefer the array where nothing is ordered and cut off, and in tables that stay small: it is one column, one GIN index,
//! and every filter, order and join composes with it. What it cannot do is an ordered page of a big table: the GIN index
//! knows grants but no order, so either every match is read and sorted, or the index of the order is walked until enough
//! rows match, to its end for who sees nothing. Lists like that want the join table with the order key, `(grant, order
//! key, id)` indexed: there a page reads as many rows as it has, for each grant of the subject, and nothing else.
//! `docs/acl.md` says how to measure both.
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

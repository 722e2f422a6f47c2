//! The filters on a real PostgreSQL and a real SQLite.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod documents;
mod magazine;
mod pg;
mod pg_plans;
mod pg_visibility;
mod sqlite;
mod sqlite_plans;
mod sqlite_visibility;

//! The filters on a real PostgreSQL and a real SQLite.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "these are tests")]

mod documents;
mod magazine;
mod pg;
mod pg_plans;
mod pg_visibility;
mod sqlite;
mod sqlite_plans;
mod sqlite_visibility;

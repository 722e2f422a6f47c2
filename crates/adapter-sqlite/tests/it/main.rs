//! The records on SQLite: the contract suite of every port, and tests of the database file.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod contract;
mod database_file;

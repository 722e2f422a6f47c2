//! The records on SQLite: the contract of every port, and what is true of a database file.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod contract;
mod database_file;

//! The records on SQLite: users, buckets, policy shards and the outbox in one file, with nothing to set up.
//!
//! [`SqliteRecords`] is both ports on them, the unit of work and the directory. One writer at a time; readers never
//! wait for it (WAL), and a commit that was answered is on the disk.

pub mod acl;
mod records;

mod bucket_repository;
mod directory;
mod installation_repository;
mod outbox;
mod shard_repository;
mod unit_of_work;
mod user_repository;

mod bucket_row;
mod database_file;
mod error;
mod inspection;
mod migrations;
mod schema;
mod user_row;

pub use error::OpenError;
pub use inspection::inspect;
pub use migrations::migrate;
pub use records::SqliteRecords;

//! The records on SQLite: users, buckets, policy shards and the outbox in one file, without any setup.
//!
//! [`SqliteRecords`] implements both ports of the records, the unit of work and the directory. There is one writer at a
//! time, readers never wait for it (WAL), and a commit is on the disk before it is answered (`synchronous = FULL`).

pub mod acl;
mod backup;
mod records;
mod released_name_repository;

mod bucket_repository;
mod directory;
mod installation_repository;
mod outbox;
mod shard_repository;
mod store_probe_repository;
mod unit_of_work;
mod user_repository;

mod bucket_row;
mod database_file;
mod error;
mod inspection;
mod migrations;
mod schema;
mod user_row;

pub use backup::{copy, restore};
pub use error::OpenError;
pub use inspection::inspect;
pub use migrations::migrate;
pub use records::SqliteRecords;

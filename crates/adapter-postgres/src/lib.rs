//! The records on PostgreSQL: [`PgRecords`] is core's `UnitOfWork` and `Directory`.
//!
//! Diesel builds the statements and reads the rows, tokio-postgres sends them; libpq is not used. Reads of one
//! statement share a few connections (`read_lanes`); everything else takes a connection of the pool (`session`,
//! `unit_of_work`).

pub mod acl;

mod connection;
mod error;
mod messages;
mod migrations;
mod options;
mod pg_records;
mod read_lanes;
mod released_name_repository;
mod rows;
mod schema;
mod session;
mod statement;
mod tls;

mod unit_of_work;

mod bucket_repository;
mod directory;
mod installation_repository;
mod outbox;
mod shard_repository;
mod store_probe_repository;
mod user_repository;

pub use options::{ConnectError, PgOptions};
pub use pg_records::PgRecords;

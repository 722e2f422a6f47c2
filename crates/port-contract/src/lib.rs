//! One test suite per port, run against the in-memory fakes and against every adapter.

#[macro_use]
mod macros;

pub mod id_source;
pub mod object_store;
pub mod password_hasher;
pub mod principal_store;
mod records;
mod row_kept;
pub mod s3_backend;
mod sample_records;
pub mod secret_vault;
pub mod services;
pub mod store_marker;
pub mod token_issuer;

pub mod bucket_repository;
pub mod directory;
pub mod installation_repository;
pub mod outbox;
pub mod released_name_repository;
pub mod shard_repository;
pub mod store_probe_repository;
pub mod unit_of_work;
pub mod user_repository;

pub use records::{Records, RecordsHarness};

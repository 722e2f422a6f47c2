//! The embedded store, seen from outside: through the hub's port and through that of the S3 endpoint.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "these are tests")]

mod store;

mod backup;
mod bucket_ids;
mod check;
mod contract;
mod damage;
mod lifecycle;
mod modes;
mod objects;
mod recovery;
mod s3_contract;
mod versions;

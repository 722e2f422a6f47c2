//! The use cases on the in-memory adapters.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "these are tests")]

mod accounts;
mod acl;
mod administration;
mod buckets;
mod conflicts;
mod delete_versions;
mod hub;
mod installation;
mod mocks;
mod reconcile;
mod released_names;
mod s3;
mod s3_actions;
mod sharding;
mod store_probe;
mod unknown;

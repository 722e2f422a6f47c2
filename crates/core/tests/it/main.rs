//! The use cases on the in-memory adapters.

mod accounts;
mod administration;
mod buckets;
mod hub;
mod reconcile;
mod s3_actions;
mod s3_gate;
mod sharding;

//! The gateway over real S3 services: the contracts of its ports, hostile keys, and bodies that must not arrive.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod away;
mod bodies;
mod contract;
mod harness;
mod hostile_keys;
mod probing;
mod writes;

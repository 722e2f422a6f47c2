//! The MinIO adapter against a real MinIO server: the contracts of its ports, and the facts of MinIO that the hub
//! relies on.

#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

mod contract;
mod credentials;
mod enforcement;
mod harness;
mod policies;
mod refusals;
mod sessions;
mod versions;

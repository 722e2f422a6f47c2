//! The embedded store, seen from outside: by the hub through its port, and by signed requests over a socket.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::type_complexity,
    reason = "these are tests"
)]

mod client;
mod directory;
mod hub;

mod access;
mod attributes;
mod backup;
mod bucket_ids;
mod check;
mod conditions;
mod contract;
mod coverage;
mod damage;
mod digests;
mod keys;
mod late_writes;
mod listing;
mod modes;
mod multipart;
mod no_decision;
mod objects;
mod ranges;
mod recovery;
mod refusals;
mod region;
mod s3_contract;
mod shutdown;

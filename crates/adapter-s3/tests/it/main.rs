//! The endpoint, seen from outside: by signed requests over a socket, with a backend in memory.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::type_complexity,
    reason = "these are tests"
)]

mod access;
mod access_log;
mod attributes;
mod bucket_settings;
mod buckets;
mod client;
mod conditions;
mod connections;
mod cors;
mod digests;
mod directory;
mod documented;
mod forms;
mod hub;
mod keys;
mod late_writes;
mod lines;
mod listing;
mod multipart;
mod no_decision;
mod object_lock;
mod object_tags;
mod objects;
mod pages;
mod ranges;
mod refusals;
mod region;
mod shutdown;
mod store;
mod versions;

//! The real binary with real databases, stores and clients.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "these are tests"
)]

mod accounts;
mod api;
mod backup;
mod cases;
mod cli;
mod clients;
mod configuration;
mod database;
mod disk_full;
mod embedded_crashes;
mod embedded_kills;
mod failpoints;
mod fixed_answers;
mod freed_names;
mod gateway;
mod hostile;
mod http;
mod hub;
mod identity;
mod isolation;
mod kills;
mod modes;
mod object_versions;
mod outage;
mod policy_revision;
mod proxy;
mod readme;
mod replicas;
mod s3;
mod s3_limits;
mod secrets_in_logs;
mod sequences;
mod slow_store;
mod start;
mod store_check;
mod tls;
mod tokens;
mod traces;
mod watching;
mod wrong_folder;

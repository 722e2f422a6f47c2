//! The real binary with real databases, stores and clients.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "these are tests")]

mod api;
mod cli;
mod clients;
mod database;
mod http;
mod hub;
mod isolation;
mod outage;
mod proxy;
mod readme;
mod s3;
mod start;

//! The real binary with real databases, stores and clients.

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

//! The API in process and on a socket, on the in-memory adapters of core.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests may panic")]

mod authorization;
mod bad_input;
mod change_password;
mod credentials;
mod delete_versions;
mod documents;
mod faults;
mod harness;
mod list_buckets;
mod logging;
mod middleware;
mod rate_limits;
mod ready;
mod receipts;
mod reference_document;
mod running_on;
mod sessions;
mod settings;
mod sockets;

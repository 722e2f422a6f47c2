//! What the hub does. Each use case admits its actor, reads, authorizes, writes in one transaction, applies the tasks that
//! follow, and returns. The functions take `(ports, actor, command)`; a driving adapter translates a request and calls
//! exactly one.
//!
//! A use case that writes must run to its end even if the client disconnects, because the tasks that it leased would
//! otherwise wait until their leases expire. The driving adapter therefore spawns it as a task of its own.

pub mod accounts;
pub mod administration;
pub mod admission;
pub mod buckets;
pub mod fault;
pub mod installation;
pub mod progress;
pub mod reconcile;
pub mod released_names;
pub mod s3;
pub mod session;
pub mod settings;
pub mod store_probe;

mod retry;
mod shard_allocation;
mod task;

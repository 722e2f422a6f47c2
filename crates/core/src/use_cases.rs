//! What the hub does: each use case authorizes, reads, decides, writes in one unit of work, has the store follow, and
//! returns. The functions take `(ports, context, command)`; a driving adapter translates and calls exactly one.
//!
//! Use cases that write are to run to their end, whatever becomes of the request that asked: the driving adapter spawns
//! them as tasks of their own.

pub mod accounts;
pub mod administration;
pub mod admission;
pub mod buckets;
pub mod fault;
pub mod installation;
pub mod progress;
pub mod reconcile;
pub mod s3_gate;
pub mod session;

mod retry;
mod shard_allocation;
mod task;

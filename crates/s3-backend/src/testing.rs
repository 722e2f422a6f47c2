//! A complete backend in memory, for tests of the endpoint and as the reference of the contract suite.

mod bodies;
mod in_memory;
mod listing;
mod multipart;
mod objects;
mod settings;
mod state;
mod versions;

pub use bodies::{broken_body, pending_body, verified_body};
pub use in_memory::InMemoryS3Backend;

//! One test suite per port, run against the in-memory fakes and against every adapter.

#[macro_use]
mod macros;

pub mod services;
pub mod id_source;
pub mod password_hasher;
pub mod secret_vault;
pub mod token_issuer;
pub mod object_store;
pub mod principal_store;

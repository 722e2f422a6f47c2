//! Grants: who holds them, what carries them, and what they allow.
//!
//! Free of users and buckets, so that any service can guard its own data with it.

mod access;
mod authorize;
mod entries;
mod grant;
mod subject;

pub use access::{Access, UnknownAccess};
pub use authorize::{Decision, authorize};
pub use entries::Entries;
pub use grant::{Grant, GrantError, GrantSet};
pub use subject::Subject;

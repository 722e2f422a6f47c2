//! Grants: who holds them, what carries them, and what they allow.
//!
//! Free of users and buckets, so that any service can guard its own data with it.

mod access;
mod authorize;
mod check;
mod engine;
mod entries;
mod explain;
mod field_path;
mod filter;
mod grant;
mod grant_set;
mod guarded;
mod options;
mod redact;
mod stamp;
mod subject;
mod walk;

pub use access::{Access, UnknownAccess};
pub use authorize::{Decision, authorize, explain_authorize};
pub use check::Refusal;
pub use entries::Entries;
pub use explain::{Explanation, Need, Problem};
pub use field_path::{FieldPath, FieldPathError};
pub use filter::Filter;
pub use grant::{Grant, GrantError};
pub use grant_set::{GrantSet, GrantSetError};
pub use guarded::{GrantList, Guarded, Levels};
pub use options::{AclOptions, AclOptionsBuilder, AclOptionsError, Nesting};
pub use redact::RedactError;
pub use stamp::StampError;
/// Writes [`Guarded`] for a struct.
#[cfg(feature = "derive")]
pub use storage_hub_core_derive::Guarded;
pub use subject::{Subject, SubjectError};

//! The port between the S3 endpoint and what keeps the bytes.
//!
//! [`S3Backend`] is the port. The endpoint has parsed, authenticated and authorized a request before it calls a method; a
//! write is authorized again by the [`CommitGuard`] that it carries, after its [`VerifiedBody`] has ended.

mod backend;
mod body;
mod capabilities;
mod commit;

pub use backend::{ByteStream, PartsPage, S3Backend};
pub use body::VerifiedBody;
pub use capabilities::Capabilities;
pub use commit::{CommitGuard, Permit, Write};

//! The port between the S3 endpoint and what keeps the bytes.
//!
//! [`S3Backend`] is the port. The endpoint has parsed, authenticated and authorized a request before it calls a method; a
//! write is authorized again by the [`CommitGuard`] that it carries, after its [`VerifiedBody`] has ended. [`conditions`],
//! [`Selection`] and [`completion`] are rules that backends share.

mod backend;
mod body;
mod capabilities;
mod commit;

pub mod completion;
pub mod conditions;
mod selection;

#[cfg(feature = "testing")]
pub mod testing;

pub use backend::{ByteStream, S3Backend};
pub use body::VerifiedBody;
pub use capabilities::Capabilities;
pub use commit::{CommitGuard, Permit, Write};
pub use selection::Selection;
pub use storage_hub_s3_protocol::response::PartsPage;

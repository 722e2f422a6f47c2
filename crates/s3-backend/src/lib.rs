//! The port between the S3 endpoint and what keeps the bytes.
//!
//! [`S3Backend`] is the port. The endpoint has parsed, authenticated and authorized a request before it calls a method; a
//! write is authorized again by the [`CommitGuard`] that it carries, after its [`VerifiedBody`] has ended. [`conditions`],
//! [`Selection`], [`completion`], [`versions`], [`object_lock`] and [`lifecycle`] are rules that backends share.

mod backend;
mod body;
mod capabilities;
mod commit;
mod settings;

pub mod completion;
pub mod conditions;
pub mod lifecycle;
pub mod object_lock;
mod selection;
pub mod versions;

#[cfg(feature = "testing")]
pub mod testing;

pub use backend::{ByteStream, S3Backend};
pub use body::VerifiedBody;
pub use capabilities::Capabilities;
pub use commit::{CommitGuard, Permit, Write};
pub use selection::Selection;
pub use settings::{BucketSetting, BucketSettingKind, FoundSetting, ObjectSetting, ObjectSettingKind};
pub use storage_hub_s3_protocol::response::PartsPage;

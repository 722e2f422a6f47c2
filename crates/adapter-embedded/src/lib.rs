//! An object store in this process: an S3 endpoint whose every access is the core's decision, on an index and blobs of
//! its own in one folder.

mod endpoint;
mod operations;

mod backup;
mod check;
mod identity;
mod object_store;
mod recovery;
mod store;

mod blobs;
mod index;

mod digests;
mod error;
mod object;
mod private;

pub use backup::{BackupError, BlobTotals, StoreBackup, restore_store};
pub use check::{CheckDepth, CheckError, CheckFinding, Place};
pub use endpoint::{InvalidDomain, S3Endpoint, S3Observer, S3Options, SignatureGuard, TraceHooks, s3_service};
pub use identity::{FolderLock, inspect, write_hub_file};
pub use object_store::EmbeddedObjectStore;
pub use store::{EmbeddedStore, OpenError};

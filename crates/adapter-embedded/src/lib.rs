//! An object store in this process: an S3 endpoint that asks core before every access, and a store in one folder.
//!
//! [`EmbeddedStore`] is the store: an index in SQLite, and blob files. `operations` implements S3 on it, and `endpoint` serves
//! it. `recovery` describes what a start does with the files of a process that died, `backup` how a store is copied while it
//! is used.

mod backend;
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

pub use backend::EmbeddedS3Backend;
pub use backup::{BackupError, BlobTotals, StoreBackup, restore_store};
pub use check::{CheckDepth, CheckError, CheckFinding, Place};
pub use endpoint::{InvalidDomain, S3Endpoint, S3Observer, S3Options, SignatureGuard, TraceHooks, s3_service};
pub use identity::{FolderLock, inspect, write_hub_file};
pub use object_store::EmbeddedObjectStore;
pub use store::{EmbeddedStore, OpenError};

//! An object store in one folder of this machine.
//!
//! [`EmbeddedStore`] is the store: an index in SQLite, and blob files. [`EmbeddedS3Backend`] is the store behind the S3
//! endpoint, [`EmbeddedObjectStore`] behind the hub's own port. `recovery` describes what a start does with the files of a
//! process that died, `backup` how a store is copied while it is used.

mod backend;

mod backup;
mod check;
mod identity;
mod object_store;
mod recovery;
mod store;

mod blobs;
mod index;

mod object;
mod private;

pub use backend::EmbeddedS3Backend;
pub use backup::{BackupError, BlobTotals, StoreBackup, restore_store};
pub use check::{CheckDepth, CheckError, CheckFinding, Place};
pub use identity::{FolderLock, inspect, write_hub_file};
pub use object_store::EmbeddedObjectStore;
pub use store::{BucketUsage, EmbeddedStore, LifecyclePass, OpenError};

//! The hub's object store on any S3 service: the gateway.
//!
//! Users have no key of the service. Every operation is parsed by the hub's endpoint, decided by core, and written again here
//! with the hub's own key; the bucket behind a bucket is named by its id ([`BucketPrefix`]). [`GatewayS3Backend`] serves the
//! endpoint, [`GatewayObjectStore`] the hub itself. Invariants:
//!
//! - A body reaches the service's end only after its signature, length and checksum were verified and the write was
//!   authorized again; otherwise the connection is cut, signed in a way that makes the service keep nothing.
//! - What is offered comes from a probe ([`ProbeResult`]) alone. Without one, writes are refused and reads work.
//! - Streamed writes are never repeated; reads are, once, before their first byte.
//! - Nothing of the service is told to clients: neither names nor request ids nor owners.

mod bucket_prefix;
mod error;
mod gateway;
mod upload_checksums;

mod probe;
mod probe_result;

mod backend;
mod calls;
mod upload;

mod object_store;
mod own_bucket;
mod store_marker;

pub use backend::GatewayS3Backend;
pub use bucket_prefix::{BucketPrefix, BucketPrefixError};
pub use gateway::{Gateway, GatewayOptions};
pub use object_store::GatewayObjectStore;
pub use probe::probe;
pub use probe_result::ProbeResult;

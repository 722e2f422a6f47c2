//! Buckets, objects, principals and policies on a MinIO server: the ports `ObjectStore` and `PrincipalStore`.
//!
//! [`MinioStore`] implements both. Below it are [`s3_client`], which signs S3 requests with any key and says what was
//! answered (it serves every S3 endpoint, not only MinIO's), and the admin API. Nothing is retried here, because
//! only the caller knows whether a retry is still wanted.

mod connection;
mod endpoint;
mod signing;

pub mod answer;
mod xml;

pub mod s3_client;
mod sts;

mod admin_body;
mod admin_client;
mod own_key;

mod error;
mod name_reservation;
mod object_store;
mod principal_store;
mod store;
mod store_marker;
mod uploads;
mod versions;

pub use connection::{Connection, ConnectionError, ConnectionOptions, StoreGate};
pub use endpoint::EndpointError;
pub use signing::Identity;
pub use store::{MinioOptions, MinioStore};

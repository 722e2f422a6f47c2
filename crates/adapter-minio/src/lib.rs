//! Buckets, objects, principals and policies on a MinIO server: the ports `ObjectStore` and `PrincipalStore`.
//!
//! [`MinioStore`] implements both, with the client of `s3-client`. [`s3_client`] sends single requests with any key, to try what
//! it may do. Nothing is retried here, because only the caller knows whether a retry is still wanted.

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

pub use s3_client::identity_of;
pub use store::{MinioOptions, MinioStore};

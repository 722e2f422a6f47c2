//! The heart of Storage Hub: who may do what in S3-compatible object storage, and how the store comes to enforce it.
//!
//! Pure: no runtime, no HTTP, no SQL, no S3. What it needs from the outside are the traits of [`ports`]; what it does
//! are the functions of [`use_cases`].

pub mod acl;
pub mod context;
pub mod decision_metrics;
pub mod domain;
pub mod failpoint;
pub mod policy;
pub mod ports;
pub mod s3_action;
#[cfg(feature = "testing")]
pub mod testing;
pub mod use_cases;

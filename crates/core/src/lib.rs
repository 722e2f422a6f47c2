//! The core of Storage Hub: decides who may do what in S3-compatible object storage, and makes the store enforce it.
//!
//! It has no runtime, no HTTP, no SQL and no S3 client. What it needs from outside are the traits of [`ports`]; what it
//! does are the functions of [`use_cases`], which run with a [`context`]. [`acl`] decides, and is of use on its own: it
//! knows nothing of users and buckets.

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

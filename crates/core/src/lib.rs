//! The core of Storage Hub: decides who may do what in S3-compatible object storage, and makes the store enforce it.
//!
//! It has no runtime, no HTTP, no SQL and no S3 client. What it needs from outside are the traits of [`ports`]; what it
//! does are the functions of [`use_cases`], which run with a [`context`].
//!
//! The ACL, [`acl`], does not depend on the rest: a service that wants nothing else can use it for its own documents and
//! rows. Its module documentation is the five-minute path; `storage-hub-acl-diesel` applies it to database queries.

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

//! A streaming S3 client for stores behind the hub.
//!
//! Requests are written and answers are read by `s3-protocol`; this crate connects, verifies, signs and sends. One function
//! ([`Endpoint::url`]) builds the URL of a request and parses bucket and key back from it: a URL that would reach anything
//! else than what was authorized is not sent. Every request with a body is signed in its headers; [`S3Client::presigned`]
//! signs URLs for others. Nothing is retried here, because only the caller knows whether a retry is still wanted.

mod endpoint;
mod error;
mod keys;

mod identity;
mod request;

mod connection;
mod response;

mod answer;
mod client;
mod presigned;

pub use answer::Answer;
pub use client::S3Client;
pub use connection::{Connection, ConnectionError, ConnectionOptions, StoreGate};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{ClientError, Source, TargetError};
pub use identity::{Identity, Key};
pub use keys::{KeyRefusal, check_key};
pub use request::{Body, Request, Service};
pub use response::{ByteStream, Response};
pub use storage_hub_s3_protocol as protocol;

//! The S3 wire protocol, both halves, without a runtime, users or storage.
//!
//! A server reads a request in this order, and every later step works on what the earlier ones returned, so that there is
//! one reading of each byte:
//!
//! 1. [`head::RequestHead::parse`]: the target, the query and the headers, or an error.
//! 2. [`signature::Claim::read`]: who claims to have sent it, and how it is signed.
//! 3. [`signature::Claim::verify`], with the secret key that a [`signature::Secrets`] returns.
//! 4. [`operation::Operation::parse`]: the typed operation.
//! 5. The body: [`body::BodyVerifier`] for a streamed one, [`operation::Operation::accept_document`] for a document, and
//!    [`form::FormReader`] for an HTML form.
//! 6. [`response`]: the head and the document of the answer, or [`error::S3Error::to_document`].
//!
//! A client builds a request with [`operation::Operation::to_request`], signs it with [`signature::sign`], and reads the
//! answer with [`response`] and [`error::S3Error::parse_document`].

pub mod error;
pub mod types;

pub mod checksum;
pub mod head;
pub mod operation;
pub mod operation_name;
pub mod response;
pub mod signature;

pub mod body;
pub mod cors;
pub mod form;
pub mod lifecycle;
pub mod object_lock;
pub mod tags;
pub mod versioning;
pub mod xml;

pub mod uri;

mod dates;
mod encoded_words;

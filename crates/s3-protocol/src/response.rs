//! Answers: their heads and documents. One function per operation writes the answer, and another reads it.

pub(crate) mod token;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::checksum::Checksum;
use crate::types::ListedPart;

/// An answer whose body is a document, or empty.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The document.
    pub body: Bytes,
}

/// What `GetObjectAttributes` returns; the operation's input says which of it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectAttributes {
    /// Without quotes.
    pub etag: String,
    /// When it was written.
    pub modified_at: crate::types::Millis,
    /// The version, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// The checksum of the object.
    pub checksum: Option<Checksum>,
    /// In bytes.
    pub size: u64,
    /// The number of parts; `None` for an object that was not uploaded in parts.
    pub parts_count: Option<u32>,
    /// A page of the parts that have checksums of their own; empty where they have none.
    pub parts: Vec<ListedPart>,
    /// Whether there are more parts.
    pub parts_truncated: bool,
}

/// What became of an entry of `DeleteObjects`.
#[derive(Debug)]
pub struct Deleted {
    /// The version that was deleted, or the marker that was.
    pub version_id: Option<String>,
    /// The delete marker that was created or deleted.
    pub delete_marker: Option<String>,
}

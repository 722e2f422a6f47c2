//! What an object is: its description, and the blobs that hold its bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::blobs::BlobName;
use crate::digests::{Algorithm, ChecksumKind};

/// The content headers that a client sends with an object and gets back with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ContentHeaders {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    /// As an HTTP date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
}

/// What a client says about an object beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) headers: ContentHeaders,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// A checksum that is kept with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredChecksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: ChecksumKind,
    /// In Base64; with `-<parts>` when composite.
    pub(crate) value: String,
}

/// One blob of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) blob: BlobName,
    pub(crate) size: u64,
    /// The part's own checksum in Base64, by the object's algorithm.
    pub(crate) checksum: Option<String>,
}

/// Where the bytes of an object are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Written in one piece.
    Whole(BlobName),
    /// Uploaded in parts: these, in order.
    Parts(Vec<Piece>),
}

/// An object that is to be written.
#[derive(Clone, Debug)]
pub(crate) struct NewObject {
    pub(crate) key: String,
    pub(crate) description: Description,
    pub(crate) size: u64,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) checksum: Option<StoredChecksum>,
    pub(crate) content: Content,
}

/// An object as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// Of this very content: a write over the same key makes another.
    pub(crate) id: i64,
    pub(crate) description: Description,
    pub(crate) size: u64,
    pub(crate) etag: String,
    /// Milliseconds since 1970.
    pub(crate) modified_at: i64,
    pub(crate) checksum: Option<StoredChecksum>,
    pub(crate) content: Content,
}

/// What must be so for a write to happen.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteCondition {
    /// The object is there, with this ETag.
    pub(crate) matches: Option<EtagMatch>,
    /// The object is not there, or has another ETag.
    pub(crate) matches_not: Option<EtagMatch>,
}

/// Which ETags a condition means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EtagMatch {
    Any,
    Is(String),
}

impl EtagMatch {
    pub(crate) fn holds(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(wanted) => wanted == etag,
        }
    }
}

impl Content {
    /// The blobs, in order.
    pub(crate) fn blobs(&self) -> Vec<BlobName> {
        match self {
            Self::Whole(blob) => vec![blob.clone()],
            Self::Parts(pieces) => pieces.iter().map(|piece| piece.blob.clone()).collect(),
        }
    }
}

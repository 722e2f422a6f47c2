//! An object: its description, and the blobs that hold its bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::blobs::BlobName;
use crate::digests::{Algorithm, ChecksumKind};

/// The content headers that a client stores with an object.
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

/// The metadata that a client stores with an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) headers: ContentHeaders,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// A checksum that is stored with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredChecksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: ChecksumKind,
    /// In Base64, with the suffix `-<parts>` if it is composite.
    pub(crate) value: String,
}

/// One part of a multipart object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) blob: BlobName,
    pub(crate) size: u64,
    /// The checksum of the part in Base64, by the algorithm of the object.
    pub(crate) checksum: Option<String>,
}

/// The blobs of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The object was not uploaded in parts.
    Whole(BlobName),
    /// The parts of a multipart object, in order.
    Parts(Vec<Piece>),
}

/// An object to write.
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

/// A stored object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// Identifies this content: every write to the key gets a new id.
    pub(crate) id: i64,
    pub(crate) description: Description,
    pub(crate) size: u64,
    pub(crate) etag: String,
    /// Milliseconds since 1970.
    pub(crate) modified_at: i64,
    pub(crate) checksum: Option<StoredChecksum>,
    pub(crate) content: Content,
}

/// The preconditions of a write.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteCondition {
    /// The object must exist with this ETag.
    pub(crate) matches: Option<EtagMatch>,
    /// The object must not exist, or have another ETag.
    pub(crate) matches_not: Option<EtagMatch>,
}

/// The ETags that a condition matches.
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

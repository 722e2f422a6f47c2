//! An object: its description, and where its bytes are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use storage_hub_s3_protocol::checksum::Checksum;
use storage_hub_s3_protocol::types;

use crate::blobs::BlobName;

/// Maximum size of an object whose bytes are in the index, in bytes.
pub(crate) const MAX_INLINE: usize = 16 * 1024;

/// The content headers that a client stores with an object, as the index keeps them.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
}

/// The metadata that a client stores with an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) headers: ContentHeaders,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// One part of a multipart object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) blob: BlobName,
    pub(crate) size: u64,
    /// The checksum of the part in Base64, by the algorithm of the object.
    pub(crate) checksum: Option<String>,
}

/// Where the bytes of an object are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// In the index.
    Inline,
    /// In one blob: the object was not uploaded in parts.
    Whole(BlobName),
    /// In the blobs of the parts of a multipart object, in order.
    Parts(Vec<Piece>),
}

/// The bytes of an object to write.
#[derive(Clone, Debug)]
pub(crate) enum NewContent {
    /// At most [`MAX_INLINE`] bytes.
    Inline(bytes::Bytes),
    Whole(BlobName),
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
    pub(crate) checksum: Option<Checksum>,
    pub(crate) content: NewContent,
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
    pub(crate) checksum: Option<Checksum>,
    pub(crate) content: Content,
}

impl Content {
    /// The blobs, in order.
    pub(crate) fn blobs(&self) -> Vec<BlobName> {
        match self {
            Self::Inline => Vec::new(),
            Self::Whole(blob) => vec![blob.clone()],
            Self::Parts(pieces) => pieces.iter().map(|piece| piece.blob.clone()).collect(),
        }
    }
}

impl NewContent {
    /// The blobs, in order.
    pub(crate) fn blobs(&self) -> Vec<BlobName> {
        match self {
            Self::Inline(_) => Vec::new(),
            Self::Whole(blob) => vec![blob.clone()],
            Self::Parts(pieces) => pieces.iter().map(|piece| piece.blob.clone()).collect(),
        }
    }
}

impl From<types::Description> for Description {
    fn from(description: types::Description) -> Self {
        let types::ContentHeaders {
            content_type,
            cache_control,
            content_disposition,
            content_encoding,
            content_language,
            expires,
        } = description.headers;
        let headers = ContentHeaders {
            content_type,
            cache_control,
            content_disposition,
            content_encoding,
            content_language,
            expires,
        };
        Self { headers, metadata: description.metadata }
    }
}

impl From<Description> for types::Description {
    fn from(description: Description) -> Self {
        let ContentHeaders {
            content_type,
            cache_control,
            content_disposition,
            content_encoding,
            content_language,
            expires,
        } = description.headers;
        let headers = types::ContentHeaders {
            content_type,
            cache_control,
            content_disposition,
            content_encoding,
            content_language,
            expires,
        };
        Self { headers, metadata: description.metadata }
    }
}

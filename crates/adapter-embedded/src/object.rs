//! An object: its description, and where its bytes are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use storage_hub_s3_protocol::checksum::Checksum;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::object_lock::{ObjectLock, Retention, RetentionMode};
use storage_hub_s3_protocol::tags::Tags;
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
    pub(crate) extras: Extras,
}

/// The tags and the object lock of a version, as the index keeps them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extras {
    /// As the query of a URL; `None` without tags.
    pub(crate) tags: Option<String>,
    pub(crate) retention_mode: Option<String>,
    /// Milliseconds since 1970.
    pub(crate) retain_until: Option<i64>,
    /// `None`: it was never set.
    pub(crate) legal_hold: Option<bool>,
}

impl Extras {
    pub(crate) fn new(tags: &Tags, lock: ObjectLock) -> Self {
        Self { tags: Some(tags).filter(|tags| !tags.is_empty()).map(Tags::to_header), ..Self::default() }
            .with_lock(lock)
    }

    pub(crate) fn with_lock(self, lock: ObjectLock) -> Self {
        let ObjectLock { retention, legal_hold } = lock;
        Self {
            retention_mode: retention.map(|retention| retention.mode.name().to_owned()),
            retain_until: retention.map(|retention| retention.retain_until),
            legal_hold,
            ..self
        }
    }

    pub(crate) fn tags(&self) -> S3Result<Tags> {
        self.tags.as_deref().map_or_else(|| Ok(Tags::default()), Tags::parse_header)
    }

    pub(crate) fn lock(&self) -> ObjectLock {
        // A mode that is unknown protects as the stronger one.
        let mode = |name: &str| RetentionMode::parse(name).unwrap_or(RetentionMode::Compliance);
        let retention = self.retention_mode.as_deref().map(mode).zip(self.retain_until);
        ObjectLock {
            retention: retention.map(|(mode, retain_until)| Retention { mode, retain_until }),
            legal_hold: self.legal_hold,
        }
    }
}

impl From<(Option<String>, Option<String>, Option<i64>, Option<bool>)> for Extras {
    fn from(row: (Option<String>, Option<String>, Option<i64>, Option<bool>)) -> Self {
        let (tags, retention_mode, retain_until, legal_hold) = row;
        Self { tags, retention_mode, retain_until, legal_hold }
    }
}

/// A stored version of an object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// Identifies this content: every write to the key gets a new id.
    pub(crate) id: i64,
    /// `None` where the bucket never kept versions.
    pub(crate) version_id: Option<String>,
    pub(crate) extras: Extras,
    /// The lifecycle rules of the bucket, where this is a current version and there are any.
    pub(crate) lifecycle: Option<String>,
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

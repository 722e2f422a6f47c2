//! The values that operations and their results consist of.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumKind};
use crate::object_lock::ObjectLock;

/// A moment in milliseconds since 1970. Answers show whole seconds only, so that lists and heads agree.
pub type Millis = i64;

/// The ETag conditions of `If-Match` and `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EtagCondition {
    /// `*`: any ETag.
    Any,
    /// One of these, without quotes. Weak ones (`W/`) match by their value.
    List(Vec<String>),
}

impl EtagCondition {
    /// Whether the ETag (without quotes) is one of those named.
    #[must_use]
    pub fn matches(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::List(etags) => etags.iter().any(|named| named == etag),
        }
    }
}

/// The preconditions of a read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadConditions {
    /// `If-Match`.
    pub if_match: Option<EtagCondition>,
    /// `If-None-Match`.
    pub if_none_match: Option<EtagCondition>,
    /// `If-Modified-Since`, in seconds since 1970. An unreadable date is ignored.
    pub if_modified_since: Option<i64>,
    /// `If-Unmodified-Since`, in seconds since 1970. An unreadable date is ignored.
    pub if_unmodified_since: Option<i64>,
}

/// The preconditions of a write, compared with the object that the key has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteConditions {
    /// `If-Match`: without an object, `NoSuchKey`; with another ETag, `PreconditionFailed`.
    pub if_match: Option<EtagCondition>,
    /// `If-None-Match`: with an object whose ETag it names, `PreconditionFailed`.
    pub if_none_match: Option<EtagCondition>,
}

/// A requested range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// From the first position to the last, both included.
    Between(u64, u64),
    /// From this position to the end.
    From(u64),
    /// The last bytes.
    Last(u64),
}

impl ByteRange {
    /// The bytes of an object of this size; `None` if the range is not satisfiable.
    #[must_use]
    pub fn resolve(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::Between(first, last) => first..last.saturating_add(1).min(size),
            Self::From(first) => first..size,
            Self::Last(count) => size.saturating_sub(count)..size,
        };
        (range.start < range.end).then_some(range)
    }
}

/// The condition of `If-Range`: a range counts only if it is of the object of which the reader has other bytes already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfRange {
    /// The object has this ETag, without quotes.
    Etag(String),
    /// The object was written in this second since 1970.
    ModifiedAt(i64),
}

/// The content headers that are stored with an object, as they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentHeaders {
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`, without `aws-chunked`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Expires`, any text.
    pub expires: Option<String>,
}

/// What a client stores with an object besides its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The content headers.
    pub headers: ContentHeaders,
    /// The user metadata by lower-case name without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
}

/// When a lifecycle rule deletes an object, as answers tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectExpiration {
    /// The moment, a midnight of UTC.
    pub at: Millis,
    /// The id of the rule.
    pub rule_id: String,
}

/// The head of an object or of a part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectHead {
    /// The description.
    pub description: Description,
    /// The size of the whole object.
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    /// When it was written.
    pub modified_at: Millis,
    /// The version; `None` where the bucket never had versioning.
    pub version_id: Option<String>,
    /// The bytes that the answer consists of: all of them, a range, or a part.
    pub bytes: Range<u64>,
    /// Whether the answer is 206 with `Content-Range`: a range or a part was requested.
    pub partial: bool,
    /// The number of parts; set where `partNumber` was requested of an object in parts.
    pub parts_count: Option<u32>,
    /// The checksum of exactly the bytes of the answer, where it is known: of the whole object, or of the part.
    pub checksum: Option<Checksum>,
    /// The number of its tags.
    pub tags_count: u32,
    /// Its lock.
    pub lock: ObjectLock,
    /// When a lifecycle rule deletes it.
    pub expiration: Option<ObjectExpiration>,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Without quotes.
    pub etag: String,
    /// When; 0 where the backend does not tell it.
    pub modified_at: Millis,
    /// The version, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// The checksum that is stored with the object.
    pub checksum: Option<Checksum>,
    /// The version that was copied, where the bucket of the source keeps versions.
    pub source_version_id: Option<String>,
    /// When a lifecycle rule deletes it.
    pub expiration: Option<ObjectExpiration>,
}

/// An object in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedObject {
    /// The key.
    pub key: String,
    /// In bytes.
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    /// When it was written.
    pub modified_at: Millis,
    /// The algorithm and kind of its checksum.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
}

/// A page of a list: its items and the prefixes that stand for others, both in byte order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPage<T> {
    /// The items.
    pub items: Vec<T>,
    /// The common prefixes.
    pub common_prefixes: Vec<String>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<ListPosition>,
}

/// A position between two entries of a list: after this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListPosition {
    /// After this key, or after every key below this common prefix.
    pub key: String,
    /// In lists of versions and of uploads: after this version or upload of the key. `None`: after all of them.
    pub id: Option<String>,
}

/// A version of an object, or a delete marker, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedVersion {
    /// The object; of a delete marker only key and time count.
    pub object: ListedObject,
    /// `null` where the bucket never had versioning.
    pub version_id: String,
    /// Whether it is the current version.
    pub is_latest: bool,
    /// Whether it is a delete marker.
    pub is_delete_marker: bool,
}

/// An unfinished upload in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUpload {
    /// The key.
    pub key: String,
    /// The id.
    pub upload_id: String,
    /// When it was started.
    pub initiated_at: Millis,
    /// The checksum that it was started with.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
}

/// A part of an unfinished upload, or of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    /// 1 to 10,000.
    pub number: u32,
    /// In bytes.
    pub size: u64,
    /// Without quotes; empty in attributes of an object.
    pub etag: String,
    /// When it was written; 0 in attributes of an object.
    pub modified_at: Millis,
    /// Its checksum.
    pub checksum: Option<Checksum>,
}

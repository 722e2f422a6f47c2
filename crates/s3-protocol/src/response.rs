//! Answers: their heads and documents. One function per operation writes the answer, and another reads it.

mod attributes;
mod buckets;
mod deletions;
mod fields;
mod lists;
mod multipart;
mod object_head;
mod settings;
pub(crate) mod token;
mod writes;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

pub use attributes::{get_object_attributes, parse_get_object_attributes};
pub use buckets::{
    ListedBucket, create_bucket, get_bucket_location, head_bucket, list_buckets, parse_get_bucket_location,
    parse_list_buckets,
};
pub use deletions::{delete_object, delete_objects, parse_delete_object, parse_delete_objects};
pub use lists::{
    Listed, list_multipart_uploads, list_object_versions, list_objects, parse_list_multipart_uploads,
    parse_list_object_versions, parse_list_objects,
};
pub use multipart::{
    PartsPage, complete_multipart_upload, create_multipart_upload, list_parts, parse_complete_multipart_upload,
    parse_create_multipart_upload, parse_list_parts,
};
pub use object_head::{parse_object_head, write_object_head};
pub use settings::{
    get_acl, get_bucket_cors, get_bucket_lifecycle, get_bucket_policy, get_bucket_policy_status, get_bucket_tagging,
    get_bucket_versioning, get_object_legal_hold, get_object_lock_configuration, get_object_retention,
    get_object_tagging, parse_version_id, put_object_setting,
};
pub use writes::{
    copy_object, parse_copy_object, parse_put_object, post_object, put_object, upload_part, upload_part_copy,
};

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

impl Answer {
    /// An answer without a body: 200, or 204.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// An answer with an XML document.
    #[must_use]
    pub fn document(status: StatusCode, document: String) -> Self {
        let mut answer = Self { body: document.into(), ..Self::empty(status) };
        answer.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        answer
    }

    fn ok(document: String) -> Self {
        Self::document(StatusCode::OK, document)
    }
}

/// Who owns what is listed, as clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The id.
    pub id: String,
    /// The name for people.
    pub display_name: String,
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

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;

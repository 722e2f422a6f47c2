//! Typed operations: what a request asks for, besides the bucket that it is addressed to.

mod buckets;
mod complete_upload;
mod delete_objects;
pub(crate) mod description;
mod fields;
mod get_object;
mod inputs;
mod lists;
mod multipart;
pub(crate) mod object_options;
mod put_object;
mod request;
mod settings;
mod unsupported;

use http::Method;

pub use description::check_size as check_metadata_size;
pub use inputs::*;
pub use request::RequestTemplate;

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::operation_name::OperationName;

/// An operation with its input. The bucket is that of [`RequestHead::target`](crate::head::Target::bucket).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `ListBuckets`.
    ListBuckets(ListBuckets),
    /// `CreateBucket`.
    CreateBucket(CreateBucket),
    /// `DeleteBucket`.
    DeleteBucket,
    /// `HeadBucket`.
    HeadBucket,
    /// `GetBucketLocation`.
    GetBucketLocation,
    /// `GetBucketVersioning`.
    GetBucketVersioning,
    /// `PutBucketVersioning`, whose document is read after the decision, as are those of the other settings.
    PutBucketVersioning(PutBucketVersioning),
    /// `GetBucketTagging`.
    GetBucketTagging,
    /// `PutBucketTagging`.
    PutBucketTagging(PutBucketTagging),
    /// `DeleteBucketTagging`.
    DeleteBucketTagging,
    /// `GetBucketLifecycleConfiguration`.
    GetBucketLifecycle,
    /// `PutBucketLifecycleConfiguration`.
    PutBucketLifecycle(PutBucketLifecycle),
    /// `DeleteBucketLifecycle`.
    DeleteBucketLifecycle,
    /// `GetObjectLockConfiguration`.
    GetObjectLockConfiguration,
    /// `PutObjectLockConfiguration`.
    PutObjectLockConfiguration(PutObjectLockConfiguration),
    /// `GetBucketPolicy`.
    GetBucketPolicy,
    /// `GetBucketPolicyStatus`.
    GetBucketPolicyStatus,
    /// `GetBucketCors`.
    GetBucketCors,
    /// `PutBucketCors`, whose document is read after the decision.
    PutBucketCors(PutBucketCors),
    /// `DeleteBucketCors`.
    DeleteBucketCors,
    /// `ListObjects`, version 1 and 2.
    ListObjects(ListObjects),
    /// `ListObjectVersions`.
    ListObjectVersions(ListObjectVersions),
    /// `ListMultipartUploads`.
    ListMultipartUploads(ListMultipartUploads),
    /// `DeleteObjects`, whose document is read before the decision.
    DeleteObjects(DeleteObjects),
    /// `PostObject`: an HTML form, whose fields are read before the decision.
    PostObject,
    /// `GetObject`.
    GetObject(GetObject),
    /// `HeadObject`.
    HeadObject(GetObject),
    /// `GetObjectAttributes`.
    GetObjectAttributes(GetObjectAttributes),
    /// `GetObjectTagging`.
    GetObjectTagging(ObjectVersionRef),
    /// `PutObjectTagging`.
    PutObjectTagging(PutObjectTagging),
    /// `DeleteObjectTagging`.
    DeleteObjectTagging(ObjectVersionRef),
    /// `GetObjectRetention`.
    GetObjectRetention(ObjectVersionRef),
    /// `PutObjectRetention`.
    PutObjectRetention(PutObjectRetention),
    /// `GetObjectLegalHold`.
    GetObjectLegalHold(ObjectVersionRef),
    /// `PutObjectLegalHold`.
    PutObjectLegalHold(PutObjectLegalHold),
    /// `PutObject`.
    PutObject(PutObject),
    /// `CopyObject`.
    CopyObject(CopyObject),
    /// `DeleteObject`.
    DeleteObject(DeleteEntry),
    /// `CreateMultipartUpload`.
    CreateMultipartUpload(CreateMultipartUpload),
    /// `UploadPart`.
    UploadPart(UploadPart),
    /// `UploadPartCopy`.
    UploadPartCopy(UploadPartCopy),
    /// `CompleteMultipartUpload`, whose document is read after the decision.
    CompleteMultipartUpload(CompleteMultipartUpload),
    /// `AbortMultipartUpload`.
    AbortMultipartUpload(UploadRef),
    /// `ListParts`.
    ListParts(ListParts),
    /// Any other operation of S3: the endpoint has a fixed answer for it, or it is not implemented.
    Other(OperationName),
}

/// What the body of a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// There must be none (an empty one is accepted).
    None,
    /// A document of at most this many bytes, read as a whole.
    Document {
        /// The maximum length in bytes.
        max: usize,
        /// Whether it may be absent.
        optional: bool,
    },
    /// The bytes of an object or a part.
    Stream,
    /// An HTML form.
    Form,
}

impl Operation {
    /// Reads which operation a request asks for, and its input but for the body.
    ///
    /// # Errors
    /// 400 for a parameter or header that cannot be parsed; `NotImplemented` for a header that asks for a feature that
    /// does not exist here, such as encryption; `MethodNotAllowed`.
    pub fn parse(head: &RequestHead) -> S3Result<Self> {
        let name = OperationName::select(head)?;
        unsupported::refuse_unsupported(head, name)?;
        Ok(match name {
            OperationName::ListBuckets => Self::ListBuckets(ListBuckets::parse(head)?),
            OperationName::CreateBucket => Self::CreateBucket(CreateBucket::parse(head)?),
            OperationName::DeleteBucket => Self::DeleteBucket,
            OperationName::HeadBucket => Self::HeadBucket,
            OperationName::GetBucketLocation => Self::GetBucketLocation,
            OperationName::GetBucketVersioning => Self::GetBucketVersioning,
            OperationName::PutBucketVersioning => Self::PutBucketVersioning(PutBucketVersioning::default()),
            OperationName::GetBucketTagging => Self::GetBucketTagging,
            OperationName::PutBucketTagging => Self::PutBucketTagging(PutBucketTagging::default()),
            OperationName::DeleteBucketTagging => Self::DeleteBucketTagging,
            OperationName::GetBucketLifecycleConfiguration => Self::GetBucketLifecycle,
            OperationName::PutBucketLifecycleConfiguration => Self::PutBucketLifecycle(PutBucketLifecycle::default()),
            OperationName::DeleteBucketLifecycle => Self::DeleteBucketLifecycle,
            OperationName::GetObjectLockConfiguration => Self::GetObjectLockConfiguration,
            OperationName::PutObjectLockConfiguration => {
                Self::PutObjectLockConfiguration(PutObjectLockConfiguration::default())
            }
            OperationName::GetBucketPolicy => Self::GetBucketPolicy,
            OperationName::GetBucketPolicyStatus => Self::GetBucketPolicyStatus,
            OperationName::GetBucketCors => Self::GetBucketCors,
            OperationName::PutBucketCors => Self::PutBucketCors(PutBucketCors::default()),
            OperationName::DeleteBucketCors => Self::DeleteBucketCors,
            OperationName::ListObjects => Self::ListObjects(ListObjects::parse(head, false)?),
            OperationName::ListObjectsV2 => Self::ListObjects(ListObjects::parse(head, true)?),
            OperationName::ListObjectVersions => Self::ListObjectVersions(ListObjectVersions::parse(head)?),
            OperationName::ListMultipartUploads => Self::ListMultipartUploads(ListMultipartUploads::parse(head)?),
            OperationName::DeleteObjects => Self::DeleteObjects(DeleteObjects::parse(head)?),
            OperationName::PostObject => Self::PostObject,
            OperationName::GetObject => Self::GetObject(GetObject::parse(head)?),
            OperationName::HeadObject => Self::HeadObject(GetObject::parse(head)?),
            OperationName::GetObjectAttributes => Self::GetObjectAttributes(GetObjectAttributes::parse(head)?),
            OperationName::GetObjectTagging => Self::GetObjectTagging(ObjectVersionRef::parse(head)?),
            OperationName::PutObjectTagging => Self::PutObjectTagging(PutObjectTagging::parse(head)?),
            OperationName::DeleteObjectTagging => Self::DeleteObjectTagging(ObjectVersionRef::parse(head)?),
            OperationName::GetObjectRetention => Self::GetObjectRetention(ObjectVersionRef::parse(head)?),
            OperationName::PutObjectRetention => Self::PutObjectRetention(PutObjectRetention::parse(head)?),
            OperationName::GetObjectLegalHold => Self::GetObjectLegalHold(ObjectVersionRef::parse(head)?),
            OperationName::PutObjectLegalHold => Self::PutObjectLegalHold(PutObjectLegalHold::parse(head)?),
            OperationName::PutObject => Self::PutObject(PutObject::parse(head)?),
            OperationName::CopyObject => Self::CopyObject(CopyObject::parse(head)?),
            OperationName::DeleteObject => Self::DeleteObject(DeleteEntry::parse(head)?),
            OperationName::CreateMultipartUpload => Self::CreateMultipartUpload(CreateMultipartUpload::parse(head)?),
            OperationName::UploadPart => Self::UploadPart(UploadPart::parse(head)?),
            OperationName::UploadPartCopy => Self::UploadPartCopy(UploadPartCopy::parse(head)?),
            OperationName::CompleteMultipartUpload => {
                Self::CompleteMultipartUpload(CompleteMultipartUpload::parse(head)?)
            }
            OperationName::AbortMultipartUpload => Self::AbortMultipartUpload(UploadRef::parse_abort(head)?),
            OperationName::ListParts => Self::ListParts(ListParts::parse(head)?),
            other => Self::Other(other),
        })
    }

    /// Which operation it is.
    #[must_use]
    pub const fn name(&self) -> OperationName {
        match self {
            Self::ListBuckets(_) => OperationName::ListBuckets,
            Self::CreateBucket(_) => OperationName::CreateBucket,
            Self::DeleteBucket => OperationName::DeleteBucket,
            Self::HeadBucket => OperationName::HeadBucket,
            Self::GetBucketLocation => OperationName::GetBucketLocation,
            Self::GetBucketVersioning => OperationName::GetBucketVersioning,
            Self::PutBucketVersioning(_) => OperationName::PutBucketVersioning,
            Self::GetBucketTagging => OperationName::GetBucketTagging,
            Self::PutBucketTagging(_) => OperationName::PutBucketTagging,
            Self::DeleteBucketTagging => OperationName::DeleteBucketTagging,
            Self::GetBucketLifecycle => OperationName::GetBucketLifecycleConfiguration,
            Self::PutBucketLifecycle(_) => OperationName::PutBucketLifecycleConfiguration,
            Self::DeleteBucketLifecycle => OperationName::DeleteBucketLifecycle,
            Self::GetObjectLockConfiguration => OperationName::GetObjectLockConfiguration,
            Self::PutObjectLockConfiguration(_) => OperationName::PutObjectLockConfiguration,
            Self::GetBucketPolicy => OperationName::GetBucketPolicy,
            Self::GetBucketPolicyStatus => OperationName::GetBucketPolicyStatus,
            Self::GetBucketCors => OperationName::GetBucketCors,
            Self::PutBucketCors(_) => OperationName::PutBucketCors,
            Self::DeleteBucketCors => OperationName::DeleteBucketCors,
            Self::ListObjects(ListObjects { v2: false, .. }) => OperationName::ListObjects,
            Self::ListObjects(_) => OperationName::ListObjectsV2,
            Self::ListObjectVersions(_) => OperationName::ListObjectVersions,
            Self::ListMultipartUploads(_) => OperationName::ListMultipartUploads,
            Self::DeleteObjects(_) => OperationName::DeleteObjects,
            Self::PostObject => OperationName::PostObject,
            Self::GetObject(_) => OperationName::GetObject,
            Self::HeadObject(_) => OperationName::HeadObject,
            Self::GetObjectAttributes(_) => OperationName::GetObjectAttributes,
            Self::GetObjectTagging(_) => OperationName::GetObjectTagging,
            Self::PutObjectTagging(_) => OperationName::PutObjectTagging,
            Self::DeleteObjectTagging(_) => OperationName::DeleteObjectTagging,
            Self::GetObjectRetention(_) => OperationName::GetObjectRetention,
            Self::PutObjectRetention(_) => OperationName::PutObjectRetention,
            Self::GetObjectLegalHold(_) => OperationName::GetObjectLegalHold,
            Self::PutObjectLegalHold(_) => OperationName::PutObjectLegalHold,
            Self::PutObject(_) => OperationName::PutObject,
            Self::CopyObject(_) => OperationName::CopyObject,
            Self::DeleteObject(_) => OperationName::DeleteObject,
            Self::CreateMultipartUpload(_) => OperationName::CreateMultipartUpload,
            Self::UploadPart(_) => OperationName::UploadPart,
            Self::UploadPartCopy(_) => OperationName::UploadPartCopy,
            Self::CompleteMultipartUpload(_) => OperationName::CompleteMultipartUpload,
            Self::AbortMultipartUpload(_) => OperationName::AbortMultipartUpload,
            Self::ListParts(_) => OperationName::ListParts,
            Self::Other(name) => *name,
        }
    }

    /// What its body is. The document of an [`Other`](Self::Other) operation may be absent, because it is not read.
    #[must_use]
    pub fn body_kind(&self) -> BodyKind {
        const KIB: usize = 1024;
        match self {
            Self::CreateBucket(_) => BodyKind::Document { max: 64 * KIB, optional: true },
            Self::PutBucketCors(_)
            | Self::PutBucketVersioning(_)
            | Self::PutBucketTagging(_)
            | Self::PutObjectLockConfiguration(_)
            | Self::PutObjectTagging(_)
            | Self::PutObjectRetention(_)
            | Self::PutObjectLegalHold(_) => BodyKind::Document { max: 64 * KIB, optional: false },
            Self::PutBucketLifecycle(_) => BodyKind::Document { max: KIB * KIB, optional: false },
            Self::DeleteObjects(_) => BodyKind::Document { max: 2 * KIB * KIB, optional: false },
            Self::CompleteMultipartUpload(_) => BodyKind::Document { max: 4 * KIB * KIB, optional: false },
            Self::PutObject(_) | Self::UploadPart(_) => BodyKind::Stream,
            Self::PostObject => BodyKind::Form,
            Self::Other(name) if name.has_document() => BodyKind::Document { max: 64 * KIB, optional: true },
            _ => BodyKind::None,
        }
    }

    /// Reads the document of the body into the input.
    ///
    /// # Errors
    /// `MalformedXML`, and what the operation's own rules refuse; `UnexpectedContent` for an operation without a document.
    pub fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        match self {
            Self::CreateBucket(input) => input.accept_document(document),
            Self::PutBucketCors(input) => input.accept_document(document),
            Self::PutBucketVersioning(input) => input.accept_document(document),
            Self::PutBucketTagging(input) => input.accept_document(document),
            Self::PutBucketLifecycle(input) => input.accept_document(document),
            Self::PutObjectLockConfiguration(input) => input.accept_document(document),
            Self::PutObjectTagging(input) => input.accept_document(document),
            Self::PutObjectRetention(input) => input.accept_document(document),
            Self::PutObjectLegalHold(input) => input.accept_document(document),
            Self::DeleteObjects(input) => input.accept_document(document),
            Self::CompleteMultipartUpload(input) => input.accept_document(document),
            _ if document.is_empty() => Ok(()),
            Self::Other(name) if name.has_document() => Ok(()),
            _ => Err(S3Error::new(ErrorCode::UnexpectedContent)),
        }
    }

    /// Writes the request of the operation, which [`parse`](Self::parse) and [`accept_document`](Self::accept_document) read
    /// back. `None` for `PostObject` and for operations without an input here.
    #[must_use]
    pub fn to_request(&self, bucket: Option<&str>) -> Option<RequestTemplate> {
        let plain = |method| RequestTemplate::new(method, bucket, None);
        let about = |method, sub_resource: &str| {
            let mut request = plain(method);
            request.set_query(sub_resource, "");
            request
        };
        Some(match self {
            Self::ListBuckets(input) => input.to_request(),
            Self::CreateBucket(input) => input.to_request(bucket),
            Self::DeleteBucket => plain(Method::DELETE),
            Self::HeadBucket => plain(Method::HEAD),
            Self::GetBucketLocation => about(Method::GET, "location"),
            Self::GetBucketVersioning => about(Method::GET, "versioning"),
            Self::PutBucketVersioning(input) => input.to_request(bucket),
            Self::GetBucketTagging => about(Method::GET, "tagging"),
            Self::PutBucketTagging(input) => input.to_request(bucket),
            Self::DeleteBucketTagging => about(Method::DELETE, "tagging"),
            Self::GetBucketLifecycle => about(Method::GET, "lifecycle"),
            Self::PutBucketLifecycle(input) => input.to_request(bucket),
            Self::DeleteBucketLifecycle => about(Method::DELETE, "lifecycle"),
            Self::GetObjectLockConfiguration => about(Method::GET, "object-lock"),
            Self::PutObjectLockConfiguration(input) => input.to_request(bucket),
            Self::GetBucketPolicy => about(Method::GET, "policy"),
            Self::GetBucketPolicyStatus => about(Method::GET, "policyStatus"),
            Self::GetBucketCors => about(Method::GET, "cors"),
            Self::PutBucketCors(input) => input.to_request(bucket),
            Self::DeleteBucketCors => about(Method::DELETE, "cors"),
            Self::ListObjects(input) => input.to_request(bucket),
            Self::ListObjectVersions(input) => input.to_request(bucket),
            Self::ListMultipartUploads(input) => input.to_request(bucket),
            Self::DeleteObjects(input) => input.to_request(bucket),
            Self::GetObject(input) => input.to_request(Method::GET, bucket),
            Self::HeadObject(input) => input.to_request(Method::HEAD, bucket),
            Self::GetObjectAttributes(input) => input.to_request(bucket),
            Self::GetObjectTagging(input) => input.to_request(Method::GET, bucket, "tagging"),
            Self::PutObjectTagging(input) => input.to_request(bucket),
            Self::DeleteObjectTagging(input) => input.to_request(Method::DELETE, bucket, "tagging"),
            Self::GetObjectRetention(input) => input.to_request(Method::GET, bucket, "retention"),
            Self::PutObjectRetention(input) => input.to_request(bucket),
            Self::GetObjectLegalHold(input) => input.to_request(Method::GET, bucket, "legal-hold"),
            Self::PutObjectLegalHold(input) => input.to_request(bucket),
            Self::PutObject(input) => input.to_request(bucket),
            Self::CopyObject(input) => input.to_request(bucket),
            Self::DeleteObject(input) => input.to_request(bucket),
            Self::CreateMultipartUpload(input) => input.to_request(bucket),
            Self::UploadPart(input) => input.to_request(bucket),
            Self::UploadPartCopy(input) => input.to_request(bucket),
            Self::CompleteMultipartUpload(input) => input.to_request(bucket),
            Self::AbortMultipartUpload(input) => input.to_request(Method::DELETE, bucket),
            Self::ListParts(input) => input.to_request(bucket),
            Self::PostObject | Self::Other(_) => return None,
        })
    }
}

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;

//! Typed operations: what a request asks for, besides the bucket that it is addressed to.

mod inputs;

pub use inputs::*;

use crate::error::S3Result;
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
        let _ = head;
        unimplemented!()
    }

    /// Which operation it is.
    #[must_use]
    pub fn name(&self) -> OperationName {
        unimplemented!()
    }

    /// What its body is.
    #[must_use]
    pub fn body_kind(&self) -> BodyKind {
        unimplemented!()
    }

    /// Reads the document of the body into the input.
    ///
    /// # Errors
    /// `MalformedXML`, and what the operation's own rules refuse.
    pub fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        let _ = document;
        unimplemented!()
    }
}

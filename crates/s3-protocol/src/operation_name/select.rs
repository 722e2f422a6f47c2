//! Which operation a request asks for: the method, the level of the target, and at most one sub-resource in the query.
//!
//! A sub-resource is never ignored where that would turn the request into another operation: `DELETE /bucket?lifecycle`
//! must not delete the bucket. Other parameters without meaning are ignored, as S3 does, except that writes refuse a
//! parameter without a value that is not known, because it may be a sub-resource that was added to S3 later.

use http::{Method, header};

use super::OperationName;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::{Query, RequestHead, Target};

/// What the methods of a sub-resource do. `None` where S3 does not define the method.
struct SubResource {
    name: &'static str,
    get: Option<OperationName>,
    put: Option<OperationName>,
    post: Option<OperationName>,
    delete: Option<OperationName>,
}

/// One row of a table of sub-resources.
macro_rules! row {
    ($name:literal $(, $method:ident = $operation:ident)*) => {
        SubResource {
            $($method: Some(OperationName::$operation),)*
            ..SubResource { name: $name, get: None, put: None, post: None, delete: None }
        }
    };
}

const OF_BUCKETS: &[SubResource] = &[
    row!("accelerate", get = GetBucketAccelerateConfiguration, put = PutBucketAccelerateConfiguration),
    row!("acl", get = GetBucketAcl, put = PutBucketAcl),
    row!(
        "analytics",
        get = ListBucketAnalyticsConfigurations,
        put = PutBucketAnalyticsConfiguration,
        delete = DeleteBucketAnalyticsConfiguration
    ),
    row!("cors", get = GetBucketCors, put = PutBucketCors, delete = DeleteBucketCors),
    row!("delete", post = DeleteObjects),
    row!("encryption", get = GetBucketEncryption, put = PutBucketEncryption, delete = DeleteBucketEncryption),
    row!(
        "intelligent-tiering",
        get = ListBucketIntelligentTieringConfigurations,
        put = PutBucketIntelligentTieringConfiguration,
        delete = DeleteBucketIntelligentTieringConfiguration
    ),
    row!(
        "inventory",
        get = ListBucketInventoryConfigurations,
        put = PutBucketInventoryConfiguration,
        delete = DeleteBucketInventoryConfiguration
    ),
    row!(
        "lifecycle",
        get = GetBucketLifecycleConfiguration,
        put = PutBucketLifecycleConfiguration,
        delete = DeleteBucketLifecycle
    ),
    row!("list-type", get = ListObjectsV2),
    row!("location", get = GetBucketLocation),
    row!("logging", get = GetBucketLogging, put = PutBucketLogging),
    row!(
        "metrics",
        get = ListBucketMetricsConfigurations,
        put = PutBucketMetricsConfiguration,
        delete = DeleteBucketMetricsConfiguration
    ),
    row!("notification", get = GetBucketNotificationConfiguration, put = PutBucketNotificationConfiguration),
    row!("object-lock", get = GetObjectLockConfiguration, put = PutObjectLockConfiguration),
    row!(
        "ownershipControls",
        get = GetBucketOwnershipControls,
        put = PutBucketOwnershipControls,
        delete = DeleteBucketOwnershipControls
    ),
    row!("policy", get = GetBucketPolicy, put = PutBucketPolicy, delete = DeleteBucketPolicy),
    row!("policyStatus", get = GetBucketPolicyStatus),
    row!("publicAccessBlock", get = GetPublicAccessBlock, put = PutPublicAccessBlock, delete = DeletePublicAccessBlock),
    row!("replication", get = GetBucketReplication, put = PutBucketReplication, delete = DeleteBucketReplication),
    row!("requestPayment", get = GetBucketRequestPayment, put = PutBucketRequestPayment),
    row!("session", get = CreateSession),
    row!("tagging", get = GetBucketTagging, put = PutBucketTagging, delete = DeleteBucketTagging),
    row!("uploads", get = ListMultipartUploads),
    row!("versioning", get = GetBucketVersioning, put = PutBucketVersioning),
    row!("versions", get = ListObjectVersions),
    row!("website", get = GetBucketWebsite, put = PutBucketWebsite, delete = DeleteBucketWebsite),
];

const OF_OBJECTS: &[SubResource] = &[
    row!("acl", get = GetObjectAcl, put = PutObjectAcl),
    row!("attributes", get = GetObjectAttributes),
    row!("legal-hold", get = GetObjectLegalHold, put = PutObjectLegalHold),
    row!("renameObject", put = RenameObject),
    row!("restore", post = RestoreObject),
    row!("retention", get = GetObjectRetention, put = PutObjectRetention),
    row!("select", post = SelectObjectContent),
    row!("tagging", get = GetObjectTagging, put = PutObjectTagging, delete = DeleteObjectTagging),
    row!("torrent", get = GetObjectTorrent),
    row!("uploadId", get = ListParts, put = UploadPart, post = CompleteMultipartUpload, delete = AbortMultipartUpload),
    row!("uploads", post = CreateMultipartUpload),
];

/// Sub-resources of S3 that have no operation here.
const UNKNOWN: [&str; 6] = [
    "abac",
    "encryption-configuration",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
];

/// Whether a parameter is not a sub-resource, though it has no value.
fn is_parameter(name: &str) -> bool {
    matches!(name, "partNumber" | "versionId" | "x-id")
        || name.get(..6).is_some_and(|prefix| prefix.eq_ignore_ascii_case("x-amz-"))
}

impl OperationName {
    /// Selects the operation that a request asks for.
    ///
    /// # Errors
    /// `InvalidRequest` for two sub-resources, `InvalidArgument` for an incomplete one, `MethodNotAllowed` for a method that
    /// the resource does not have, `NotImplemented` for a sub-resource that is not known.
    pub fn select(head: &RequestHead) -> S3Result<Self> {
        match head.target() {
            Target::Service => select_service(head),
            Target::Bucket(_) => select_bucket(head),
            Target::Object { .. } => select_object(head),
        }
    }
}

impl OperationName {
    /// Whether requests of an operation that has no input here carry a document.
    pub(crate) fn has_document(self) -> bool {
        matches!(self, Self::RestoreObject | Self::SelectObjectContent) || self.as_str().starts_with("Put")
    }
}

fn select_service(head: &RequestHead) -> S3Result<OperationName> {
    if *head.method() != Method::GET {
        return Err(not_allowed(head.method(), "the service"));
    }
    // Directory buckets are listed at an address of their own, and only this parameter tells the requests apart.
    if head.query().get("x-id") == Some("ListDirectoryBuckets") {
        return Err(not_implemented("`ListDirectoryBuckets`"));
    }
    Ok(OperationName::ListBuckets)
}

fn select_bucket(head: &RequestHead) -> S3Result<OperationName> {
    let query = head.query();
    let Some(found) = find_sub_resource(head, OF_BUCKETS, OF_OBJECTS, "a bucket")? else {
        return match *head.method() {
            Method::GET => Ok(OperationName::ListObjects),
            Method::HEAD => Ok(OperationName::HeadBucket),
            Method::PUT => Ok(OperationName::CreateBucket),
            Method::DELETE => Ok(OperationName::DeleteBucket),
            Method::POST if is_form(head) => Ok(OperationName::PostObject),
            Method::POST => Err(S3Error::with_message(
                ErrorCode::PreconditionFailed,
                "A POST to a bucket must have the `Content-Type` multipart/form-data.",
            )),
            _ => Err(not_allowed(head.method(), "a bucket")),
        };
    };
    let operation = method_of(head, found)?;
    let has_id = query.has("id");
    match operation {
        OperationName::ListObjectsV2 if query.get("list-type") != Some("2") => {
            Err(S3Error::with_message(ErrorCode::InvalidArgument, "`list-type` must be 2."))
        }
        OperationName::ListBucketAnalyticsConfigurations if has_id => {
            Ok(OperationName::GetBucketAnalyticsConfiguration)
        }
        OperationName::ListBucketIntelligentTieringConfigurations if has_id => {
            Ok(OperationName::GetBucketIntelligentTieringConfiguration)
        }
        OperationName::ListBucketInventoryConfigurations if has_id => {
            Ok(OperationName::GetBucketInventoryConfiguration)
        }
        OperationName::ListBucketMetricsConfigurations if has_id => Ok(OperationName::GetBucketMetricsConfiguration),
        operation => Ok(operation),
    }
}

fn select_object(head: &RequestHead) -> S3Result<OperationName> {
    let (query, is_copy) = (head.query(), is_copy(head));
    let Some(found) = find_sub_resource(head, OF_OBJECTS, OF_BUCKETS, "an object")? else {
        return match *head.method() {
            Method::GET => Ok(OperationName::GetObject),
            Method::HEAD => Ok(OperationName::HeadObject),
            Method::PUT if query.has("partNumber") => Err(S3Error::with_message(
                ErrorCode::InvalidArgument,
                "`partNumber` must be given together with `uploadId`.",
            )),
            Method::PUT if is_copy => Ok(OperationName::CopyObject),
            Method::PUT => Ok(OperationName::PutObject),
            Method::DELETE => Ok(OperationName::DeleteObject),
            _ => Err(not_allowed(head.method(), "an object")),
        };
    };
    match method_of(head, found)? {
        OperationName::UploadPart if !query.has("partNumber") => Err(S3Error::with_message(
            ErrorCode::InvalidArgument,
            "`uploadId` must be given together with `partNumber`.",
        )),
        OperationName::UploadPart if is_copy => Ok(OperationName::UploadPartCopy),
        operation => Ok(operation),
    }
}

/// The one sub-resource that a query names. `HEAD` has none: it is about the bucket or the object itself.
fn find_sub_resource(
    head: &RequestHead,
    own: &'static [SubResource],
    of_others: &[SubResource],
    resource: &str,
) -> S3Result<Option<&'static SubResource>> {
    let query: &Query = head.query();
    let is_write = matches!(*head.method(), Method::PUT | Method::POST | Method::DELETE);
    let mut found: Option<&'static SubResource> = None;
    for (name, value) in query.iter() {
        if let Some(known) = own.iter().find(|known| known.name == name) {
            if let Some(other) = found {
                return Err(S3Error::with_message(
                    ErrorCode::InvalidRequest,
                    format!("`{}` and `{name}` must not be given together.", other.name),
                ));
            }
            found = Some(known);
        } else if is_write && of_others.iter().any(|known| known.name == name) {
            return Err(S3Error::with_message(
                ErrorCode::MethodNotAllowed,
                format!("`{name}` is not a sub-resource of {resource}."),
            ));
        } else if UNKNOWN.contains(&name) || (is_write && value.is_empty() && !is_parameter(name)) {
            return Err(not_implemented(&format!("`{name}`")));
        }
    }
    Ok(found)
}

fn method_of(head: &RequestHead, sub_resource: &SubResource) -> S3Result<OperationName> {
    let operation = match *head.method() {
        Method::GET => sub_resource.get,
        Method::PUT => sub_resource.put,
        Method::POST => sub_resource.post,
        Method::DELETE => sub_resource.delete,
        _ => None,
    };
    operation.ok_or_else(|| not_allowed(head.method(), &format!("the sub-resource `{}`", sub_resource.name)))
}

/// Whether there is a source to copy, in a header or in the query of a presigned URL.
fn is_copy(head: &RequestHead) -> bool {
    head.amz("x-amz-copy-source").is_some()
}

fn is_form(head: &RequestHead) -> bool {
    let kind = head.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

fn not_allowed(method: &Method, resource: &str) -> S3Error {
    S3Error::with_message(ErrorCode::MethodNotAllowed, format!("The method {method} is not allowed for {resource}."))
}

fn not_implemented(what: &str) -> S3Error {
    S3Error::with_message(ErrorCode::NotImplemented, format!("{what} is not implemented."))
}

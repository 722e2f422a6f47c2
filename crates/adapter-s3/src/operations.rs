//! Performs operations, once the decision and the body are there.

mod bucket_settings;
mod buckets;
mod copies;
mod deletions;
mod fixed;
mod lists;
mod object_settings;
mod reads;
mod settings;
mod writes;

use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode};
use storage_hub_core::domain::BucketName;
use storage_hub_s3_backend::{BucketSettingKind, ObjectSettingKind, Write};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::head::RequestHead;
use storage_hub_s3_protocol::operation::{BodyKind, CopySource, Operation};
use storage_hub_s3_protocol::operation_name::OperationName;
use storage_hub_s3_protocol::response::Answer;

use crate::access::{Needed, needed, needed_of_source};
use crate::answer_body::Content;
use crate::authorization::{Authorization, failed, refused};
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    /// Decides about an operation, reads its body, and performs it.
    pub(crate) async fn perform(&self, request: Request, operation: Operation) -> S3Result<Response<Content>> {
        match operation {
            Operation::ListBuckets(input) => self.list_buckets(&request, &input).await,
            Operation::CreateBucket(_) => self.create_bucket(request, operation).await,
            Operation::DeleteBucket => self.delete_bucket(&request).await,
            Operation::HeadBucket => self.head_bucket(&request),
            Operation::GetBucketLocation => self.get_bucket_location(&request),
            Operation::GetBucketVersioning => self.get_bucket_setting(&request, BucketSettingKind::Versioning).await,
            Operation::GetBucketTagging => self.get_bucket_setting(&request, BucketSettingKind::Tags).await,
            Operation::GetBucketLifecycle => self.get_bucket_setting(&request, BucketSettingKind::Lifecycle).await,
            Operation::GetObjectLockConfiguration => {
                self.get_bucket_setting(&request, BucketSettingKind::ObjectLock).await
            }
            Operation::PutBucketVersioning(_)
            | Operation::PutBucketTagging(_)
            | Operation::PutBucketLifecycle(_)
            | Operation::PutObjectLockConfiguration(_) => self.put_bucket_setting(request, operation).await,
            Operation::DeleteBucketTagging => self.delete_bucket_setting(&request, BucketSettingKind::Tags).await,
            Operation::DeleteBucketLifecycle => {
                self.delete_bucket_setting(&request, BucketSettingKind::Lifecycle).await
            }
            Operation::GetBucketPolicy => self.get_bucket_policy(&request),
            Operation::GetBucketPolicyStatus => self.get_bucket_policy_status(&request),
            Operation::GetBucketCors => self.get_bucket_cors(&request),
            Operation::PutBucketCors(_) => self.put_bucket_cors(request, operation).await,
            Operation::DeleteBucketCors => self.delete_bucket_cors(&request).await,
            Operation::ListObjects(input) => self.list_objects(&request, &input).await,
            Operation::ListObjectVersions(input) => self.list_object_versions(&request, &input).await,
            Operation::ListMultipartUploads(input) => self.list_multipart_uploads(&request, &input).await,
            Operation::ListParts(input) => self.list_parts(&request, &input).await,
            Operation::DeleteObjects(_) => self.delete_objects(request, operation).await,
            Operation::DeleteObject(input) => self.delete_object(&request, input).await,
            Operation::GetObject(input) => self.get_object(&request, input).await,
            Operation::HeadObject(input) => self.head_object(&request, input).await,
            Operation::GetObjectAttributes(input) => self.get_object_attributes(&request, input).await,
            Operation::GetObjectTagging(input) => {
                self.get_object_setting(&request, input, ObjectSettingKind::Tags).await
            }
            Operation::GetObjectRetention(input) => {
                self.get_object_setting(&request, input, ObjectSettingKind::Retention).await
            }
            Operation::GetObjectLegalHold(input) => {
                self.get_object_setting(&request, input, ObjectSettingKind::LegalHold).await
            }
            Operation::PutObjectTagging(_) | Operation::PutObjectRetention(_) | Operation::PutObjectLegalHold(_) => {
                self.put_object_setting(request, operation).await
            }
            Operation::DeleteObjectTagging(input) => self.delete_object_tagging(&request, input).await,
            Operation::PutObject(input) => self.put_object(request, input).await,
            Operation::CopyObject(input) => self.copy_object(&request, input).await,
            Operation::CreateMultipartUpload(input) => self.create_multipart_upload(&request, input).await,
            Operation::UploadPart(input) => self.upload_part(request, input).await,
            Operation::UploadPartCopy(input) => self.upload_part_copy(&request, input).await,
            Operation::CompleteMultipartUpload(_) => self.complete_multipart_upload(request, operation).await,
            Operation::AbortMultipartUpload(input) => self.abort_multipart_upload(&request, input).await,
            // A form is recognized before its claim is read, because the claim is in its fields.
            Operation::PostObject => Err(ErrorCode::MethodNotAllowed.into()),
            Operation::Other(name) => self.answer_fixed(&request, name).await,
        }
    }

    /// Decides about an operation on the bucket that is addressed, and on the key.
    fn decide(&self, request: &Request) -> S3Result<Authorization> {
        let version = names_version(&request.head);
        match needed(request.name, version) {
            Needed::Bucket(action) => {
                let authorization = Authorization::decide(&self.use_cases, &request.access, action)?;
                self.check_key(request.head.target().key().unwrap_or_default())?;
                Ok(authorization)
            }
            Needed::Service(action) => {
                Err(S3Error::new(ErrorCode::InternalError).caused_by(format!("{action} is not about a bucket")))
            }
            Needed::NotImplemented => Err(not_implemented(request.name)),
        }
    }

    /// As [`decide`](Self::decide), for an operation whose request has no body.
    fn decide_without_body(&self, request: &Request) -> S3Result<Authorization> {
        let authorization = self.decide(request)?;
        request.body.expect_none()?;
        Ok(authorization)
    }

    /// Decides about an operation without a bucket.
    fn decide_service(&self, request: &Request) -> S3Result<()> {
        match needed(request.name, false) {
            Needed::Service(action) => self.use_cases.authorize_service(&request.access, action).map_err(refused),
            Needed::Bucket(_) | Needed::NotImplemented => Err(ErrorCode::AccessDenied.into()),
        }
    }

    /// Decides about the source of a copy. It is read in a snapshot of its own, because it may be in another bucket.
    async fn decide_source(&self, request: &Request, source: &CopySource) -> S3Result<Authorization> {
        let name = BucketName::parse(&source.bucket).map_err(|_| S3Error::new(ErrorCode::NoSuchBucket))?;
        let action = needed_of_source(source.version_id.is_some());
        let is_target = request.access.bucket.as_ref().is_some_and(|bucket| bucket.reference().name == name);
        let access = if is_target {
            request.access.clone()
        } else {
            let caller = request.access.caller.as_ref();
            let access_key = caller.map(|caller| caller.access_key.as_str());
            let access = self.use_cases.authenticate(access_key, Some(&name)).await.map_err(failed)?;
            // The user may have been disabled, or have got another secret, since the signature was verified.
            let same = match (caller, &access.caller) {
                (None, None) => true,
                (Some(before), Some(now)) => before.user_id() == now.user_id() && before.secret_key == now.secret_key,
                _ => false,
            };
            if !same {
                return Err(ErrorCode::AccessDenied.into());
            }
            Arc::new(access)
        };
        let authorization = Authorization::decide(&self.use_cases, &access, action)?;
        self.check_key(&source.key)?;
        Ok(authorization)
    }

    /// Reads the document of an operation into its input.
    async fn accept_document(&self, request: Request, mut operation: Operation) -> S3Result<Operation> {
        let BodyKind::Document { max, optional } = operation.body_kind() else { return Ok(operation) };
        if optional && request.body.expect_none().is_ok() {
            return Ok(operation);
        }
        let (document, place) = request.body.document(self, &request.head, request.payload, max, request.name).await?;
        operation.accept_document(&document)?;
        drop(place);
        Ok(operation)
    }

    /// The URL of the object that a request addresses.
    fn location(&self, request: &Request) -> String {
        format!("{}{}", self.base_url(&request.head), request.head.raw_path())
    }

    /// The URL of the endpoint as the client knows it, without a slash at its end.
    pub(crate) fn base_url(&self, head: &RequestHead) -> String {
        let scheme = if self.options.tls { "https" } else { "http" };
        format!("{scheme}://{}", head.host())
    }

    pub(crate) fn check_key(&self, key: &str) -> S3Result<()> {
        let max = self.backend.capabilities().max_key_bytes;
        if key.len() <= max {
            return Ok(());
        }
        let error = S3Error::new(ErrorCode::KeyTooLongError);
        Err(error.with_element("Size", key.len().to_string()).with_element("MaxSizeAllowed", max.to_string()))
    }
}

/// Whether a request names a version of its object. An empty name is none.
fn names_version(head: &RequestHead) -> bool {
    head.query().get("versionId").is_some_and(|id| !id.is_empty())
}

/// A write to the bucket that was authorized.
fn write(authorization: &Authorization) -> Write<'_> {
    Write { bucket: authorization.bucket(), guard: authorization }
}

/// The answer of an operation as a response.
pub(crate) fn reply(answer: Answer) -> Response<Content> {
    let mut response = Response::new(Content::Document(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

/// A successful answer that has only headers.
fn empty() -> Response<Content> {
    Response::new(Content::Document(Bytes::new()))
}

fn no_content() -> Response<Content> {
    reply(Answer::empty(StatusCode::NO_CONTENT))
}

fn not_implemented(operation: OperationName) -> S3Error {
    let message = format!("{} is not implemented; docs/s3-compatibility.md lists what is.", operation.as_str());
    S3Error::with_message(ErrorCode::NotImplemented, message)
}

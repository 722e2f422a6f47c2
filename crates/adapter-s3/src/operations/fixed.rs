use bytes::Bytes;
use http::{HeaderValue, Response, header};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::GetObject;
use storage_hub_s3_protocol::operation_name::OperationName;

use super::{empty, not_implemented};
use crate::access::Needed;
use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::fixed_answers;
use crate::request::Request;

impl Endpoint {
    /// Answers an operation about what cannot be configured here.
    pub(super) async fn answer_fixed(&self, request: &Request, name: OperationName) -> S3Result<Response<Content>> {
        if crate::access::needed(name, false) == Needed::NotImplemented {
            // Who has sent it is known, and nobody may do it.
            return Err(match request.access.caller {
                Some(_) => not_implemented(name),
                None => ErrorCode::AccessDenied.into(),
            });
        }
        let authorization = self.decide(request)?;
        if matches!(name, OperationName::PutBucketAcl | OperationName::PutObjectAcl) {
            return put_acl(request, name);
        }
        let Some(fixed) = fixed_answers::find(name) else { return Err(not_implemented(name)) };
        request.body.expect_none()?;
        if fixed.of_object {
            let key = request.head.target().key().unwrap_or_default().to_owned();
            let version_id = request.head.query().get("versionId").filter(|id| !id.is_empty()).map(str::to_owned);
            let input = GetObject { key, version_id, ..GetObject::default() };
            self.backend.head_object(authorization.bucket(), input).await?;
        }
        let mut response = Response::new(Content::Document(Bytes::from(fixed.answer.document()?)));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        Ok(response)
    }
}

/// Takes the ACL that every bucket and object has, which changes nothing.
fn put_acl(request: &Request, name: OperationName) -> S3Result<Response<Content>> {
    match request.head.header("x-amz-acl") {
        Some("private" | "bucket-owner-full-control") if request.body.expect_none().is_ok() => Ok(empty()),
        _ => Err(not_implemented(name)),
    }
}

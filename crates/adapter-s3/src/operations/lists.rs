use http::Response;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{ListMultipartUploads, ListObjectVersions, ListObjects, ListParts};
use storage_hub_s3_protocol::response;

use super::reply;
use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    pub(super) async fn list_objects(&self, request: &Request, input: &ListObjects) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let page = self.backend.list_objects(authorization.bucket(), input).await?;
        Ok(reply(response::list_objects(authorization.bucket().name.as_str(), input, &page, &self.owner)))
    }

    pub(super) async fn list_object_versions(
        &self,
        request: &Request,
        input: &ListObjectVersions,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let page = self.backend.list_object_versions(authorization.bucket(), input).await?;
        Ok(reply(response::list_object_versions(authorization.bucket().name.as_str(), input, &page, &self.owner)))
    }

    pub(super) async fn list_multipart_uploads(
        &self,
        request: &Request,
        input: &ListMultipartUploads,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let page = self.backend.list_multipart_uploads(authorization.bucket(), input).await?;
        Ok(reply(response::list_multipart_uploads(authorization.bucket().name.as_str(), input, &page, &self.owner)))
    }

    pub(super) async fn list_parts(&self, request: &Request, input: &ListParts) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let page = self.backend.list_parts(authorization.bucket(), input).await?;
        let page = response::PartsPage { parts: page.parts, next: page.next, checksum: page.checksum };
        Ok(reply(response::list_parts(authorization.bucket().name.as_str(), input, &page, &self.owner)))
    }
}

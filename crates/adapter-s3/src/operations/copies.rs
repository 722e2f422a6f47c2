use http::Response;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{CopyObject, UploadPartCopy};
use storage_hub_s3_protocol::response;

use super::{reply, write};
use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    pub(super) async fn copy_object(&self, request: &Request, input: CopyObject) -> S3Result<Response<Content>> {
        let target = self.decide_without_body(request)?;
        let source = self.decide_source(request, &input.source).await?;
        let both = target.and(&source);
        let written = self.backend.copy_object(source.bucket(), write(&both), input).await?;
        Ok(reply(response::copy_object(&written)))
    }

    pub(super) async fn upload_part_copy(
        &self,
        request: &Request,
        input: UploadPartCopy,
    ) -> S3Result<Response<Content>> {
        let target = self.decide_without_body(request)?;
        let source = self.decide_source(request, &input.source).await?;
        let both = target.and(&source);
        let written = self.backend.upload_part_copy(source.bucket(), write(&both), input).await?;
        Ok(reply(response::upload_part_copy(&written)))
    }
}

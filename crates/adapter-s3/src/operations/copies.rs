use http::Response;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::operation::{CopyObject, UploadPartCopy};
use storage_hub_s3_protocol::response;
use storage_hub_s3_protocol::tags::Tags;

use super::{reply, write};
use crate::access::needed_of_source_tags;
use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    pub(super) async fn copy_object(&self, request: &Request, mut input: CopyObject) -> S3Result<Response<Content>> {
        let target = self.decide_without_body(request)?;
        let target = target.also_options(input.tags.as_ref(), &input.lock)?;
        let mut source = self.decide_source(request, &input.source).await?;
        if input.tags.is_none() {
            // Whoever may not read the tags of the source must not get them by a copy.
            match source.also(needed_of_source_tags(input.source.version_id.is_some())) {
                Ok(both) => source = both,
                Err(_) => input.tags = Some(Tags::default()),
            }
        }
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

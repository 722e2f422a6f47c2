use http::Response;
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{CreateMultipartUpload, Operation, PutObject, UploadPart, UploadRef};
use storage_hub_s3_protocol::response;

use super::{no_content, reply, write};
use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    pub(super) async fn put_object(&self, request: Request, input: PutObject) -> S3Result<Response<Content>> {
        let authorization = self.decide(&request)?;
        let authorization = authorization.also_options(Some(&input.tags), &input.lock)?;
        let body = request.body.streamed(self, &request.head, request.payload)?;
        let written = self.backend.put_object(write(&authorization), input, body).await?;
        Ok(reply(response::put_object(&written)))
    }

    pub(super) async fn create_multipart_upload(
        &self,
        request: &Request,
        input: CreateMultipartUpload,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let authorization = authorization.also_options(Some(&input.tags), &input.lock)?;
        let upload_id = self.backend.create_multipart_upload(write(&authorization), input.clone()).await?;
        let bucket = authorization.bucket().name.as_str();
        Ok(reply(response::create_multipart_upload(bucket, &input, &upload_id)))
    }

    pub(super) async fn upload_part(&self, request: Request, input: UploadPart) -> S3Result<Response<Content>> {
        let authorization = self.decide(&request)?;
        let body = request.body.streamed(self, &request.head, request.payload)?;
        let written = self.backend.upload_part(write(&authorization), input, body).await?;
        Ok(reply(response::upload_part(&written)))
    }

    pub(super) async fn complete_multipart_upload(
        &self,
        request: Request,
        operation: Operation,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide(&request)?;
        let location = self.location(&request);
        let Operation::CompleteMultipartUpload(input) = self.accept_document(request, operation).await? else {
            return Err(ErrorCode::InternalError.into());
        };
        let upload = input.upload.clone();
        let written = self.backend.complete_multipart_upload(write(&authorization), input).await?;
        let bucket = authorization.bucket().name.as_str();
        Ok(reply(response::complete_multipart_upload(bucket, &upload, &location, &written)))
    }

    pub(super) async fn abort_multipart_upload(
        &self,
        request: &Request,
        input: UploadRef,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        self.backend.abort_multipart_upload(write(&authorization), input).await?;
        Ok(no_content())
    }
}

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{GetObject, GetObjectAttributes};
use storage_hub_s3_protocol::response;
use storage_hub_s3_protocol::types::ObjectHead;

use super::reply;
use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    pub(super) async fn get_object(&self, request: &Request, input: GetObject) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        refuse_anonymous_overrides(request, &input)?;
        let (head, stream) = self.backend.get_object(authorization.bucket(), input.clone()).await?;
        let head = self.conceal(request, head);
        let mut response = object_response(&head, &input);
        let interval = self.limits().reauthorize_interval;
        *response.body_mut() = Content::Object(authorization.guard_download(stream, interval));
        Ok(response)
    }

    pub(super) async fn head_object(&self, request: &Request, input: GetObject) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        refuse_anonymous_overrides(request, &input)?;
        let head = self.backend.head_object(authorization.bucket(), input.clone()).await?;
        Ok(object_response(&self.conceal(request, head), &input))
    }

    pub(super) async fn get_object_attributes(
        &self,
        request: &Request,
        input: GetObjectAttributes,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let attributes = self.backend.get_object_attributes(authorization.bucket(), input.clone()).await?;
        Ok(reply(response::get_object_attributes(&input, &attributes)))
    }
}

/// Whoever gets a link to a public object must not choose the headers that it comes with.
fn refuse_anonymous_overrides(request: &Request, input: &GetObject) -> S3Result<()> {
    if request.access.caller.is_some() || input.overrides.headers.is_empty() {
        return Ok(());
    }
    let message = "Request specific response headers cannot be used for anonymous GET requests.";
    Err(S3Error::with_message(ErrorCode::InvalidRequest, message))
}

fn object_response(head: &ObjectHead, input: &GetObject) -> Response<Content> {
    let mut headers = HeaderMap::new();
    let status = response::write_object_head(head, input, &mut headers);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Browsers show PDF files in a viewer of their own, which the sandbox would break.
    let is_pdf = headers.get(header::CONTENT_TYPE).is_some_and(|kind| is_pdf(kind.as_bytes()));
    if !is_pdf {
        let policy = HeaderValue::from_static("sandbox; default-src 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    let mut response = Response::new(Content::Document(Bytes::new()));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn is_pdf(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/pdf")
}

use http::{HeaderValue, Method, header};
use storage_hub_core::ports::StoreError;
use storage_hub_s3_client::{Answer, Identity, Request, Service};

use crate::s3_client::S3Client;

/// The outcome of a request for temporary credentials.
#[derive(Clone, Debug)]
pub enum TemporaryKey {
    /// The identity to sign with.
    Given(Identity),
    /// The endpoint refused the request.
    Refused(Answer),
}

impl S3Client {
    /// Requests temporary credentials that are valid for an hour (`AssumeRole` of the STS API at the same endpoint).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] without an answer in time.
    pub async fn assume_role(&self) -> Result<TemporaryKey, StoreError> {
        let body = "Action=AssumeRole&Version=2011-06-15&DurationSeconds=3600";
        let mut request = Request::new(Method::POST, None, None).with_body(body);
        request.service = Service::Sts;
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(header::CONTENT_TYPE, form);
        let answer = self.send(request).await?;
        let text = |element| answer.text(element);
        let identity = text("AccessKeyId").zip(text("SecretAccessKey")).zip(text("SessionToken"));
        let identity =
            identity.map(|((access_key, secret_key), token)| Identity::session(access_key, secret_key, token));
        Ok(identity.filter(|_| answer.is_success()).map_or(TemporaryKey::Refused(answer), TemporaryKey::Given))
    }
}

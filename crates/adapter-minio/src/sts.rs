use http::Method;
use storage_hub_core::domain::SecretKey;
use storage_hub_core::ports::StoreError;

use crate::answer::Answer;
use crate::connection::Call;
use crate::s3_client::S3Client;
use crate::signing::Identity;
use crate::xml;

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
        let answer = self
            .connection
            .send(
                &self.identity,
                Call {
                    content_type: Some("application/x-www-form-urlencoded"),
                    body: b"Action=AssumeRole&Version=2011-06-15&DurationSeconds=3600".to_vec(),
                    service: "sts",
                    ..Call::new(Method::POST, "/", &[])
                },
            )
            .await?;
        let text = |element| xml::first_text(&answer.body, element);
        let identity = text("AccessKeyId").zip(text("SecretAccessKey")).zip(text("SessionToken"));
        let identity = identity.and_then(|((access_key, secret_key), session_token)| {
            let secret_key = SecretKey::parse(secret_key).ok()?;
            Some(Identity::session(&access_key, &secret_key, &session_token))
        });
        Ok(identity.filter(|_| answer.is_success()).map_or(TemporaryKey::Refused(answer), TemporaryKey::Given))
    }
}

//! Requests by which MinIO lets users change their own keys unless a policy denies it: `doctor` and tests try them.

use http::Method;
use serde_json::{Value, json};
use storage_hub_core::domain::SecretKey;
use storage_hub_core::ports::StoreError;
use zeroize::Zeroizing;

use crate::admin_body;
use crate::answer::Answer;
use crate::connection::Call;
use crate::s3_client::S3Client;
use crate::signing::Identity;

impl S3Client {
    /// Sets the secret of the signing user by MinIO's admin API.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] without an answer in time.
    pub async fn change_own_secret(&self, new: &SecretKey) -> Result<Answer, StoreError> {
        let access_key = self.access_key().to_owned();
        let settings = json!({ "secretKey": new.expose(), "status": "enabled" });
        self.send_encrypted("add-user", &[("accessKey", &access_key)], &settings).await
    }

    /// Creates a service account, a second key of the signing user, by MinIO's admin API.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] without an answer in time.
    pub async fn make_service_account(&self) -> Result<Answer, StoreError> {
        self.send_encrypted("add-service-account", &[], &json!({})).await
    }

    async fn send_encrypted(&self, call: &str, query: &[(&str, &str)], body: &Value) -> Result<Answer, StoreError> {
        let plain = Zeroizing::new(body.to_string().into_bytes());
        let secret_key = match &self.identity {
            Identity::Key(credentials) => credentials.secret_access_key(),
            Identity::Anonymous => "",
        };
        let body = admin_body::encrypt(secret_key, &plain).map_err(|error| StoreError::Unexpected(error.into()))?;
        let path = format!("/minio/admin/v3/{call}");
        self.connection.send(&self.identity, Call { body, ..Call::new(Method::PUT, &path, query) }).await
    }

    fn access_key(&self) -> &str {
        match &self.identity {
            Identity::Key(credentials) => credentials.access_key_id(),
            Identity::Anonymous => "",
        }
    }
}

//! Requests by which MinIO lets users change their own keys unless a policy denies it: `doctor` and tests try them.

use http::Method;
use serde_json::{Value, json};
use storage_hub_core::domain::SecretKey;
use storage_hub_core::ports::StoreError;
use storage_hub_s3_client::{Answer, Identity, Key};
use zeroize::Zeroizing;

use crate::admin_body;
use crate::admin_client::request;
use crate::s3_client::S3Client;

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
        let secret_key = self.key().map_or("", Key::secret);
        let body = admin_body::encrypt(secret_key, &plain).map_err(|error| StoreError::Unexpected(error.into()))?;
        let path = format!("admin/v3/{call}");
        self.send(request(Method::PUT, &path).with_query(query).with_body(body)).await
    }

    fn access_key(&self) -> &str {
        self.key().map_or("", Key::access_key)
    }

    fn key(&self) -> Option<&Key> {
        match self.client.identity() {
            Identity::Key(key) => Some(key),
            Identity::Anonymous => None,
        }
    }
}

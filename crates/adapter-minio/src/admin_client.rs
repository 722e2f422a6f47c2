//! MinIO's admin API, `/minio/admin/v3`: the calls that the hub needs. Their requests are signed like S3's.

use std::time::Duration;

use http::Method;
use serde_json::json;
use storage_hub_core::domain::{AccessKey, Credentials, SecretKey};
use storage_hub_core::ports::StoreError;
use storage_hub_s3_client::{Answer, Connection, Identity, Request};
use zeroize::Zeroizing;

use crate::admin_body;
use crate::error::client_error;

/// Listing all users makes the server read them all.
const LIST_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct AdminClient {
    connection: Connection,
    identity: Identity,
    /// The key of encrypted bodies.
    secret_key: SecretKey,
}

type Answered = Result<Answer, StoreError>;

impl AdminClient {
    pub(crate) fn new(connection: Connection, access_key: &str, secret_key: SecretKey) -> Self {
        let identity = Identity::key(access_key, secret_key.expose());
        Self { connection, identity, secret_key }
    }

    /// Creates a user or sets its secret, and sets its status.
    pub(crate) async fn add_user(&self, credentials: &Credentials, enabled: bool) -> Answered {
        let status = if enabled { "enabled" } else { "disabled" };
        let settings = json!({ "secretKey": credentials.secret_key.expose(), "status": status });
        let settings = Zeroizing::new(settings.to_string().into_bytes());
        let body = admin_body::encrypt(self.secret_key.expose(), &settings)
            .map_err(|error| StoreError::Unexpected(error.into()))?;
        let query = [("accessKey", credentials.access_key.as_str())];
        self.send(Method::PUT, "add-user", &query, body).await
    }

    pub(crate) async fn disable_user(&self, access_key: &AccessKey) -> Answered {
        let query = [("accessKey", access_key.as_str()), ("status", "disabled")];
        self.send(Method::PUT, "set-user-status", &query, Vec::new()).await
    }

    pub(crate) async fn remove_user(&self, access_key: &AccessKey) -> Answered {
        self.send(Method::DELETE, "remove-user", &[("accessKey", access_key.as_str())], Vec::new()).await
    }

    pub(crate) async fn user_info(&self, access_key: &AccessKey) -> Answered {
        self.send(Method::GET, "user-info", &[("accessKey", access_key.as_str())], Vec::new()).await
    }

    /// The encrypted configuration of one subsystem, including overrides by the server's environment.
    pub(crate) async fn config(&self, subsystem: &str) -> Answered {
        self.send(Method::GET, "get-config-kv", &[("key", subsystem)], Vec::new()).await
    }

    /// The encrypted list of all users.
    pub(crate) async fn list_users(&self) -> Answered {
        let request = Request { timeout: Some(LIST_TIMEOUT), ..request(Method::GET, "admin/v3/list-users") };
        self.connection.send(&self.identity, request).await.map_err(client_error)
    }

    /// Replaces the policies of a user (names separated by commas).
    pub(crate) async fn set_user_policies(&self, access_key: &AccessKey, policies: &str) -> Answered {
        let query = [("isGroup", "false"), ("policyName", policies), ("userOrGroup", access_key.as_str())];
        self.send(Method::PUT, "set-user-or-group-policy", &query, Vec::new()).await
    }

    /// Revokes all temporary credentials of a user.
    pub(crate) async fn revoke_tokens(&self, access_key: &AccessKey) -> Answered {
        let query = [("fullRevoke", "true"), ("user", access_key.as_str())];
        self.send(Method::POST, "revoke-tokens/builtin", &query, Vec::new()).await
    }

    pub(crate) async fn add_policy(&self, name: &str, document: String) -> Answered {
        self.send(Method::PUT, "add-canned-policy", &[("name", name)], document.into_bytes()).await
    }

    pub(crate) async fn policy_info(&self, name: &str) -> Answered {
        self.send(Method::GET, "info-canned-policy", &[("name", name)], Vec::new()).await
    }

    pub(crate) async fn delete_policy(&self, name: &str) -> Answered {
        self.send(Method::DELETE, "remove-canned-policy", &[("name", name)], Vec::new()).await
    }

    /// Decrypts the body of an answer on a blocking thread, because it takes 0.1 s of one core.
    pub(crate) async fn decrypted(&self, answer: Answer) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let secret_key = self.secret_key.clone();
        tokio::task::spawn_blocking(move || admin_body::decrypt(secret_key.expose(), &answer.body))
            .await
            .map_err(|error| StoreError::Unexpected(error.into()))?
            .map_err(|error| StoreError::Unexpected(error.into()))
    }

    async fn send(&self, method: Method, call: &str, query: &[(&str, &str)], body: Vec<u8>) -> Answered {
        let path = format!("admin/v3/{call}");
        let request = request(method, &path).with_query(query).with_body(body);
        self.connection.send(&self.identity, request).await.map_err(client_error)
    }
}

/// A request of the admin API. It is addressed like an object of the bucket `minio`, which cannot exist.
pub(crate) fn request(method: Method, path: &str) -> Request<'_> {
    Request::new(method, Some("minio"), Some(path))
}

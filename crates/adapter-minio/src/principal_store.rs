use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde::Deserialize;
use serde::de::IgnoredAny;
use storage_hub_core::domain::{AccessKey, Credentials, SecretKey};
use storage_hub_core::policy::{PolicyDocument, PolicyName};
use storage_hub_core::ports::{PrincipalSettings, PrincipalState, PrincipalStore, StoreError};
use storage_hub_s3_client::Answer;

use crate::error::success;
use crate::object_store::{document, probe_bucket};
use crate::s3_client::{S3Client, identity_of};
use crate::store::MinioStore;

/// The fields of the answer of `user-info` that the hub needs.
#[derive(Deserialize)]
struct UserInfo {
    status: String,
    #[serde(rename = "policyName", default)]
    policies: String,
}

#[async_trait]
impl PrincipalStore for MinioStore {
    /// Several calls share one time limit.
    async fn put_principal(&self, settings: &PrincipalSettings) -> Result<(), StoreError> {
        let calls = async {
            if settings.enabled { self.put_enabled(settings).await } else { self.put_disabled(settings).await }
        };
        self.in_time(calls).await
    }

    async fn revoke_sessions(&self, access_key: &AccessKey) -> Result<(), StoreError> {
        unless_missing(self.admin.revoke_tokens(access_key).await?)
    }

    /// The server keeps the temporary credentials of a user that it deletes, and they are valid again when the user is
    /// created again. So they are revoked first, while the user is disabled and cannot get new ones.
    async fn delete_principal(&self, access_key: &AccessKey) -> Result<(), StoreError> {
        let calls = async {
            unless_missing(self.admin.disable_user(access_key).await?)?;
            self.revoke_sessions(access_key).await?;
            unless_missing(self.admin.remove_user(access_key).await?)
        };
        self.in_time(calls).await
    }

    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalState>, StoreError> {
        let answer = match success(self.admin.user_info(access_key).await?) {
            Err(StoreError::NotFound) => return Ok(None),
            answer => answer?,
        };
        let info: UserInfo =
            serde_json::from_slice(&answer.body).map_err(|error| StoreError::Unexpected(error.into()))?;
        let names = info.policies.split(',').filter(|name| !name.is_empty());
        let mut policies: Vec<_> = names.map(|name| PolicyName::from_store(name.to_owned())).collect();
        policies.sort();
        Ok(Some(PrincipalState { enabled: info.status == "enabled", policies }))
    }

    /// The server checks the signature before the rights, so the answer about the bucket itself does not matter.
    async fn accepts(&self, credentials: &Credentials) -> Result<bool, StoreError> {
        let client = S3Client::new(self.connection.clone(), identity_of(credentials));
        let answer = client.list_objects(&probe_bucket()?).await?;
        if !answer.knows_the_key() {
            return Ok(false);
        }
        match answer.code() {
            "AccessDenied" | "NoSuchBucket" => Ok(true),
            _ => success(answer).map(|_| true),
        }
    }

    async fn put_policy(&self, name: &PolicyName, document: &PolicyDocument) -> Result<(), StoreError> {
        success(self.admin.add_policy(name.as_str(), document.to_string()).await?).map(drop)
    }

    async fn find_policy(&self, name: &PolicyName) -> Result<Option<PolicyDocument>, StoreError> {
        match success(self.admin.policy_info(name.as_str()).await?) {
            Err(StoreError::NotFound) => Ok(None),
            answer => document(&answer?.body).map(Some),
        }
    }

    async fn delete_policy(&self, name: &PolicyName) -> Result<(), StoreError> {
        unless_missing(self.admin.delete_policy(name.as_str()).await?)
    }

    async fn list_principals(&self) -> Result<Vec<String>, StoreError> {
        let body = self.admin.decrypted(success(self.admin.list_users().await?)?).await?;
        let users: BTreeMap<String, IgnoredAny> =
            serde_json::from_slice(&body).map_err(|error| StoreError::Unexpected(error.into()))?;
        Ok(users.into_keys().collect())
    }
}

impl MinioStore {
    /// Gives several calls together the time limit of one.
    pub(crate) async fn in_time<T>(&self, calls: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let calls = tokio::time::timeout(self.connection.timeout(), calls);
        calls.await.map_err(|elapsed| StoreError::Unavailable(elapsed.into()))?
    }

    async fn put_enabled(&self, settings: &PrincipalSettings) -> Result<(), StoreError> {
        success(self.admin.add_user(&settings.credentials, true).await?)?;
        self.set_policies(settings).await
    }

    /// The server does not change the policies of a disabled user. If they have to change, the user is enabled briefly with
    /// a secret that nobody knows and without temporary credentials, so that nobody can use the principal even if the
    /// sequence is interrupted.
    async fn put_disabled(&self, settings: &PrincipalSettings) -> Result<(), StoreError> {
        let credentials = &settings.credentials;
        success(self.admin.add_user(credentials, false).await?)?;
        let state = self.find_principal(&credentials.access_key).await?;
        let wanted: BTreeSet<_> = settings.policies.iter().collect();
        if state.is_some_and(|state| state.policies.iter().collect::<BTreeSet<_>>() == wanted) {
            return Ok(());
        }
        self.revoke_sessions(&credentials.access_key).await?;
        let unknown = Credentials { access_key: credentials.access_key.clone(), secret_key: unknown_secret()? };
        success(self.admin.add_user(&unknown, true).await?)?;
        let policies_set = self.set_policies(settings).await;
        success(self.admin.add_user(credentials, false).await?)?;
        policies_set
    }

    async fn set_policies(&self, settings: &PrincipalSettings) -> Result<(), StoreError> {
        let policies: Vec<_> = settings.policies.iter().map(PolicyName::as_str).collect();
        let access_key = &settings.credentials.access_key;
        success(self.admin.set_user_policies(access_key, &policies.join(",")).await?).map(drop)
    }
}

/// A random secret that is never stored.
fn unknown_secret() -> Result<SecretKey, StoreError> {
    let words: [u64; 4] = std::array::from_fn(|_| rand::random());
    let text: String = words.iter().map(|word| format!("{word:016x}")).collect();
    SecretKey::parse(text).map_err(|error| StoreError::Unexpected(error.into()))
}

/// Treats a subject that does not exist as deleted already.
fn unless_missing(answer: Answer) -> Result<(), StoreError> {
    match success(answer) {
        Ok(_) | Err(StoreError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

use async_trait::async_trait;

use super::{InMemoryStore, StoreCall, StoredPrincipal};
use crate::domain::{AccessKey, Credentials};
use crate::policy::{PolicyDocument, PolicyName};
use crate::ports::{PrincipalSettings, PrincipalState, PrincipalStore, StoreError};

/// The largest policy document, in bytes.
const MAX_DOCUMENT_BYTES: usize = 20 * 1024;

#[async_trait]
impl PrincipalStore for InMemoryStore {
    async fn put_principal(&self, settings: &PrincipalSettings) -> Result<(), StoreError> {
        self.call(StoreCall::PutPrincipal, |state| {
            let policies = settings.policies.iter().map(PolicyName::to_string).collect();
            let Credentials { access_key, secret_key } = &settings.credentials;
            let principal = state.principals.entry(access_key.to_string()).or_insert_with(|| StoredPrincipal {
                secret_key: secret_key.clone(),
                enabled: settings.enabled,
                policies: Default::default(),
                sessions_revoked: 0,
            });
            // First the credentials, then the policies, as in a store that needs two calls.
            principal.secret_key = secret_key.clone();
            principal.enabled = settings.enabled;
            if settings.policies.iter().any(|name| !state.policies.contains_key(name.as_str())) {
                return Err(StoreError::NotFound);
            }
            principal.policies = policies;
            Ok(())
        })
    }

    async fn revoke_sessions(&self, access_key: &AccessKey) -> Result<(), StoreError> {
        self.call(StoreCall::RevokeSessions, |state| {
            if let Some(principal) = state.principals.get_mut(access_key.as_str()) {
                principal.sessions_revoked += 1;
            }
            Ok(())
        })
    }

    async fn delete_principal(&self, access_key: &AccessKey) -> Result<(), StoreError> {
        self.call(StoreCall::DeletePrincipal, |state| {
            state.principals.remove(access_key.as_str());
            Ok(())
        })
    }

    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalState>, StoreError> {
        self.call(StoreCall::FindPrincipal, |state| {
            Ok(state.principals.get(access_key.as_str()).map(|principal| PrincipalState {
                enabled: principal.enabled,
                policies: principal.policies.iter().cloned().map(PolicyName::from_store).collect(),
            }))
        })
    }

    async fn accepts(&self, credentials: &Credentials) -> Result<bool, StoreError> {
        self.call(StoreCall::Accepts, |state| {
            Ok(state
                .principals
                .get(credentials.access_key.as_str())
                .is_some_and(|principal| principal.enabled && principal.secret_key == credentials.secret_key))
        })
    }

    async fn put_policy(&self, name: &PolicyName, document: &PolicyDocument) -> Result<(), StoreError> {
        self.call(StoreCall::PutPolicy, |state| {
            check_document(document)?;
            state.policies.insert(name.to_string(), document.clone());
            Ok(())
        })
    }

    async fn find_policy(&self, name: &PolicyName) -> Result<Option<PolicyDocument>, StoreError> {
        self.call(StoreCall::FindPolicy, |state| Ok(state.policies.get(name.as_str()).cloned()))
    }

    async fn delete_policy(&self, name: &PolicyName) -> Result<(), StoreError> {
        self.call(StoreCall::DeletePolicy, |state| {
            if state.principals.values().any(|principal| principal.policies.contains(name.as_str())) {
                return Err(StoreError::Refused("the policy is attached to a principal".to_owned()));
            }
            state.policies.remove(name.as_str());
            Ok(())
        })
    }

    async fn list_principals(&self) -> Result<Vec<String>, StoreError> {
        self.call(StoreCall::ListPrincipals, |state| Ok(state.principals.keys().cloned().collect()))
    }
}

pub(super) fn check_document(document: &PolicyDocument) -> Result<(), StoreError> {
    let size = document.to_string().len();
    if size > MAX_DOCUMENT_BYTES {
        return Err(StoreError::Refused(format!("a policy has at most {MAX_DOCUMENT_BYTES} bytes, this one {size}")));
    }
    if super::evaluation::statements(document).is_empty() {
        return Err(StoreError::Refused("a policy has at least one statement".to_owned()));
    }
    Ok(())
}

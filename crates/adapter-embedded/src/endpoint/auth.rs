use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};
use storage_hub_core::use_cases::s3_gate::S3Gate;

use super::visitor::Visitors;
use crate::error::gate_error;

/// Finds the secret that a request must be signed with.
pub(super) struct GateAuth {
    pub(super) gate: S3Gate,
    pub(super) visitors: Visitors,
}

#[async_trait::async_trait]
impl S3Auth for GateAuth {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let Some(caller) = self.gate.identify(access_key).await.map_err(gate_error)? else {
            self.visitors.set_unknown_key();
            return Err(s3_error!(InvalidAccessKeyId, "The access key is not known here, or its user is disabled."));
        };
        let secret = SecretKey::from(caller.secret_key.expose());
        self.visitors.set_caller(caller);
        Ok(secret)
    }
}

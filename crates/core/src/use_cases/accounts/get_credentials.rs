use super::AccountError;
use crate::context::Ports;
use crate::domain::{Credentials, Session};

/// What an S3 client is configured with.
#[derive(Clone, Debug)]
pub struct IssuedCredentials {
    /// The key.
    pub credentials: Credentials,
    /// Where the store is, as a URL.
    pub endpoint: String,
    /// The region that requests are signed for.
    pub region: String,
}

impl IssuedCredentials {
    pub(super) fn new(ports: &Ports, credentials: Credentials) -> Self {
        let settings = &ports.settings;
        Self { credentials, endpoint: settings.s3_endpoint.clone(), region: settings.s3_region.clone() }
    }
}

/// Gets the caller's S3 credentials.
///
/// # Errors
/// [`AccountError::Session`]; [`AccountError::Fault`].
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %session.claimed_user))]
pub async fn get_credentials(ports: &Ports, session: &Session) -> Result<IssuedCredentials, AccountError> {
    let record = session.find_record(ports).await?.into_record();
    let secret_key = ports.vault.open(record.user.id, &record.sealed_secret)?;
    Ok(IssuedCredentials::new(ports, Credentials { access_key: record.user.access_key, secret_key }))
}

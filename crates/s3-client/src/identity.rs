use storage_hub_s3_protocol::signature::{SecretKey, Signer};

/// The identity that signs requests.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Anonymous: requests are sent unsigned.
    Anonymous,
    /// The holder of a key.
    Key(Key),
}

/// An access key and its secret, which `Debug` does not show.
#[derive(Clone, Debug)]
pub struct Key {
    access_key: String,
    secret: SecretKey,
    security_token: Option<String>,
}

impl Identity {
    /// The holder of a long-lived key.
    #[must_use]
    pub fn key(access_key: impl Into<String>, secret: impl Into<String>) -> Self {
        Self::Key(Key { access_key: access_key.into(), secret: SecretKey::new(secret), security_token: None })
    }

    /// The holder of temporary credentials.
    #[must_use]
    pub fn session(access_key: impl Into<String>, secret: impl Into<String>, token: impl Into<String>) -> Self {
        let security_token = Some(token.into());
        Self::Key(Key { access_key: access_key.into(), secret: SecretKey::new(secret), security_token })
    }
}

impl Key {
    /// The access key.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// The secret key.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.secret.expose()
    }

    /// The token of temporary credentials.
    #[must_use]
    pub fn security_token(&self) -> Option<&str> {
        self.security_token.as_deref()
    }

    pub(crate) fn signer(&self, region: &str) -> Signer {
        Signer {
            access_key: self.access_key.clone(),
            secret: self.secret.clone(),
            region: region.to_owned(),
            security_token: self.security_token.clone(),
        }
    }
}

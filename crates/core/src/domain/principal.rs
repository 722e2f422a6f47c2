use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The public half of a principal's credentials: 3 to 128 letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessKey(String);

/// A string that is not an [`AccessKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("access key must be 3 to 128 letters, digits, underscores and hyphens")]
pub struct AccessKeyError;

impl AccessKey {
    /// Parses an access key.
    ///
    /// # Errors
    /// [`AccessKeyError`] for another length or another character.
    pub fn parse(text: impl Into<String>) -> Result<Self, AccessKeyError> {
        let text = text.into();
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if plain && (3..=128).contains(&text.len()) { Ok(Self(text)) } else { Err(AccessKeyError) }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The secret half of a principal's credentials: 8 to 64 printable ASCII characters. It is redacted in `Debug`, wiped when
/// dropped, and compared in constant time.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<String>);

/// A string that is not a [`SecretKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("secret key must be 8 to 64 printable ASCII characters")]
pub struct SecretKeyError;

impl SecretKey {
    /// Parses a secret key.
    ///
    /// # Errors
    /// [`SecretKeyError`] for another length or another character.
    pub fn parse(text: impl Into<String>) -> Result<Self, SecretKeyError> {
        let text = Zeroizing::new(text.into());
        let plain = text.bytes().all(|b| b.is_ascii_graphic());
        if plain && (8..=64).contains(&text.len()) { Ok(Self(text)) } else { Err(SecretKeyError) }
    }

    /// The secret itself: only for signing and sealing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// A secret key as the database stores it: encrypted by the secret vault and bound to its user.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(Vec<u8>);

impl SealedSecret {
    /// Wraps the output of the secret vault.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for adapters.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSecret({} bytes)", self.0.len())
    }
}

/// Access key and secret key: what an S3 client is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The public half.
    pub access_key: AccessKey,
    /// The secret half.
    pub secret_key: SecretKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_key_is_not_shown() {
        let secret = SecretKey::parse("s3cr3t-s3cr3t").unwrap();
        assert_eq!(format!("{secret:?}"), "SecretKey(…)");
        assert_eq!(secret, SecretKey::parse("s3cr3t-s3cr3t").unwrap());
        assert_ne!(secret, SecretKey::parse("s3cr3t-s3cr3T").unwrap());
    }

    #[test]
    fn keys_that_a_store_would_refuse_are_refused() {
        assert!(AccessKey::parse("ab").is_err());
        assert!(AccessKey::parse("user=1").is_err());
        assert!(AccessKey::parse("user_1700000000_ab12cd").is_ok());
        assert!(SecretKey::parse("short").is_err());
        assert!(SecretKey::parse("white space").is_err());
    }
}

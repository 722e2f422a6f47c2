use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The public half of a principal's key: 3 to 128 letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessKey(String);

/// A string that is no [`AccessKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an access key has 3 to 128 letters, digits, underscores and hyphens")]
pub struct AccessKeyError;

impl AccessKey {
    /// Reads an access key.
    ///
    /// # Errors
    /// [`AccessKeyError`] when it has another length or another character.
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

/// The secret half of a principal's key: 8 to 64 printable ASCII characters, never shown, wiped when dropped, compared
/// in constant time.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<String>);

/// A string that is no [`SecretKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret key has 8 to 64 printable ASCII characters")]
pub struct SecretKeyError;

impl SecretKey {
    /// Reads a secret key.
    ///
    /// # Errors
    /// [`SecretKeyError`] when it has another length or another character.
    pub fn parse(text: impl Into<String>) -> Result<Self, SecretKeyError> {
        let text = Zeroizing::new(text.into());
        let plain = text.bytes().all(|b| b.is_ascii_graphic());
        if plain && (8..=64).contains(&text.len()) { Ok(Self(text)) } else { Err(SecretKeyError) }
    }

    /// The secret itself, for signing and sealing alone.
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

/// A secret key as the database keeps it: encrypted by the secret vault, and bound to its user.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(Vec<u8>);

impl SealedSecret {
    /// Bytes that the secret vault made.
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

/// Both halves of a principal's key: what an S3 client is configured with.
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

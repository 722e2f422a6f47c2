use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::VaultKey;

/// What tokens are signed with: never shown, wiped when dropped.
#[derive(Clone)]
pub struct JwtSecret(Zeroizing<Vec<u8>>);

/// Why a string is not taken as a [`JwtSecret`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtSecretError {
    /// Shorter than the digest of the algorithm.
    #[error("the token secret has {0} bytes; use at least {min}, such as `openssl rand -base64 48` prints", min = JwtSecret::MIN_BYTES)]
    TooShort(usize),
    /// Long, but of a few characters only.
    #[error("the token secret has only {0} different bytes; use at least {min}, such as `openssl rand -base64 48` prints", min = JwtSecret::MIN_DISTINCT)]
    TooUniform(usize),
}

impl JwtSecret {
    /// The fewest bytes: as many as the digest of HS256 has (RFC 7518, 3.2).
    pub const MIN_BYTES: usize = 32;
    const DERIVATION: &[u8] = b"storage-hub token secret v1";
    /// The fewest different bytes: a random secret of the least length has more.
    pub const MIN_DISTINCT: usize = 10;

    /// Takes a secret; its bytes are the key, as they are.
    ///
    /// # Errors
    /// [`JwtSecretError`] when it is so short or so uniform that it could be guessed.
    pub fn parse(text: impl Into<Vec<u8>>) -> Result<Self, JwtSecretError> {
        let bytes = Zeroizing::new(text.into());
        if bytes.len() < Self::MIN_BYTES {
            return Err(JwtSecretError::TooShort(bytes.len()));
        }
        let distinct = (0..=u8::MAX).filter(|byte| bytes.contains(byte)).count();
        if distinct < Self::MIN_DISTINCT {
            return Err(JwtSecretError::TooUniform(distinct));
        }
        Ok(Self(bytes))
    }

    /// A new secret of 48 random letters and digits.
    #[must_use]
    pub fn generate() -> Self {
        loop {
            // By chance alone, one in astronomically many would be too uniform.
            if let Ok(secret) = Self::parse(crate::os_id_source::random_text(crate::os_id_source::ALPHANUMERIC, 48)) {
                return secret;
            }
        }
    }

    /// The secret that goes with a vault key: HKDF-SHA256 of it (RFC 5869), so that one key is to be kept, not two.
    #[must_use]
    pub fn derived_from(key: &VaultKey) -> Self {
        let mut secret = Zeroizing::new(vec![0; Self::MIN_BYTES]);
        // Fails beyond 255 digests alone; this is one.
        let expanded = Hkdf::<Sha256>::new(None, key.bytes()).expand(Self::DERIVATION, &mut secret);
        debug_assert!(expanded.is_ok(), "32 bytes are one digest");
        Self(secret)
    }

    /// The bytes, for signing and for keeping a generated one.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for JwtSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JwtSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_vault_key_has_one_secret_that_is_not_the_key() {
        let (one, other) = (VaultKey::generate(), VaultKey::generate());
        let secret = JwtSecret::derived_from(&one);
        assert_eq!(secret.expose(), JwtSecret::derived_from(&one).expose());
        assert_ne!(secret.expose(), JwtSecret::derived_from(&other).expose());
        assert_ne!(secret.expose(), one.bytes());
    }

    #[test]
    fn a_secret_that_could_be_guessed_is_refused() {
        let refusal = |text: &str| JwtSecret::parse(text).map(|_| ()).unwrap_err();
        assert_eq!(refusal(""), JwtSecretError::TooShort(0));
        assert_eq!(refusal("0123456789abcdef0123456789abcde"), JwtSecretError::TooShort(31));
        assert_eq!(refusal(&"x".repeat(64)), JwtSecretError::TooUniform(1));
        assert_eq!(refusal(&"123456789".repeat(9)), JwtSecretError::TooUniform(9));
        assert!(JwtSecret::parse("0123456789abcdef0123456789abcdef").is_ok());
    }

    #[test]
    fn a_refusal_says_what_would_be_right_and_not_the_secret() {
        let refused = JwtSecret::parse("hunter2hunter2").unwrap_err().to_string();
        assert!(refused.contains("at least 32") && !refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn a_secret_is_not_shown() {
        let secret = JwtSecret::generate();
        assert_eq!(format!("{secret:?}"), "JwtSecret(…)");
        assert_eq!(secret.expose().len(), 48);
    }
}

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use storage_hub_core::domain::{SealedSecret, SecretKey, UserId};
use storage_hub_core::ports::{SecretVault, VaultError};
use zeroize::Zeroizing;

use crate::VaultKey;

/// Encrypts secrets with XChaCha20-Poly1305.
///
/// A sealed secret is one byte of version, a random nonce of 24 bytes, and the ciphertext with its tag. The version and
/// the user's id are authenticated with it: a secret that is moved to another user's row does not open.
pub struct AeadVault {
    cipher: XChaCha20Poly1305,
}

const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"storage-hub principal secret v1\0";
const NONCE_BYTES: usize = 24;

impl AeadVault {
    /// A vault that seals and opens with this key.
    #[must_use]
    pub fn new(key: &VaultKey) -> Self {
        Self { cipher: XChaCha20Poly1305::new(key.bytes().into()) }
    }
}

impl SecretVault for AeadVault {
    fn seal(&self, user: UserId, secret: &SecretKey) -> Result<SealedSecret, VaultError> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let bound = bound_to(user);
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &bound };
        let ciphertext = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| VaultError::Cipher)?;
        Ok(SealedSecret::new([&[VERSION], nonce.as_slice(), &ciphertext].concat()))
    }

    fn open(&self, user: UserId, sealed: &SealedSecret) -> Result<SecretKey, VaultError> {
        let opened = || {
            let (version, rest) = sealed.as_bytes().split_first()?;
            let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>()?;
            if *version != VERSION {
                return None;
            }
            let payload = Payload { msg: ciphertext, aad: &bound_to(user) };
            let plain = Zeroizing::new(self.cipher.decrypt(&XNonce::from(*nonce), payload).ok()?);
            SecretKey::parse(std::str::from_utf8(&plain).ok()?).ok()
        };
        opened().ok_or(VaultError::DoesNotOpen)
    }
}

impl std::fmt::Debug for AeadVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AeadVault(…)")
    }
}

fn bound_to(user: UserId) -> Vec<u8> {
    [DOMAIN, user.uuid().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn user() -> UserId {
        UserId::new(Uuid::from_u128(7))
    }

    #[test]
    fn a_sealed_secret_has_the_stated_form_and_hides_the_secret() {
        let vault = AeadVault::new(&VaultKey::generate());
        let sealed = vault.seal(user(), &SecretKey::parse("s3cr3t-s3cr3t").unwrap()).unwrap();
        assert_eq!(sealed.as_bytes().len(), 1 + 24 + 13 + 16);
        assert_eq!(sealed.as_bytes()[0], 1);
        assert!(!sealed.as_bytes().windows(6).any(|window| window == b"s3cr3t"));
    }

    #[test]
    fn a_secret_sealed_by_an_earlier_release_opens() {
        let key = VaultKey::parse("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f").unwrap();
        let sealed = hex::decode(concat!(
            "01000102030405060708090a0b0c0d0e0f1011121314151617",
            "edf16c0da3a6a0dd002754fdbf0c47b4f1c00729c423356e93e6bcf36e"
        ));
        let opened = AeadVault::new(&key).open(user(), &SealedSecret::new(sealed.unwrap()));
        assert_eq!(opened, Ok(SecretKey::parse("s3cr3t-s3cr3t").unwrap()));
    }
}

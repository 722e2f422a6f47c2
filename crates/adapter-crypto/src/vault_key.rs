use std::fmt;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The key that secrets are sealed with: 32 bytes, never shown, wiped when dropped.
#[derive(Clone)]
pub struct VaultKey(Zeroizing<[u8; VaultKey::BYTES]>);

/// Why a string is not a [`VaultKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultKeyError {
    /// Neither of the two forms.
    #[error("a vault key is 32 bytes, written as 64 hexadecimal digits (`openssl rand -hex 32`) or in base64")]
    Malformed,
    /// One byte over and over.
    #[error("this vault key is one byte repeated; use 32 random bytes (`openssl rand -hex 32`)")]
    Uniform,
}

impl VaultKey {
    /// How many bytes a key has.
    pub const BYTES: usize = 32;
    const FINGERPRINT_DOMAIN: &[u8] = b"storage-hub vault key fingerprint v1\0";

    /// Reads a key: 64 hexadecimal digits, or base64 (of either alphabet, padded or not) of 32 bytes. White space
    /// around it, as files have it at their end, is left out.
    ///
    /// # Errors
    /// [`VaultKeyError`] for anything else, and for a key that is one byte repeated.
    pub fn parse(text: &str) -> Result<Self, VaultKeyError> {
        let text = text.trim();
        let mut key = Zeroizing::new([0; Self::BYTES]);
        if text.len() == 2 * Self::BYTES {
            hex::decode_to_slice(text, key.as_mut()).map_err(|_| VaultKeyError::Malformed)?;
        } else {
            let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
            let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
            let bytes = GeneralPurpose::new(alphabet, config).decode(text).map_err(|_| VaultKeyError::Malformed)?;
            let bytes = Zeroizing::new(bytes);
            *key = bytes.as_slice().try_into().map_err(|_| VaultKeyError::Malformed)?;
        }
        if key.windows(2).all(|two| two.first() == two.last()) {
            return Err(VaultKeyError::Uniform);
        }
        Ok(Self(key))
    }

    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        Self(Zeroizing::new(rand::random()))
    }

    /// What tells this key from others without giving it away: 16 hexadecimal digits, for people who compare the keys of
    /// replicas and backups.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(Self::FINGERPRINT_DOMAIN).chain_update(self.bytes()).finalize();
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The key in the form that [`parse`](Self::parse) reads, for its file.
    pub(crate) fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.bytes()))
    }

    pub(crate) fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1dfeff";

    #[test]
    fn every_form_of_a_key_reads_as_the_same_key() {
        let key = VaultKey::parse(HEX).unwrap();
        for text in [
            "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1DFEFF\n",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v8=",
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v8",
            " AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd_v8=\n",
        ] {
            assert_eq!(VaultKey::parse(text).unwrap().bytes(), key.bytes(), "{text:?}");
        }
        assert_eq!(key.to_hex().as_str(), HEX);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "0001", &HEX[1..], &format!("{HEX}00"), &HEX.replace('f', "g"), "AAECAwQFBgcICQoLDA0ODw=="] {
            assert_eq!(VaultKey::parse(text).map(|_| ()), Err(VaultKeyError::Malformed), "{text:?}");
        }
        assert_eq!(VaultKey::parse(&"ab".repeat(32)).map(|_| ()), Err(VaultKeyError::Uniform));
    }

    #[test]
    fn a_key_is_not_shown_and_its_fingerprint_stays_the_same() {
        let key = VaultKey::parse(HEX).unwrap();
        assert_eq!(format!("{key:?}"), "VaultKey(…)");
        assert_eq!(key.fingerprint(), "23ba7c764add961a");
        assert_ne!(key.fingerprint(), VaultKey::generate().fingerprint());
    }
}

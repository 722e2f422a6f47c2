//! The bodies that the admin API encrypts with the caller's secret key: 32 bytes of salt, one that names the
//! algorithms, 8 of nonce, then chunks of 16 KiB, each sealed with its tag.
//!
//! The nonce of a chunk is the 8 bytes and the chunk's number as a little-endian `u32`, from 1; number 0 seals
//! nothing, and its tag, after a byte that marks the last chunk, is what all chunks are bound to.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use argon2::{Algorithm, Argon2, Params, Version};
use sha2::Sha256;
use zeroize::Zeroizing;

const SALT_BYTES: usize = 32;
const NONCE_BYTES: usize = 8;
const TAG_BYTES: usize = 16;
const CHUNK_BYTES: usize = 16 * 1024;
const PBKDF2_ROUNDS: u32 = 8192;

/// Argon2id and AES-256-GCM: what replies come in.
const ARGON2_AES: u8 = 0;
/// PBKDF2-HMAC-SHA256 and AES-256-GCM: fifty times cheaper on both sides.
const PBKDF2_AES: u8 = 2;

/// Why a body could not be encrypted or decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the body is encrypted with an algorithm that is not known here: {0}")]
    Algorithm(u8),
    #[error("the body is cut off")]
    CutOff,
    #[error("the body does not open with this secret key")]
    DoesNotOpen,
    #[error("the cipher or the derivation of its key failed")]
    Cipher,
}

/// Encrypts a request's body.
pub(crate) fn encrypt(secret_key: &str, plain: &[u8]) -> Result<Vec<u8>, BodyError> {
    let (mut salt, mut nonce) = ([0; SALT_BYTES], [0; NONCE_BYTES]);
    rand::fill(&mut salt[..]);
    rand::fill(&mut nonce[..]);
    let stream = Stream::new(PBKDF2_AES, secret_key, &salt, nonce)?;
    let mut body = [&salt[..], &[PBKDF2_AES], &nonce].concat();
    let chunks = chunks(plain, CHUNK_BYTES);
    let last = chunks.len();
    for (number, chunk) in (1..).zip(chunks) {
        body.extend(stream.seal(number, number as usize == last, chunk)?);
    }
    Ok(body)
}

/// Decrypts a reply's body; it takes 64 MiB and 0.1 s of one core.
pub(crate) fn decrypt(secret_key: &str, body: &[u8]) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    let (salt, rest) = body.split_first_chunk::<SALT_BYTES>().ok_or(BodyError::CutOff)?;
    let (algorithm, rest) = rest.split_first().ok_or(BodyError::CutOff)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(BodyError::CutOff)?;
    let stream = Stream::new(*algorithm, secret_key, salt, *nonce)?;
    let chunks = chunks(sealed, CHUNK_BYTES + TAG_BYTES);
    let last = chunks.len();
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    for (number, chunk) in (1..).zip(chunks) {
        plain.extend_from_slice(&Zeroizing::new(stream.open(number, number as usize == last, chunk)?));
    }
    Ok(plain)
}

/// At least one, so that an empty body has a last chunk too.
fn chunks(bytes: &[u8], size: usize) -> Vec<&[u8]> {
    if bytes.is_empty() { vec![bytes] } else { bytes.chunks(size).collect() }
}

struct Stream {
    cipher: Aes256Gcm,
    nonce: [u8; NONCE_BYTES],
    /// The tag of chunk 0.
    bound_to: Vec<u8>,
}

impl Stream {
    fn new(
        algorithm: u8,
        secret_key: &str,
        salt: &[u8; SALT_BYTES],
        nonce: [u8; NONCE_BYTES],
    ) -> Result<Self, BodyError> {
        let mut key = Zeroizing::new([0; 32]);
        let secret = secret_key.as_bytes();
        match algorithm {
            PBKDF2_AES => pbkdf2::pbkdf2_hmac::<Sha256>(secret, salt, PBKDF2_ROUNDS, &mut *key),
            ARGON2_AES => {
                let params = Params::new(64 * 1024, 1, 4, Some(key.len())).map_err(|_| BodyError::Cipher)?;
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(secret, salt, &mut *key)
                    .map_err(|_| BodyError::Cipher)?;
            }
            other => return Err(BodyError::Algorithm(other)),
        }
        let cipher = Aes256Gcm::new_from_slice(&*key).map_err(|_| BodyError::Cipher)?;
        let mut stream = Self { cipher, nonce, bound_to: Vec::new() };
        stream.bound_to = stream.cipher.encrypt(&stream.nonce(0), &[][..]).map_err(|_| BodyError::Cipher)?;
        Ok(stream)
    }

    fn seal(&self, number: u32, last: bool, chunk: &[u8]) -> Result<Vec<u8>, BodyError> {
        let payload = Payload { msg: chunk, aad: &self.associated_data(last) };
        self.cipher.encrypt(&self.nonce(number), payload).map_err(|_| BodyError::Cipher)
    }

    fn open(&self, number: u32, last: bool, chunk: &[u8]) -> Result<Vec<u8>, BodyError> {
        let payload = Payload { msg: chunk, aad: &self.associated_data(last) };
        self.cipher.decrypt(&self.nonce(number), payload).map_err(|_| BodyError::DoesNotOpen)
    }

    fn nonce(&self, number: u32) -> Nonce<aes_gcm::aead::consts::U12> {
        let mut nonce = [0; 12];
        let (random, counter) = nonce.split_at_mut(NONCE_BYTES);
        random.copy_from_slice(&self.nonce);
        counter.copy_from_slice(&number.to_le_bytes());
        nonce.into()
    }

    fn associated_data(&self, last: bool) -> Vec<u8> {
        [&[if last { 0x80 } else { 0 }], self.bound_to.as_slice()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a-secret-of-the-hub";

    #[test]
    fn a_body_opens_whatever_its_length() {
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let plain: Vec<u8> = (0..=255).cycle().take(length).collect();
            let body = encrypt(SECRET, &plain).unwrap();
            assert!(*decrypt(SECRET, &body).unwrap() == plain, "{length}");
        }
    }

    #[test]
    fn a_change_of_any_part_is_found() {
        let body = encrypt(SECRET, &[7; CHUNK_BYTES + 1]).unwrap();
        for index in [0, SALT_BYTES + 1, SALT_BYTES + 9, body.len() - 1] {
            let mut changed = body.clone();
            changed[index] ^= 1;
            assert_eq!(decrypt(SECRET, &changed), Err(BodyError::DoesNotOpen), "{index}");
        }
        let first_chunk_only = &body[..SALT_BYTES + 1 + NONCE_BYTES + CHUNK_BYTES + TAG_BYTES];
        assert_eq!(decrypt(SECRET, first_chunk_only), Err(BodyError::DoesNotOpen));
        assert_eq!(decrypt(SECRET, &body[..SALT_BYTES]), Err(BodyError::CutOff));
        let mut unknown = body.clone();
        unknown[SALT_BYTES] = 9;
        assert_eq!(decrypt(SECRET, &unknown), Err(BodyError::Algorithm(9)));
    }

    #[test]
    fn two_bodies_of_the_same_differ() {
        assert_ne!(encrypt(SECRET, b"plain"), encrypt(SECRET, b"plain"));
    }
}

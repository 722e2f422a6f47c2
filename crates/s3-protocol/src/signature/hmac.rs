//! HMAC with keys of any length, which cannot fail.

use hmac::digest::KeyInit as _;
use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The length of a block of SHA-1 and SHA-256.
const BLOCK: usize = 64;

/// The HMAC-SHA256 of a message.
pub(crate) fn hmac_sha256(key: &[u8], message: &[u8]) -> [u8; 32] {
    let block = match key.len() {
        0..=BLOCK => block_of(key),
        _ => block_of(&Sha256::digest(key)),
    };
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The HMAC-SHA1 of a message, for signatures of version 2.
pub(super) fn hmac_sha1(key: &[u8], message: &[u8]) -> [u8; 20] {
    let block = match key.len() {
        0..=BLOCK => block_of(key),
        _ => block_of(&Sha1::digest(key)),
    };
    let mut mac = Hmac::<Sha1>::new(&(*block).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// A key of at most one block, with zeros up to a whole block: the same key, by the definition of HMAC.
fn block_of(key: &[u8]) -> Zeroizing<[u8; BLOCK]> {
    let mut block = Zeroizing::new([0; BLOCK]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_may_have_any_length() {
        for length in [0, 1, 63, 64, 65, 200] {
            let key = vec![7; length];
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.update(b"message");
            assert_eq!(hmac_sha256(&key, b"message"), <[u8; 32]>::from(mac.finalize().into_bytes()), "{length}");
            let mut mac = Hmac::<Sha1>::new_from_slice(&key).unwrap();
            mac.update(b"message");
            assert_eq!(hmac_sha1(&key, b"message"), <[u8; 20]>::from(mac.finalize().into_bytes()), "{length}");
        }
    }
}

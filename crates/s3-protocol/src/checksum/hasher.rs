use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::{Checksum, ChecksumAlgorithm};

/// Computes the digests of bytes while they arrive: always MD5, and the checksum by one algorithm where it is asked for.
///
/// ```
/// use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, Hasher};
///
/// let mut hasher = Hasher::new(Some(ChecksumAlgorithm::Crc32));
/// hasher.update(b"1234");
/// hasher.update(b"56789");
/// let digests = hasher.finish();
/// assert_eq!(digests.etag(), "25f9e794323b453885f5181f1b624d0b");
/// assert_eq!(digests.checksum.unwrap().value, "y/Q5Jg==");
/// ```
#[derive(Clone)]
pub struct Hasher {
    length: u64,
    md5: Md5,
    checksum: Option<ChecksumHasher>,
}

/// The digests of a whole body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyDigests {
    /// The number of decoded bytes.
    pub length: u64,
    /// The MD5; its hexadecimal form is the ETag.
    pub md5: [u8; 16],
    /// The checksum that the client sent or asked for, of kind `FullObject`.
    pub checksum: Option<Checksum>,
}

impl BodyDigests {
    /// The ETag of an object or a part with these bytes, without quotes.
    #[must_use]
    pub fn etag(&self) -> String {
        hex::encode(self.md5)
    }
}

impl Hasher {
    /// Begins with no bytes.
    #[must_use]
    pub fn new(algorithm: Option<ChecksumAlgorithm>) -> Self {
        Self { length: 0, md5: Md5::new(), checksum: algorithm.map(ChecksumHasher::new) }
    }

    /// The algorithm of the checksum that is computed.
    #[must_use]
    pub fn algorithm(&self) -> Option<ChecksumAlgorithm> {
        self.checksum.as_ref().map(ChecksumHasher::algorithm)
    }

    /// The number of bytes so far.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.length = self.length.saturating_add(bytes.len() as u64);
        self.md5.update(bytes);
        if let Some(checksum) = &mut self.checksum {
            checksum.update(bytes);
        }
    }

    /// The digests of all bytes.
    #[must_use]
    pub fn finish(self) -> BodyDigests {
        BodyDigests {
            length: self.length,
            md5: self.md5.finalize().into(),
            checksum: self.checksum.map(ChecksumHasher::finish),
        }
    }
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hasher").field("length", &self.length).field("algorithm", &self.algorithm()).finish()
    }
}

/// Computes the checksum of bytes by one algorithm while they arrive.
#[derive(Clone)]
pub struct ChecksumHasher {
    algorithm: ChecksumAlgorithm,
    state: State,
}

#[derive(Clone)]
enum State {
    Crc(crc_fast::Digest),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl ChecksumHasher {
    /// Begins with no bytes.
    #[must_use]
    pub fn new(algorithm: ChecksumAlgorithm) -> Self {
        let state = match algorithm.crc() {
            Some(crc) => State::Crc(crc_fast::Digest::new(crc)),
            None if algorithm == ChecksumAlgorithm::Sha1 => State::Sha1(Sha1::new()),
            None => State::Sha256(Sha256::new()),
        };
        Self { algorithm, state }
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> ChecksumAlgorithm {
        self.algorithm
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Crc(digest) => digest.update(bytes),
            State::Sha1(hasher) => hasher.update(bytes),
            State::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// The checksum of all bytes, of kind `FullObject`.
    #[must_use]
    pub fn finish(self) -> Checksum {
        let bytes = match self.state {
            State::Crc(digest) => big_endian(digest.finalize(), self.algorithm.bytes()),
            State::Sha1(hasher) => hasher.finalize().to_vec(),
            State::Sha256(hasher) => hasher.finalize().to_vec(),
        };
        Checksum::full_object(self.algorithm, BASE64.encode(bytes))
    }
}

impl std::fmt::Debug for ChecksumHasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ChecksumHasher").field(&self.algorithm).finish()
    }
}

/// The lowest bytes of a number, the highest of them first.
pub(super) fn big_endian(number: u64, bytes: usize) -> Vec<u8> {
    number.to_be_bytes().into_iter().skip(8_usize.saturating_sub(bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_published_check_values() {
        let table = [
            (ChecksumAlgorithm::Crc32, "cbf43926"),
            (ChecksumAlgorithm::Crc32c, "e3069283"),
            (ChecksumAlgorithm::Crc64Nvme, "ae8b14860a799888"),
            (ChecksumAlgorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (ChecksumAlgorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ];
        for (algorithm, expected) in table {
            for split in 0..9 {
                let mut hasher = Hasher::new(Some(algorithm));
                let (first, second) = b"123456789".split_at(split);
                hasher.update(first);
                hasher.update(second);
                let digests = hasher.finish();
                let value = digests.checksum.unwrap().value;
                assert_eq!(digests.length, 9);
                assert_eq!(hex::encode(algorithm.decode(&value).unwrap()), expected, "{algorithm:?}");
            }
        }
    }

    #[test]
    fn a_checksum_is_computed_only_where_it_is_asked_for() {
        let digests = Hasher::new(None).finish();
        assert_eq!((digests.etag().as_str(), digests.checksum), ("d41d8cd98f00b204e9800998ecf8427e", None));
    }

    #[test]
    fn only_base64_of_the_right_length_is_well_formed() {
        for wrong in ["", "y/Q5Jg", "y/Q5Jg=", "y/Q5Jg==\n", " y/Q5Jg==", "AA==", "y_Q5Jg==", "AAAAAAA="] {
            assert!(!ChecksumAlgorithm::Crc32.is_well_formed(wrong), "{wrong}");
        }
    }
}

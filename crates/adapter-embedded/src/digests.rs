//! The digests of written bytes: MD5 for the ETag, and the checksum algorithm that a client requested.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::{CrcAlgorithm, checksum_combine};
use md5::{Digest as _, Md5};
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};

/// A checksum algorithm of S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// What the checksum of a multipart object is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChecksumKind {
    /// The checksums of the parts. Its text is `<checksum>-<number of parts>`.
    Composite,
    /// All bytes of the object.
    FullObject,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name in S3 requests and in the index.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header that carries the checksum.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// The length of a checksum in bytes.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The kind of a multipart upload that does not specify one.
    pub(crate) const fn default_kind(self) -> ChecksumKind {
        match self {
            Self::Crc64Nvme => ChecksumKind::FullObject,
            _ => ChecksumKind::Composite,
        }
    }

    /// Whether S3 supports the combination.
    pub(crate) const fn allows(self, kind: ChecksumKind) -> bool {
        !matches!(
            (self, kind),
            (Self::Crc64Nvme, ChecksumKind::Composite) | (Self::Sha1 | Self::Sha256, ChecksumKind::FullObject)
        )
    }

    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }
}

impl ChecksumKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Composite => "COMPOSITE",
            Self::FullObject => "FULL_OBJECT",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Composite, Self::FullObject].into_iter().find(|kind| kind.name() == name)
    }
}

/// Computes the digests of one blob while its bytes arrive.
pub(crate) struct Hasher {
    md5: Md5,
    checksum: Option<ChecksumHasher>,
}

enum ChecksumHasher {
    Crc32(Crc32),
    Crc32c(Crc32c),
    Crc64Nvme(Crc64Nvme),
    Sha1(Sha1),
    Sha256(Sha256),
}

/// The digests of one blob.
#[derive(Clone, Debug)]
pub(crate) struct Digests {
    pub(crate) md5: [u8; 16],
    /// In Base64, by the requested algorithm.
    pub(crate) checksum: Option<(Algorithm, String)>,
}

impl Hasher {
    pub(crate) fn new(algorithm: Option<Algorithm>) -> Self {
        Self { md5: Md5::new(), checksum: algorithm.map(ChecksumHasher::new) }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        if let Some(checksum) = &mut self.checksum {
            checksum.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Digests {
        Digests { md5: self.md5.finalize().into(), checksum: self.checksum.map(ChecksumHasher::finish) }
    }
}

impl ChecksumHasher {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Crc32 => Self::Crc32(Crc32::new()),
            Algorithm::Crc32c => Self::Crc32c(Crc32c::new()),
            Algorithm::Crc64Nvme => Self::Crc64Nvme(Crc64Nvme::new()),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Crc32c(hasher) => hasher.update(bytes),
            Self::Crc64Nvme(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> (Algorithm, String) {
        match self {
            Self::Crc32(hasher) => (Algorithm::Crc32, BASE64.encode(hasher.finalize())),
            Self::Crc32c(hasher) => (Algorithm::Crc32c, BASE64.encode(hasher.finalize())),
            Self::Crc64Nvme(hasher) => (Algorithm::Crc64Nvme, BASE64.encode(hasher.finalize())),
            Self::Sha1(hasher) => (Algorithm::Sha1, BASE64.encode(hasher.finalize())),
            Self::Sha256(hasher) => (Algorithm::Sha256, BASE64.encode(hasher.finalize())),
        }
    }
}

impl Digests {
    /// The ETag of an object that was not uploaded in parts.
    pub(crate) fn etag(&self) -> String {
        hex::encode(self.md5)
    }
}

/// The ETag of a multipart object: the MD5 of the parts' MD5s, and the number of parts. `None` if the ETag of a part is not
/// an MD5.
pub(crate) fn etag_of_parts<'a>(etags: impl ExactSizeIterator<Item = &'a str>) -> Option<String> {
    let count = etags.len();
    let mut md5 = Md5::new();
    for etag in etags {
        md5.update(hex::decode(etag).ok()?);
    }
    Some(format!("{}-{count}", hex::encode(md5.finalize())))
}

/// The checksum of a multipart object, from the checksum in Base64 and the size of each part. `None` if a checksum is
/// malformed.
pub(crate) fn checksum_of_parts<'a>(
    algorithm: Algorithm,
    kind: ChecksumKind,
    parts: impl ExactSizeIterator<Item = (&'a str, u64)>,
) -> Option<String> {
    let count = parts.len();
    match kind {
        ChecksumKind::Composite => {
            let mut hasher = ChecksumHasher::new(algorithm);
            for (checksum, _) in parts {
                hasher.update(&BASE64.decode(checksum).ok()?);
            }
            Some(format!("{}-{count}", hasher.finish().1))
        }
        ChecksumKind::FullObject => {
            let crc = algorithm.crc()?;
            let mut whole = None;
            for (checksum, size) in parts {
                let part = number(&BASE64.decode(checksum).ok()?)?;
                whole = Some(whole.map_or(part, |before| checksum_combine(crc, before, part, size)));
            }
            let bytes = whole?.to_be_bytes();
            Some(BASE64.encode(bytes.get(bytes.len().checked_sub(algorithm.bytes())?..)?))
        }
    }
}

fn number(big_endian: &[u8]) -> Option<u64> {
    (big_endian.len() <= 8).then(|| big_endian.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(Some(algorithm));
        hasher.update(bytes);
        hasher.finish().checksum.unwrap().1
    }

    #[test]
    fn checksums_are_the_published_check_values() {
        let table = [
            (Algorithm::Crc32, "cbf43926"),
            (Algorithm::Crc32c, "e3069283"),
            (Algorithm::Crc64Nvme, "ae8b14860a799888"),
            (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (Algorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ];
        for (algorithm, expected) in table {
            let got = BASE64.decode(checksum(algorithm, b"123456789")).unwrap();
            assert_eq!(hex::encode(&got), expected, "{algorithm:?}");
            assert_eq!(got.len(), algorithm.bytes());
        }
    }

    #[test]
    fn the_checksum_of_the_whole_follows_from_those_of_the_parts() {
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let parts = [&b"1234"[..], b"", b"56789"].map(|part| (checksum(algorithm, part), part.len() as u64));
            let parts = parts.iter().map(|(checksum, size)| (checksum.as_str(), *size));
            let whole = checksum_of_parts(algorithm, ChecksumKind::FullObject, parts);
            assert_eq!(whole, Some(checksum(algorithm, b"123456789")), "{algorithm:?}");
        }
    }

    #[test]
    fn the_etag_of_parts_is_the_digest_of_their_digests() {
        let parts = ["900150983cd24fb0d6963f7d28e17f72", "d41d8cd98f00b204e9800998ecf8427e"];
        let mut md5 = Md5::new();
        for part in parts {
            md5.update(hex::decode(part).unwrap());
        }
        let expected = format!("{}-2", hex::encode(md5.finalize()));
        assert_eq!(etag_of_parts(parts.into_iter()), Some(expected));
        assert_eq!(etag_of_parts(["not hex"].into_iter()), None);
    }
}

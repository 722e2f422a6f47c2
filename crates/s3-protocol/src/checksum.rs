//! Checksums of S3: algorithms, kinds, and the checksums of objects in parts.

mod hasher;
mod parts;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::CrcAlgorithm;
use http::HeaderName;

pub use hasher::{BodyDigests, ChecksumHasher, Hasher};
pub use parts::{checksum_of_parts, etag_of_parts};

/// A checksum algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChecksumAlgorithm {
    /// CRC-32 (ISO-HDLC).
    Crc32,
    /// CRC-32C (iSCSI).
    Crc32c,
    /// CRC-64/NVME.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// What the checksum of a multipart object is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChecksumKind {
    /// The checksums of the parts. Its text is `<checksum>-<number of parts>`.
    Composite,
    /// All bytes of the object.
    FullObject,
}

/// A checksum with its algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// The algorithm.
    pub algorithm: ChecksumAlgorithm,
    /// The kind.
    pub kind: ChecksumKind,
    /// In Base64, with the suffix `-<parts>` if it is composite.
    pub value: String,
}

impl ChecksumAlgorithm {
    /// Every algorithm.
    pub const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name in headers and documents, such as `CRC32`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The name of the element that carries the checksum in documents, such as `ChecksumCRC32`.
    #[must_use]
    pub const fn element(self) -> &'static str {
        match self {
            Self::Crc32 => "ChecksumCRC32",
            Self::Crc32c => "ChecksumCRC32C",
            Self::Crc64Nvme => "ChecksumCRC64NVME",
            Self::Sha1 => "ChecksumSHA1",
            Self::Sha256 => "ChecksumSHA256",
        }
    }

    /// The name of the header or trailer that carries the checksum, in lower case.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// The header that carries the checksum.
    #[must_use]
    pub const fn header_name(self) -> HeaderName {
        HeaderName::from_static(self.header())
    }

    /// Reads a name, in any letter case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// The algorithm whose checksum this header or trailer carries, in any letter case.
    #[must_use]
    pub fn of_header(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.header().eq_ignore_ascii_case(name))
    }

    /// The length of a checksum in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// Whether the text is a checksum by this algorithm in Base64.
    ///
    /// ```
    /// use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
    ///
    /// assert!(ChecksumAlgorithm::Crc32.is_well_formed("y/Q5Jg=="));
    /// assert!(!ChecksumAlgorithm::Crc32c.is_well_formed("rosUhgp5mIg="));
    /// ```
    #[must_use]
    pub fn is_well_formed(self, value: &str) -> bool {
        self.decode(value).is_some()
    }

    /// The kind of a multipart upload that does not specify one.
    #[must_use]
    pub const fn default_kind(self) -> ChecksumKind {
        match self {
            Self::Crc64Nvme => ChecksumKind::FullObject,
            _ => ChecksumKind::Composite,
        }
    }

    /// Whether S3 supports the combination.
    #[must_use]
    pub const fn allows(self, kind: ChecksumKind) -> bool {
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

    fn decode(self, value: &str) -> Option<Vec<u8>> {
        BASE64.decode(value).ok().filter(|bytes| bytes.len() == self.bytes())
    }
}

impl ChecksumKind {
    /// The name in headers and documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Composite => "COMPOSITE",
            Self::FullObject => "FULL_OBJECT",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Composite, Self::FullObject].into_iter().find(|kind| kind.name() == name)
    }
}

impl Checksum {
    /// A checksum of all bytes.
    #[must_use]
    pub fn full_object(algorithm: ChecksumAlgorithm, value: impl Into<String>) -> Self {
        Self { algorithm, kind: ChecksumKind::FullObject, value: value.into() }
    }
}

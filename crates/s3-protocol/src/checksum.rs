//! Checksums of S3: algorithms, kinds, and the checksums of objects in parts.

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

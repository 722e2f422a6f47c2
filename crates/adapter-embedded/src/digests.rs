//! Names of the checksums for the operations on s3s.

pub(crate) use storage_hub_s3_protocol::checksum::{
    BodyDigests as Digests, ChecksumAlgorithm as Algorithm, ChecksumKind, Hasher,
};

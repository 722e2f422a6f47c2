use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::checksum_combine;
use md5::{Digest as _, Md5};

use super::hasher::{ChecksumHasher, big_endian};
use super::{ChecksumAlgorithm, ChecksumKind};

/// The ETag of a multipart object: the MD5 of the parts' MD5s, and the number of parts. `None` if the ETag of a part is not
/// an MD5.
pub fn etag_of_parts<'a>(etags: impl ExactSizeIterator<Item = &'a str>) -> Option<String> {
    let count = etags.len();
    let mut md5 = Md5::new();
    for etag in etags {
        md5.update(hex::decode(etag).ok().filter(|bytes| bytes.len() == 16)?);
    }
    Some(format!("{}-{count}", hex::encode(md5.finalize())))
}

/// The checksum of a multipart object, from the checksum in Base64 and the size of each part. `None` if a checksum is
/// malformed, or if the checksum of the whole does not follow from those of the parts.
pub fn checksum_of_parts<'a>(
    algorithm: ChecksumAlgorithm,
    kind: ChecksumKind,
    parts: impl ExactSizeIterator<Item = (&'a str, u64)>,
) -> Option<String> {
    let count = parts.len();
    match kind {
        ChecksumKind::Composite => {
            let mut hasher = ChecksumHasher::new(algorithm);
            for (checksum, _) in parts {
                hasher.update(&algorithm.decode(checksum)?);
            }
            Some(format!("{}-{count}", hasher.finish().value))
        }
        ChecksumKind::FullObject => {
            let crc = algorithm.crc()?;
            let mut whole = None;
            for (checksum, size) in parts {
                let decoded = algorithm.decode(checksum)?;
                let part = decoded.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
                whole = Some(whole.map_or(part, |before| checksum_combine(crc, before, part, size)));
            }
            Some(BASE64.encode(big_endian(whole?, algorithm.bytes())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::Hasher;

    fn checksum(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> String {
        let mut hasher = Hasher::new(Some(algorithm));
        hasher.update(bytes);
        hasher.finish().checksum.unwrap().value
    }

    #[test]
    fn the_checksum_of_the_whole_follows_from_those_of_the_parts() {
        for algorithm in ChecksumAlgorithm::ALL {
            let parts = [&b"1234"[..], b"", b"56789"].map(|part| (checksum(algorithm, part), part.len() as u64));
            let parts = parts.iter().map(|(checksum, size)| (checksum.as_str(), *size));
            let whole = checksum_of_parts(algorithm, ChecksumKind::FullObject, parts);
            let expected = algorithm.allows(ChecksumKind::FullObject).then(|| checksum(algorithm, b"123456789"));
            assert_eq!(whole, expected, "{algorithm:?}");
        }
    }

    #[test]
    fn the_composite_checksum_is_that_of_the_checksums() {
        let parts = [checksum(ChecksumAlgorithm::Sha256, b"a"), checksum(ChecksumAlgorithm::Sha256, b"b")];
        let bytes: Vec<u8> = parts.iter().flat_map(|part| ChecksumAlgorithm::Sha256.decode(part).unwrap()).collect();
        let expected = format!("{}-2", checksum(ChecksumAlgorithm::Sha256, &bytes));
        let parts = parts.iter().map(|part| (part.as_str(), 1));
        assert_eq!(checksum_of_parts(ChecksumAlgorithm::Sha256, ChecksumKind::Composite, parts), Some(expected));
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
        for wrong in ["not hex", "9001", ""] {
            assert_eq!(etag_of_parts([wrong].into_iter()), None);
        }
    }
}

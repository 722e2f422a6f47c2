//! What makes an object of the parts of an upload. Backends that keep parts themselves share it.

use storage_hub_s3_protocol::checksum::{
    Checksum, ChecksumAlgorithm, ChecksumKind, Hasher, checksum_of_parts, etag_of_parts,
};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{CompleteMultipartUpload, CompletedPart};

/// Maximum size of an object, in bytes.
const MAX_OBJECT: u64 = 5 * 1024 * 1024 * 1024 * 1024;

/// Maximum size of a part, in bytes.
const MAX_PART: u64 = 5 * 1024 * 1024 * 1024;

/// A part as it was uploaded.
#[derive(Clone, Copy, Debug)]
pub struct UploadedPart<'a> {
    /// The number.
    pub number: u32,
    /// In bytes.
    pub size: u64,
    /// Without quotes.
    pub etag: &'a str,
    /// The checksum by the algorithm of the upload, in Base64.
    pub checksum: Option<&'a str>,
}

/// The object that a completion creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedObject {
    /// The indexes of the chosen parts among the uploaded ones.
    pub chosen: Vec<usize>,
    /// In bytes.
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    /// The checksum, if the upload was started with an algorithm.
    pub checksum: Option<Checksum>,
}

impl CompletedObject {
    /// Chooses the parts that a completion names from the uploaded ones, which are in the order of their numbers, and
    /// compares what it says about them and about the object.
    ///
    /// # Errors
    /// `MalformedXML` without parts, `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`, `EntityTooLarge`, `BadDigest`,
    /// `InvalidRequest`.
    pub fn assemble(
        input: &CompleteMultipartUpload,
        checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
        uploaded: &[UploadedPart<'_>],
        min_part: u64,
    ) -> S3Result<Self> {
        check_order(&input.parts)?;
        if let (Some(sent), Some((_, kind))) = (input.checksum_kind, checksum)
            && sent != kind
        {
            return Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                format!("The upload was created with the checksum type {}.", kind.name()),
            ));
        }
        let chosen = choose(input, checksum.map(|(algorithm, _)| algorithm), uploaded, min_part)?;
        let parts: Vec<_> = chosen.iter().filter_map(|index| uploaded.get(*index)).collect();
        let size = parts.iter().fold(0_u64, |size, part| size.saturating_add(part.size));
        if size > MAX_OBJECT {
            return Err(S3Error::with_message(ErrorCode::EntityTooLarge, "The object must be at most 5 TiB large."));
        }
        if input.object_size.is_some_and(|expected| expected != size) {
            return Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                format!("The object has {size} bytes, which differs from x-amz-mp-object-size."),
            ));
        }
        let etag = etag_of_parts(parts.iter().map(|part| part.etag)).ok_or(ErrorCode::InvalidPart)?;
        let checksum = match checksum {
            Some((algorithm, kind)) => {
                let each = parts.iter().map(|part| (part.checksum.unwrap_or_default(), part.size));
                let value = checksum_of_parts(algorithm, kind, each).ok_or(ErrorCode::InvalidPart)?;
                Some(Checksum { algorithm, kind, value })
            }
            None => None,
        };
        if let Some((algorithm, sent)) = &input.checksum {
            let same = |stored: &Checksum| stored.algorithm == *algorithm && is_same_checksum(&stored.value, sent);
            if !checksum.as_ref().is_some_and(same) {
                return Err(ErrorCode::BadDigest.into());
            }
        }
        Ok(Self { chosen, size, etag, checksum })
    }
}

/// Identifies the parts that a completion names, by their numbers and ETags. Backends keep it, so that they know a repeated
/// completion.
#[must_use]
pub fn fingerprint(parts: &[CompletedPart]) -> String {
    let mut hasher = Hasher::new(Some(ChecksumAlgorithm::Sha256));
    for part in parts {
        hasher.update(format!("{}:{},", part.number, part.etag).as_bytes());
    }
    hasher.finish().checksum.map(|checksum| checksum.value).unwrap_or_default()
}

fn check_order(parts: &[CompletedPart]) -> S3Result<()> {
    if parts.is_empty() {
        return Err(S3Error::with_message(ErrorCode::MalformedXML, "A completion must name at least one part."));
    }
    if !parts.is_sorted_by(|before, after| before.number < after.number) {
        return Err(ErrorCode::InvalidPartOrder.into());
    }
    Ok(())
}

fn choose(
    input: &CompleteMultipartUpload,
    algorithm: Option<ChecksumAlgorithm>,
    uploaded: &[UploadedPart<'_>],
    min_part: u64,
) -> S3Result<Vec<usize>> {
    let mut chosen = Vec::with_capacity(input.parts.len());
    for (position, part) in input.parts.iter().enumerate() {
        let invalid = || S3Error::new(ErrorCode::InvalidPart).with_element("PartNumber", part.number.to_string());
        let index = uploaded.binary_search_by_key(&part.number, |uploaded| uploaded.number).map_err(|_| invalid())?;
        let found = uploaded.get(index).filter(|found| found.etag == part.etag).ok_or_else(invalid)?;
        // Without an algorithm of the upload, no checksums of parts were kept: each was verified when its part was received.
        // The SDK for JavaScript sends them all the same.
        if let (Some(checksum), Some(algorithm)) = (&part.checksum, algorithm)
            && (checksum.algorithm != algorithm || found.checksum != Some(checksum.value.as_str()))
        {
            return Err(invalid());
        }
        if position + 1 < input.parts.len() && found.size < min_part {
            return Err(ErrorCode::EntityTooSmall.into());
        }
        chosen.push(index);
    }
    Ok(chosen)
}

/// Clients send a composite checksum with or without the number of parts.
fn is_same_checksum(stored: &str, sent: &str) -> bool {
    stored == sent || stored.split_once('-').is_some_and(|(bare, _)| bare == sent)
}

/// The bytes that `UploadPartCopy` copies of a source of this size.
///
/// # Errors
/// `InvalidRange` if they are not within the source, `EntityTooLarge` if they are more than a part may have.
pub fn copied_range(range: Option<(u64, u64)>, size: u64) -> S3Result<std::ops::Range<u64>> {
    let range = match range {
        None => 0..size,
        Some((first, last)) if first <= last && last < size => first..last.saturating_add(1),
        Some(_) => {
            return Err(S3Error::with_message(
                ErrorCode::InvalidRange,
                format!("The range of the copy source is not within the source of {size} bytes."),
            ));
        }
    };
    if range.end - range.start > MAX_PART {
        return Err(S3Error::with_message(ErrorCode::EntityTooLarge, "A part must be at most 5 GiB large."));
    }
    Ok(range)
}

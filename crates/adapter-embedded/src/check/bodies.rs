//! Reads blobs and compares them with the index. Everything here blocks.

use std::io::{self, Read as _};

use bytes::Bytes;
use storage_hub_s3_protocol::checksum::{BodyDigests, ChecksumAlgorithm, Hasher, checksum_of_parts, etag_of_parts};

use super::CheckDepth;
use super::finding::Fault;
use crate::blobs::{BlobName, Blobs};
use crate::index::checking::PlacedPart;
use crate::object::{Content, Object};

const CHUNK: usize = 256 * 1024;
/// What a finding calls the bytes of an object that are in the index.
const INLINE: &str = "index.sqlite";

/// What is wrong with an object.
pub(super) fn fault_of_object(
    blobs: &Blobs,
    object: &Object,
    data: Option<&Bytes>,
    depth: CheckDepth,
) -> Option<Fault> {
    let pieces: Vec<_> = match &object.content {
        Content::Inline => return fault_of_data(object, data?, depth),
        Content::Whole(blob) => vec![(blob, object.size, None)],
        Content::Parts(pieces) => {
            pieces.iter().map(|piece| (&piece.blob, piece.size, piece.checksum.as_deref())).collect()
        }
    };
    let algorithm = object.checksum.as_ref().map(|checksum| checksum.algorithm);
    let mut read = Vec::with_capacity(pieces.len());
    for (blob, size, checksum) in &pieces {
        match examine(blobs, blob, *size, algorithm, depth) {
            Ok(None) => {}
            Ok(Some(digests)) => {
                let computed = digests.checksum.as_ref().map(|checksum| checksum.value.as_str());
                if let (Some(expected), Some(found)) = (checksum, computed)
                    && *expected != found
                {
                    return Some(Fault::Digest { expected: (*expected).to_owned(), found: found.to_owned() });
                }
                read.push((digests, *size));
            }
            Err(fault) => return Some(fault),
        }
    }
    if depth == CheckDepth::Quick {
        return None;
    }
    let etag = match &object.content {
        Content::Inline | Content::Whole(_) => read.first().map(|(digests, _)| digests.etag()),
        Content::Parts(_) => {
            let etags: Vec<_> = read.iter().map(|(digests, _)| digests.etag()).collect();
            etag_of_parts(etags.iter().map(String::as_str))
        }
    };
    differs(&object.etag, etag).or_else(|| {
        let checksum = object.checksum.as_ref()?;
        let of_parts = || {
            let each: Option<Vec<_>> =
                read.iter().map(|(digests, size)| Some((digests.checksum.as_ref()?.value.as_str(), *size))).collect();
            checksum_of_parts(checksum.algorithm, checksum.kind, each?.into_iter())
        };
        let found = match &object.content {
            Content::Inline | Content::Whole(_) => {
                read.first().and_then(|(digests, _)| Some(digests.checksum.clone()?.value))
            }
            Content::Parts(_) => of_parts(),
        };
        differs(&checksum.value, found)
    })
}

/// What is wrong with an object whose bytes are in the index.
fn fault_of_data(object: &Object, data: &Bytes, depth: CheckDepth) -> Option<Fault> {
    if data.len() as u64 != object.size {
        return Some(Fault::Size { blob: INLINE.to_owned(), expected: object.size, found: data.len() as u64 });
    }
    if depth == CheckDepth::Quick {
        return None;
    }
    let mut hasher = Hasher::new(object.checksum.as_ref().map(|checksum| checksum.algorithm));
    hasher.update(data);
    let digests = hasher.finish();
    differs(&object.etag, Some(digests.etag())).or_else(|| {
        let expected = object.checksum.as_ref()?;
        differs(&expected.value, digests.checksum.map(|checksum| checksum.value))
    })
}

/// What is wrong with a part of an unfinished upload.
pub(super) fn fault_of_part(blobs: &Blobs, part: &PlacedPart, depth: CheckDepth) -> Option<Fault> {
    let algorithm = part.checksum.as_ref().map(|(algorithm, _)| *algorithm);
    let digests = match examine(blobs, &part.blob, part.size, algorithm, depth) {
        Ok(digests) => digests?,
        Err(fault) => return Some(fault),
    };
    let expected = part.checksum.as_ref().map(|(_, value)| value.clone());
    differs(&part.etag, Some(digests.etag()))
        .or_else(|| differs(&expected?, digests.checksum.map(|checksum| checksum.value)))
}

fn differs(expected: &str, found: Option<String>) -> Option<Fault> {
    let found = found.unwrap_or_else(|| "none".to_owned());
    (found != expected).then(|| Fault::Digest { expected: expected.to_owned(), found })
}

/// Compares a blob with its size. A full check also reads it and returns its digests.
fn examine(
    blobs: &Blobs,
    blob: &BlobName,
    size: u64,
    algorithm: Option<ChecksumAlgorithm>,
    depth: CheckDepth,
) -> Result<Option<BodyDigests>, Fault> {
    let name = || blob.as_str().to_owned();
    let fault = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => Fault::Missing { blob: name() },
        _ => Fault::Unreadable { blob: name(), problem: error.to_string() },
    };
    let mut file = blobs.open_blob(blob).map_err(fault)?;
    let found = file.metadata().map_err(fault)?.len();
    if found != size {
        return Err(Fault::Size { blob: name(), expected: size, found });
    }
    if depth == CheckDepth::Quick {
        return Ok(None);
    }
    let (mut hasher, mut buffer) = (Hasher::new(algorithm), vec![0; CHUNK]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Some(hasher.finish())),
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(fault(error)),
        }
    }
}

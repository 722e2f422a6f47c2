//! Bodies as clients send them: signed with their hash, in chunks with a trailer, cut off, forged.

use bytes::Bytes;
use futures::stream;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};
use storage_hub_s3_backend::VerifiedBody;
use storage_hub_s3_protocol::body::{BodyVerifier, ChunkEncoder, PayloadMode};
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::head::{RequestHead, VirtualHosts};

/// Bytes that differ at every position from those of another seed.
pub(crate) fn bytes(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8 ^ seed).collect()
}

/// A body of known length without digests.
pub(crate) fn decoded(bytes: &[u8]) -> VerifiedBody {
    VerifiedBody::from_decoded(pieces(bytes), Some(bytes.len() as u64), None)
}

fn pieces(bytes: &[u8]) -> stream::Iter<std::vec::IntoIter<S3Result<Bytes>>> {
    let pieces: Vec<_> = bytes.chunks(20_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

/// How a body is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    Hash,
    Trailer,
    Nothing,
}

pub(crate) const PROTECTIONS: [Protection; 3] = [Protection::Hash, Protection::Trailer, Protection::Nothing];

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    /// Half of it, and then the end.
    Short,
    /// Half of it, and then an error, as of a connection that was reset.
    Reset,
    /// Its hash, or the checksum in its trailer, is another one.
    Digest,
    /// The trailer does not come.
    Trailer,
}

/// A body as a request has it.
pub(crate) fn received(whole: &[u8], protection: Protection, wrong: Wrong) -> VerifiedBody {
    let mut request = http::Request::put("http://localhost/b/k");
    let (mode, mut sent) = match protection {
        Protection::Nothing => (PayloadMode::Unsigned, vec![Bytes::copy_from_slice(whole)]),
        Protection::Hash => {
            let mut hash: [u8; 32] = Sha256::digest(whole).into();
            hash[0] ^= u8::from(wrong == Wrong::Digest);
            (PayloadMode::Sha256(hash), vec![Bytes::copy_from_slice(whole)])
        }
        Protection::Trailer => {
            let mut encoder = ChunkEncoder::new(ChecksumAlgorithm::Crc32, whole.len() as u64);
            for (name, value) in encoder.headers(None) {
                request = request.header(name, HeaderValue::from_str(&value).unwrap());
            }
            let mut sent = encoder.push(Bytes::copy_from_slice(whole)).unwrap();
            match wrong {
                Wrong::Digest => sent.push(Bytes::from_static(b"0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")),
                Wrong::Trailer => sent.push(Bytes::from_static(b"0\r\n\r\n")),
                _ => sent.push(encoder.finish().unwrap()),
            }
            (PayloadMode::StreamingUnsignedTrailer, sent)
        }
    };
    let announced: usize = sent.iter().map(Bytes::len).sum();
    if matches!(wrong, Wrong::Short | Wrong::Reset) {
        let half = sent.concat();
        sent = vec![Bytes::copy_from_slice(&half[..half.len() / 2])];
    }
    let mut received: Vec<S3Result<Bytes>> = Vec::new();
    for piece in sent.concat().chunks(20_000) {
        received.push(Ok(Bytes::copy_from_slice(piece)));
    }
    if wrong == Wrong::Reset {
        received.push(Err(ErrorCode::IncompleteBody.into()));
    }
    let request = request.header("content-length", announced).body(()).unwrap();
    let head = RequestHead::parse(&request.into_parts().0, &VirtualHosts::default()).unwrap();
    let verifier = BodyVerifier::new(&head, mode, 1 << 30).unwrap();
    VerifiedBody::new(stream::iter(received), verifier)
}

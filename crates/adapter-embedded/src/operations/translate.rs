//! Between the words of the protocol and those of the store.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use s3s::dto::{self, CopySource, ETag, ETagCondition, EncodingType, Owner, Timestamp, TimestampFormat};
use s3s::{S3Result, s3_error};
use time::OffsetDateTime;

use crate::digests::{Algorithm, ChecksumKind};
use storage_hub_s3_protocol::checksum::Checksum as StoredChecksum;
use storage_hub_s3_protocol::types::EtagCondition as EtagMatch;

/// The most user metadata of an object: the bytes of its names and values.
const METADATA_BYTES: usize = 2 * 1024;

/// Takes the content headers and the metadata out of an input.
macro_rules! description {
    ($input:expr) => {
        $crate::operations::translate::describe(
            $crate::object::ContentHeaders {
                content_type: $input.content_type.take(),
                cache_control: $input.cache_control.take(),
                content_disposition: $input.content_disposition.take(),
                content_encoding: $input.content_encoding.take(),
                content_language: $input.content_language.take(),
                expires: $input.expires.take().as_ref().and_then($crate::operations::translate::http_date),
            },
            $input.metadata.take(),
        )
    };
}
pub(super) use description;

/// Takes the checksum headers out of an input; at most one may be there.
macro_rules! sent_checksum {
    ($input:expr) => {
        $crate::operations::translate::one_checksum([
            ($crate::digests::Algorithm::Crc32, $input.checksum_crc32.take()),
            ($crate::digests::Algorithm::Crc32c, $input.checksum_crc32c.take()),
            ($crate::digests::Algorithm::Crc64Nvme, $input.checksum_crc64nvme.take()),
            ($crate::digests::Algorithm::Sha1, $input.checksum_sha1.take()),
            ($crate::digests::Algorithm::Sha256, $input.checksum_sha256.take()),
        ])
    };
}
pub(super) use sent_checksum;

/// Sets the checksum fields of an output.
macro_rules! set_checksum {
    ($output:expr, $algorithm:expr, $value:expr) => {
        let value = Some($value);
        match $algorithm {
            $crate::digests::Algorithm::Crc32 => $output.checksum_crc32 = value,
            $crate::digests::Algorithm::Crc32c => $output.checksum_crc32c = value,
            $crate::digests::Algorithm::Crc64Nvme => $output.checksum_crc64nvme = value,
            $crate::digests::Algorithm::Sha1 => $output.checksum_sha1 = value,
            $crate::digests::Algorithm::Sha256 => $output.checksum_sha256 = value,
        }
    };
}
pub(super) use set_checksum;

pub(super) fn describe(
    mut headers: crate::object::ContentHeaders,
    metadata: Option<dto::Metadata>,
) -> S3Result<crate::object::Description> {
    let metadata: std::collections::BTreeMap<_, _> = metadata.unwrap_or_default().into_iter().collect();
    if metadata.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > METADATA_BYTES {
        return Err(s3_error!(MetadataTooLarge, "The user metadata has more than {METADATA_BYTES} bytes."));
    }
    headers.content_encoding = headers.content_encoding.as_deref().and_then(own_encoding);
    Ok(crate::object::Description { headers, metadata })
}

/// The encodings that are the object's: `aws-chunked` is the transfer's.
fn own_encoding(sent: &str) -> Option<String> {
    let own: Vec<_> =
        sent.split(',').map(str::trim).filter(|coding| !coding.is_empty() && *coding != "aws-chunked").collect();
    (!own.is_empty()).then(|| own.join(","))
}

pub(super) fn one_checksum(sent: [(Algorithm, Option<String>); 5]) -> S3Result<Option<(Algorithm, String)>> {
    let mut found = None;
    for (algorithm, value) in sent {
        let Some(value) = value else { continue };
        if found.is_some() {
            return Err(s3_error!(InvalidRequest, "Expecting a single x-amz-checksum- header."));
        }
        found = Some((algorithm, value));
    }
    Ok(found)
}

/// Refuses a checksum that no bytes could have.
pub(super) fn well_formed(algorithm: Algorithm, value: &str) -> S3Result<()> {
    let bytes = BASE64.decode(value).ok().map(|bytes| bytes.len());
    if bytes == Some(algorithm.bytes()) {
        return Ok(());
    }
    Err(s3_error!(InvalidRequest, "The value of {} is not one in Base64.", algorithm.header()))
}

pub(super) fn algorithm(name: &dto::ChecksumAlgorithm) -> S3Result<Algorithm> {
    Algorithm::parse(name.as_str())
        .ok_or_else(|| s3_error!(InvalidRequest, "The checksum algorithm is not one of those that are supported."))
}

pub(super) fn checksum_kind(stored: &StoredChecksum) -> dto::ChecksumType {
    dto::ChecksumType::from_static(stored.kind.name())
}

pub(super) fn kind(name: &dto::ChecksumType) -> S3Result<ChecksumKind> {
    ChecksumKind::parse(name.as_str())
        .ok_or_else(|| s3_error!(InvalidRequest, "The checksum type is COMPOSITE or FULL_OBJECT."))
}

pub(super) fn etag(value: &str) -> ETag {
    ETag::Strong(value.to_owned())
}

pub(super) fn etag_match(condition: &ETagCondition) -> EtagMatch {
    match condition {
        ETagCondition::Any => EtagMatch::Any,
        ETagCondition::ETag(etag) => EtagMatch::List(vec![etag.value().to_owned()]),
    }
}

/// A moment that the index keeps, in milliseconds.
pub(super) fn moment(millis: i64) -> Timestamp {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .into()
}

pub(super) fn http_date(moment: &Timestamp) -> Option<String> {
    let mut text = Vec::new();
    moment.format(TimestampFormat::HttpDate, &mut text).ok()?;
    String::from_utf8(text).ok()
}

pub(super) fn parse_http_date(text: &str) -> Option<Timestamp> {
    Timestamp::parse(TimestampFormat::HttpDate, text).ok()
}

/// Nobody in particular: the hub knows owners, clients only want to see one.
pub(super) fn owner() -> Owner {
    Owner { display_name: Some("storage-hub".to_owned()), id: Some("storage-hub".to_owned()) }
}

/// The bucket and the key that a copy reads.
pub(super) fn copy_source(source: &CopySource) -> S3Result<(String, String)> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            only_null_version(version_id.as_deref())?;
            Ok((bucket.to_string(), key.to_string()))
        }
        CopySource::AccessPoint { .. } | CopySource::Outpost { .. } => {
            Err(s3_error!(NotImplemented, "Access points are not there."))
        }
    }
}

/// Refuses a version that no object has while there is no versioning.
pub(super) fn only_null_version(version: Option<&str>) -> S3Result<()> {
    match version {
        None | Some("" | "null") => Ok(()),
        Some(_) => Err(s3_error!(NoSuchVersion, "The specified version does not exist.")),
    }
}

const URL_ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// Writes names as the client asked for: as they are, or percent-encoded.
pub(super) struct Names {
    encoded: bool,
}

impl Names {
    pub(super) fn new(encoding: Option<&EncodingType>) -> S3Result<Self> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self { encoded: false }),
            Some(EncodingType::URL) => Ok(Self { encoded: true }),
            Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request")),
        }
    }

    pub(super) fn write(&self, name: &str) -> String {
        if self.encoded { percent_encode(name.as_bytes(), URL_ENCODED).to_string() } else { name.to_owned() }
    }
}

/// A number of entries that a client asks for, 1,000 at most and unless told otherwise.
pub(super) fn page_size(asked: Option<i32>, name: &str) -> S3Result<i32> {
    match asked {
        Some(asked) if asked < 0 => Err(s3_error!(InvalidArgument, "{name} must not be negative.")),
        asked => Ok(asked.unwrap_or(1000).min(1000)),
    }
}

use http::{HeaderName, Method};

use super::fields::{MAX_PART, invalid, key, not_implemented, read_number, read_page_size, read_u32};
use super::object_options::{read_lock, read_tags, send_lock, send_tags};
use super::put_object::{CHECKSUM_ALGORITHM, read_algorithm};
use super::request::RequestTemplate;
use super::{CopySource, CreateMultipartUpload, ListParts, UploadPart, UploadPartCopy, UploadRef, description};
use crate::checksum::{ChecksumAlgorithm, ChecksumKind};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;

pub(super) const CHECKSUM_TYPE: HeaderName = HeaderName::from_static("x-amz-checksum-type");
const COPY_SOURCE_RANGE: HeaderName = HeaderName::from_static("x-amz-copy-source-range");

impl CreateMultipartUpload {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let checksum = match (read_algorithm(head)?, read_kind(head)?) {
            (None, None) => None,
            (None, Some(_)) => {
                return Err(invalid_request(format!("`{CHECKSUM_TYPE}` must be given with `{CHECKSUM_ALGORITHM}`.")));
            }
            (Some(algorithm), kind) => Some((algorithm, kind.unwrap_or_else(|| algorithm.default_kind()))),
        };
        if let Some((algorithm, kind)) = checksum
            && !algorithm.allows(kind)
        {
            return Err(invalid_request(format!(
                "The {} checksum type cannot be used with the {} checksum algorithm.",
                kind.name(),
                algorithm.name()
            )));
        }
        Ok(Self {
            key: key(head),
            description: description::read(head)?,
            checksum,
            tags: read_tags(head)?,
            lock: read_lock(head)?,
        })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::POST, bucket, Some(&self.key));
        request.set_query("uploads", "");
        description::write(&self.description, &mut request);
        send_tags(&self.tags, &mut request);
        send_lock(&self.lock, &mut request);
        if let Some((algorithm, kind)) = self.checksum {
            request.set_header(CHECKSUM_ALGORITHM, algorithm.name());
            request.set_header(CHECKSUM_TYPE, kind.name());
        }
        request
    }
}

/// The kind that `x-amz-checksum-type` names.
pub(super) fn read_kind(head: &RequestHead) -> S3Result<Option<ChecksumKind>> {
    let Some(name) = head.amz(CHECKSUM_TYPE.as_str()) else { return Ok(None) };
    let known = ChecksumKind::parse(name).map(Some);
    known.ok_or_else(|| invalid_request(format!("`{CHECKSUM_TYPE}` must be COMPOSITE or FULL_OBJECT.")))
}

/// The checksum that an `x-amz-checksum-*` header tells. `is_composite` allows the suffix `-<number of parts>`.
pub(super) fn read_checksum(head: &RequestHead, is_composite: bool) -> S3Result<Option<(ChecksumAlgorithm, String)>> {
    let mut found = None;
    for algorithm in ChecksumAlgorithm::ALL {
        let Some(value) = head.amz(algorithm.header()) else { continue };
        if found.is_some() {
            return Err(invalid_request("Only one `x-amz-checksum-` header must be given."));
        }
        let digest = if is_composite { value.split('-').next().unwrap_or_default() } else { value };
        if !algorithm.is_well_formed(digest) {
            return Err(invalid_request(format!("`{}` must be a checksum in Base64.", algorithm.header())));
        }
        found = Some((algorithm, value.to_owned()));
    }
    Ok(found)
}

fn invalid_request(message: impl Into<String>) -> S3Error {
    S3Error::with_message(ErrorCode::InvalidRequest, message.into())
}

impl UploadRef {
    pub(super) fn parse(head: &RequestHead) -> Self {
        Self { key: key(head), upload_id: head.query().get("uploadId").unwrap_or_default().to_owned() }
    }

    pub(super) fn parse_abort(head: &RequestHead) -> S3Result<Self> {
        if head.amz("x-amz-if-match-initiated-time").is_some() {
            return Err(not_implemented("The `x-amz-if-match-initiated-time` header is not implemented."));
        }
        Ok(Self::parse(head))
    }

    pub(super) fn to_request(&self, method: Method, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(method, bucket, Some(&self.key));
        request.set_query("uploadId", self.upload_id.as_str());
        request
    }
}

fn read_part_number(head: &RequestHead) -> S3Result<u32> {
    read_u32("partNumber", head.query().get("partNumber").unwrap_or_default(), 1, MAX_PART)
}

impl UploadPart {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        Ok(Self { upload: UploadRef::parse(head), number: read_part_number(head)? })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = self.upload.to_request(Method::PUT, bucket);
        request.set_query("partNumber", self.number.to_string());
        request
    }
}

impl UploadPartCopy {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        Ok(Self {
            upload: UploadRef::parse(head),
            number: read_part_number(head)?,
            source: CopySource::parse(head)?,
            range: head.amz(COPY_SOURCE_RANGE.as_str()).map(read_source_range).transpose()?,
        })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = self.upload.to_request(Method::PUT, bucket);
        request.set_query("partNumber", self.number.to_string());
        self.source.send(&mut request);
        let range = self.range.map(|(first, last)| format!("bytes={first}-{last}"));
        request.set_opt_header(COPY_SOURCE_RANGE, range.as_deref());
        request
    }
}

/// Reads `bytes=first-last`. Unlike the range of a read, it must have both, and is never ignored.
fn read_source_range(text: &str) -> S3Result<(u64, u64)> {
    let malformed = || invalid(format!("`{COPY_SOURCE_RANGE}` must be `bytes=<first>-<last>`."));
    let (first, last) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')).ok_or_else(malformed)?;
    let read = |text: &str| read_number(COPY_SOURCE_RANGE.as_str(), text, 0, i64::MAX.unsigned_abs());
    let range = (read(first).map_err(|_| malformed())?, read(last).map_err(|_| malformed())?);
    if range.0 <= range.1 { Ok(range) } else { Err(malformed()) }
}

impl ListParts {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let marker = head.query().get("part-number-marker").filter(|text| !text.is_empty());
        let marker = marker.map(|text| read_u32("part-number-marker", text, 0, i32::MAX.unsigned_abs()));
        Ok(Self {
            upload: UploadRef::parse(head),
            after: marker.transpose()?.unwrap_or_default(),
            max_parts: read_page_size("max-parts", head.query().get("max-parts"))?,
        })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = self.upload.to_request(Method::GET, bucket);
        request.set_query("max-parts", self.max_parts.to_string());
        if self.after > 0 {
            request.set_query("part-number-marker", self.after.to_string());
        }
        request
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_a_copied_part_has_both_ends() {
        assert_eq!(read_source_range("bytes=0-5").unwrap(), (0, 5));
        for malformed in ["", "0-5", "bytes=5-0", "bytes=-5", "bytes=5-", "bytes=a-b", "bytes=0-1,2-3", "bytes=+0-5"] {
            assert_eq!(read_source_range(malformed).unwrap_err().code(), ErrorCode::InvalidArgument, "{malformed}");
        }
    }
}

use http::{HeaderName, Method};

use super::fields::{
    invalid, key, not_implemented, send_source_conditions, send_write_conditions, source_conditions, write_conditions,
};
use super::object_options::{read_copied_tags, read_lock, read_tags, send_copied_tags, send_lock, send_tags};
use super::request::RequestTemplate;
use super::{CopyObject, CopySource, PutObject, description};
use crate::checksum::ChecksumAlgorithm;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::uri;

const COPY_SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");
const METADATA_DIRECTIVE: HeaderName = HeaderName::from_static("x-amz-metadata-directive");
pub(super) const CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("x-amz-checksum-algorithm");

impl PutObject {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        Ok(Self {
            key: key(head),
            description: description::read(head)?,
            conditions: write_conditions(head)?,
            tags: read_tags(head)?,
            lock: read_lock(head)?,
        })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::PUT, bucket, Some(&self.key));
        description::write(&self.description, &mut request);
        send_write_conditions(&self.conditions, &mut request);
        send_tags(&self.tags, &mut request);
        send_lock(&self.lock, &mut request);
        request
    }
}

impl CopyObject {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let source = CopySource::parse(head)?;
        let replaces = match head.amz(METADATA_DIRECTIVE.as_str()) {
            None | Some("COPY") => false,
            Some("REPLACE") => true,
            Some(_) => return Err(invalid("`x-amz-metadata-directive` must be COPY or REPLACE.")),
        };
        let is_itself = head.target().bucket() == Some(source.bucket.as_str())
            && head.target().key() == Some(source.key.as_str())
            && source.version_id.is_none();
        if is_itself && !replaces {
            return Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes.",
            ));
        }
        Ok(Self {
            key: key(head),
            source,
            description: replaces.then(|| description::read(head)).transpose()?,
            checksum_algorithm: read_algorithm(head)?,
            conditions: write_conditions(head)?,
            tags: read_copied_tags(head)?,
            lock: read_lock(head)?,
        })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::PUT, bucket, Some(&self.key));
        self.source.send(&mut request);
        if let Some(description) = &self.description {
            request.set_header(METADATA_DIRECTIVE, "REPLACE");
            description::write(description, &mut request);
        }
        request.set_opt_header(CHECKSUM_ALGORITHM, self.checksum_algorithm.map(ChecksumAlgorithm::name));
        send_write_conditions(&self.conditions, &mut request);
        send_copied_tags(self.tags.as_ref(), &mut request);
        send_lock(&self.lock, &mut request);
        request
    }
}

/// The algorithm that `x-amz-checksum-algorithm` names.
pub(super) fn read_algorithm(head: &RequestHead) -> S3Result<Option<ChecksumAlgorithm>> {
    let Some(name) = head.amz(CHECKSUM_ALGORITHM.as_str()) else { return Ok(None) };
    let known = ChecksumAlgorithm::parse(name).map(Some);
    known.ok_or_else(|| {
        let known = ChecksumAlgorithm::ALL.map(ChecksumAlgorithm::name).join(", ");
        S3Error::with_message(ErrorCode::InvalidRequest, format!("`{CHECKSUM_ALGORITHM}` must be one of {known}."))
    })
}

impl CopySource {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let text = head.amz(COPY_SOURCE.as_str()).unwrap_or_default();
        Ok(Self { conditions: source_conditions(head)?, ..Self::parse_text(text)? })
    }

    /// Reads `/bucket/key?versionId=id`, percent-encoded, with or without the first slash. A `?` of the key is encoded.
    fn parse_text(text: &str) -> S3Result<Self> {
        let malformed = || invalid("`x-amz-copy-source` must be `<bucket>/<key>`, percent-encoded.");
        if text.starts_with("arn:") {
            return Err(not_implemented("Access points as copy sources are not implemented."));
        }
        let (path, query) = text.split_once('?').map_or((text, None), |(path, query)| (path, Some(query)));
        let path = uri::decode(path).ok_or_else(malformed)?;
        let (bucket, key) = path.strip_prefix('/').unwrap_or(&path).split_once('/').ok_or_else(malformed)?;
        let version_id = match query {
            None => None,
            Some(query) => {
                let id = query.strip_prefix("versionId=").filter(|id| !id.contains('&')).and_then(uri::decode);
                Some(id.filter(|id| !id.is_empty()).ok_or_else(malformed)?)
            }
        };
        if bucket.is_empty() || key.is_empty() {
            return Err(malformed());
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned(), version_id, ..Self::default() })
    }

    pub(super) fn send(&self, request: &mut RequestTemplate) {
        let mut source = uri::path_of(Some(&self.bucket), Some(&self.key));
        if let Some(version_id) = &self.version_id {
            source = format!("{source}?versionId={}", uri::encode(version_id));
        }
        request.set_header(COPY_SOURCE, &source);
        send_source_conditions(&self.conditions, request);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_sources_are_read_in_one_way() {
        let table = [
            ("/photos/a%20b", Some(("photos", "a b", None))),
            ("photos/a/b", Some(("photos", "a/b", None))),
            ("photos//a", Some(("photos", "/a", None))),
            ("photos/a+b", Some(("photos", "a+b", None))),
            ("photos/ü", Some(("photos", "ü", None))),
            ("photos%2Fa", Some(("photos", "a", None))),
            ("photos/a%3FversionId=1", Some(("photos", "a?versionId=1", None))),
            ("photos/a?versionId=1", Some(("photos", "a", Some("1")))),
            ("photos/a?versionId=", None),
            ("photos/a?versionId=1&x=2", None),
            ("photos/a?x", None),
            ("photos/%zz", None),
            ("photos/%FF", None),
            ("photos", None),
            ("photos/", None),
            ("/", None),
            ("", None),
        ];
        for (text, expected) in table {
            let read = CopySource::parse_text(text).ok();
            let read = read.as_ref().map(|read| (&*read.bucket, &*read.key, read.version_id.as_deref()));
            assert_eq!(read, expected, "{text}");
        }
        let arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/my-access-point/object/a";
        assert_eq!(CopySource::parse_text(arn).unwrap_err().code(), ErrorCode::NotImplemented);
    }
}

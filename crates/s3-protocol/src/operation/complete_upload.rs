use http::{HeaderName, Method};

use super::fields::{MAX_PART, invalid, read_number, send_write_conditions, write_conditions};
use super::multipart::{CHECKSUM_TYPE, read_checksum, read_kind};
use super::request::RequestTemplate;
use super::{CompleteMultipartUpload, CompletedPart, UploadRef};
use crate::checksum::{Checksum, ChecksumAlgorithm};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::xml::{self, Element, XmlWriter};

const OBJECT_SIZE: HeaderName = HeaderName::from_static("x-amz-mp-object-size");

impl CompleteMultipartUpload {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let size = head.amz(OBJECT_SIZE.as_str());
        let size = size.map(|text| read_number(OBJECT_SIZE.as_str(), text, 0, i64::MAX.unsigned_abs()));
        Ok(Self {
            upload: UploadRef::parse(head),
            parts: Vec::new(),
            conditions: write_conditions(head)?,
            checksum: read_checksum(head, true)?,
            checksum_kind: read_kind(head)?,
            object_size: size.transpose()?,
        })
    }

    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        // Part, PartNumber, ETag, a checksum, and room for what is ignored.
        let max_parts = usize::try_from(MAX_PART).unwrap_or(usize::MAX);
        let root = xml::parse(document, max_parts.saturating_mul(8))?;
        root.expect_name("CompleteMultipartUpload")?;
        self.parts = root.all("Part").map(CompletedPart::read).collect::<S3Result<_>>()?;
        if self.parts.is_empty() || self.parts.len() > max_parts {
            return Err(malformed("The document must name 1 to 10000 parts."));
        }
        if !self.parts.is_sorted_by(|before, after| before.number < after.number) {
            return Err(S3Error::new(ErrorCode::InvalidPartOrder));
        }
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = self.upload.to_request(Method::POST, bucket);
        if let Some((algorithm, value)) = &self.checksum {
            request.set_header(algorithm.header_name(), value);
        }
        request.set_opt_header(CHECKSUM_TYPE, self.checksum_kind.map(|kind| kind.name()));
        request.set_opt_header(OBJECT_SIZE, self.object_size.map(|size| size.to_string()).as_deref());
        send_write_conditions(&self.conditions, &mut request);
        let document = XmlWriter::document("CompleteMultipartUpload", |document| {
            for part in &self.parts {
                document.element("Part", |writer| part.write(writer));
            }
        });
        request.document = document.into();
        request
    }
}

impl CompletedPart {
    fn read(part: &Element) -> S3Result<Self> {
        let number =
            part.text_of("PartNumber")?.ok_or_else(|| malformed("Each `Part` must have a `PartNumber`."))?.trim();
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed("A `PartNumber` must be an integer."));
        }
        let number = number.parse().ok().filter(|number| (1..=MAX_PART).contains(number));
        let number = number.ok_or_else(|| invalid("A `PartNumber` must be an integer from 1 to 10000."))?;
        let etag = part.text_of("ETag")?.ok_or_else(|| malformed("Each `Part` must have an `ETag`."))?.trim();
        let etag = etag.strip_prefix('"').and_then(|etag| etag.strip_suffix('"')).unwrap_or(etag).to_owned();
        let mut checksum = None;
        for algorithm in ChecksumAlgorithm::ALL {
            let Some(value) = part.text_of(algorithm.element())? else { continue };
            if checksum.is_some() {
                return Err(S3Error::with_message(
                    ErrorCode::InvalidRequest,
                    "A `Part` must have at most one checksum.",
                ));
            }
            checksum = Some(Checksum::full_object(algorithm, value.trim()));
        }
        Ok(Self { number, etag, checksum })
    }

    fn write(&self, part: &mut XmlWriter) {
        part.text("PartNumber", &self.number.to_string());
        part.text("ETag", &format!("\"{}\"", self.etag));
        if let Some(checksum) = &self.checksum {
            part.text(checksum.algorithm.element(), &checksum.value);
        }
    }
}

fn malformed(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::MalformedXML, message)
}

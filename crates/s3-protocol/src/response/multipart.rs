use http::{HeaderMap, HeaderName};

use super::fields::{
    self, CHECKSUM_TYPE, VERSION_ID, checksum_kind_of, checksum_of, date_of, etag_of, insert, insert_opt, is_true,
    number_of, parse_answer, quote, required, write_checksum, write_checksum_kind, write_owner,
};
use super::{Answer, Owner};
use crate::checksum::{ChecksumAlgorithm, ChecksumKind};
use crate::dates;
use crate::error::S3Result;
use crate::operation::{CreateMultipartUpload, ListParts, UploadRef};
use crate::types::{ListedPart, Written};
use crate::xml::XmlWriter;

const CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("x-amz-checksum-algorithm");

/// The answer to `CreateMultipartUpload`.
#[must_use]
pub fn create_multipart_upload(bucket: &str, input: &CreateMultipartUpload, upload_id: &str) -> Answer {
    let mut answer = Answer::ok(XmlWriter::answer("InitiateMultipartUploadResult", |document| {
        document.text("Bucket", bucket);
        document.text("Key", &input.key);
        document.text("UploadId", upload_id);
    }));
    if let Some((algorithm, kind)) = input.checksum {
        insert(&mut answer.headers, CHECKSUM_ALGORITHM, algorithm.name());
        insert(&mut answer.headers, CHECKSUM_TYPE, kind.name());
    }
    answer
}

/// Reads the id of the upload in the answer to `CreateMultipartUpload`.
///
/// # Errors
/// `InternalError` for an answer that cannot be read.
pub fn parse_create_multipart_upload(document: &[u8]) -> S3Result<String> {
    let root = parse_answer("InitiateMultipartUploadResult", document)?;
    Ok(required(root.text_of("UploadId")?)?.to_owned())
}

/// The answer to `CompleteMultipartUpload`. `location` is the URL of the object.
#[must_use]
pub fn complete_multipart_upload(bucket: &str, upload: &UploadRef, location: &str, written: &Written) -> Answer {
    let mut answer = Answer::ok(XmlWriter::answer("CompleteMultipartUploadResult", |document| {
        document.text("Location", location);
        document.text("Bucket", bucket);
        document.text("Key", &upload.key);
        document.text("ETag", &quote(&written.etag));
        if let Some(checksum) = &written.checksum {
            write_checksum(document, checksum, true);
        }
    }));
    insert_opt(&mut answer.headers, VERSION_ID, written.version_id.as_deref());
    fields::insert_expiration(&mut answer.headers, written.expiration.as_ref());
    answer
}

/// Reads the answer to `CompleteMultipartUpload`, which does not tell the time.
///
/// # Errors
/// The error that an answer with status 200 contains; `InternalError` for an answer that cannot be read.
pub fn parse_complete_multipart_upload(headers: &HeaderMap, document: &[u8]) -> S3Result<Written> {
    let root = parse_answer("CompleteMultipartUploadResult", document)?;
    Ok(Written {
        etag: etag_of(&root)?,
        modified_at: 0,
        version_id: fields::header(headers, &VERSION_ID).map(str::to_owned),
        checksum: checksum_of(&root)?,
        source_version_id: None,
        expiration: fields::read_expiration(headers),
    })
}

/// A page of the parts of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartsPage {
    /// The parts.
    pub parts: Vec<ListedPart>,
    /// The number after which the next page begins; `None` on the last one.
    pub next: Option<u32>,
    /// The checksum that the upload was started with.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumKind)>,
}

/// The answer to `ListParts`.
#[must_use]
pub fn list_parts(bucket: &str, input: &ListParts, page: &PartsPage, owner: &Owner) -> Answer {
    Answer::ok(XmlWriter::answer("ListPartsResult", |document| {
        document.text("Bucket", bucket);
        document.text("Key", &input.upload.key);
        document.text("UploadId", &input.upload.upload_id);
        write_owner(document, "Initiator", owner);
        write_owner(document, "Owner", owner);
        document.text("StorageClass", "STANDARD");
        document.text("PartNumberMarker", &input.after.to_string());
        document.opt_text("NextPartNumberMarker", page.next.map(|next| next.to_string()).as_deref());
        document.text("MaxParts", &input.max_parts.to_string());
        document.text("IsTruncated", if page.next.is_some() { "true" } else { "false" });
        write_checksum_kind(document, page.checksum);
        for part in &page.parts {
            document.element("Part", |document| {
                document.text("PartNumber", &part.number.to_string());
                document.text("LastModified", &dates::write_iso_date(part.modified_at));
                document.text("ETag", &quote(&part.etag));
                document.text("Size", &part.size.to_string());
                if let Some(checksum) = &part.checksum {
                    write_checksum(document, checksum, false);
                }
            });
        }
    }))
}

/// Reads the answer to `ListParts`.
///
/// # Errors
/// `InternalError` for an answer that cannot be read.
pub fn parse_list_parts(document: &[u8]) -> S3Result<PartsPage> {
    let root = parse_answer("ListPartsResult", document)?;
    let mut parts = Vec::new();
    for part in root.all("Part") {
        parts.push(ListedPart {
            number: required(number_of(part, "PartNumber")?)?,
            size: number_of(part, "Size")?.unwrap_or_default(),
            etag: etag_of(part)?,
            modified_at: date_of(part, "LastModified")?,
            checksum: checksum_of(part)?,
        });
    }
    let next = if is_true(&root, "IsTruncated")? { number_of(&root, "NextPartNumberMarker")? } else { None };
    Ok(PartsPage { parts, next, checksum: checksum_kind_of(&root)? })
}

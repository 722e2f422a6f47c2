use http::{HeaderMap, HeaderName, StatusCode, header};

use super::Answer;
use super::fields::{
    self, VERSION_ID, checksum_of, date_of, etag_of, insert, insert_checksum, insert_opt, parse_answer, quote,
    read_checksum, unquote, write_checksum,
};
use crate::dates;
use crate::error::S3Result;
use crate::types::Written;
use crate::uri;
use crate::xml::XmlWriter;

const COPIED_VERSION: HeaderName = HeaderName::from_static("x-amz-copy-source-version-id");

/// The answer to `PutObject`.
#[must_use]
pub fn put_object(written: &Written) -> Answer {
    let mut answer = Answer::empty(StatusCode::OK);
    write_written(written, true, &mut answer.headers);
    answer
}

/// The answer to `UploadPart`.
#[must_use]
pub fn upload_part(written: &Written) -> Answer {
    let mut answer = Answer::empty(StatusCode::OK);
    write_written(written, false, &mut answer.headers);
    answer
}

fn write_written(written: &Written, with_kind: bool, headers: &mut HeaderMap) {
    insert(headers, header::ETAG, &quote(&written.etag));
    insert_opt(headers, VERSION_ID, written.version_id.as_deref());
    fields::insert_expiration(headers, written.expiration.as_ref());
    if let Some(checksum) = &written.checksum {
        insert_checksum(headers, checksum, with_kind);
    }
}

/// Reads the answer to `PutObject` or `UploadPart`, which does not tell the time.
#[must_use]
pub fn parse_put_object(headers: &HeaderMap) -> Written {
    let text = |name: HeaderName| fields::header(headers, &name);
    Written {
        etag: text(header::ETAG).map(unquote).unwrap_or_default(),
        modified_at: 0,
        version_id: text(VERSION_ID).map(str::to_owned),
        checksum: read_checksum(headers),
        source_version_id: None,
        expiration: fields::read_expiration(headers),
    }
}

/// The answer to `CopyObject`.
#[must_use]
pub fn copy_object(written: &Written) -> Answer {
    copied("CopyObjectResult", written, true)
}

/// The answer to `UploadPartCopy`.
#[must_use]
pub fn upload_part_copy(written: &Written) -> Answer {
    copied("CopyPartResult", written, false)
}

fn copied(root: &str, written: &Written, with_kind: bool) -> Answer {
    let mut answer = Answer::ok(XmlWriter::answer(root, |document| {
        document.text("LastModified", &dates::write_iso_date(written.modified_at));
        document.text("ETag", &quote(&written.etag));
        if let Some(checksum) = &written.checksum {
            write_checksum(document, checksum, with_kind);
        }
    }));
    insert_opt(&mut answer.headers, VERSION_ID, written.version_id.as_deref());
    insert_opt(&mut answer.headers, COPIED_VERSION, written.source_version_id.as_deref());
    fields::insert_expiration(&mut answer.headers, written.expiration.as_ref());
    answer
}

/// Reads the answer to `CopyObject` or `UploadPartCopy`.
///
/// # Errors
/// The error that an answer with status 200 contains; `InternalError` for an answer that cannot be read.
pub fn parse_copy_object(headers: &HeaderMap, document: &[u8]) -> S3Result<Written> {
    let root = parse_answer("CopyObjectResult", document).or_else(|error| {
        // An error in the document must not be replaced by the complaint that it is not the other document.
        parse_answer("CopyPartResult", document).map_err(|_| error)
    })?;
    Ok(Written {
        etag: etag_of(&root)?,
        modified_at: date_of(&root, "LastModified")?,
        version_id: fields::header(headers, &VERSION_ID).map(str::to_owned),
        checksum: checksum_of(&root)?,
        source_version_id: fields::header(headers, &COPIED_VERSION).map(str::to_owned),
        expiration: fields::read_expiration(headers),
    })
}

/// The answer to a form without a redirect: 200 and 204 without a body, 201 with a document. `base` is the URL of the
/// endpoint, without a slash at its end.
#[must_use]
pub fn post_object(status: StatusCode, base: &str, bucket: &str, key: &str, written: &Written) -> Answer {
    let location = format!("{base}{}", uri::path_of(Some(bucket), Some(key)));
    let mut answer = match status {
        StatusCode::CREATED => Answer::document(
            status,
            XmlWriter::plain_answer("PostResponse", |document| {
                document.text("Location", &location);
                document.text("Bucket", bucket);
                document.text("Key", key);
                document.text("ETag", &quote(&written.etag));
            }),
        ),
        status => Answer::empty(status),
    };
    write_written(written, true, &mut answer.headers);
    insert(&mut answer.headers, header::LOCATION, &location);
    answer
}

use super::fields::{
    Names, checksum_kind_of, date_of, etag_of, is_true, number_of, parse_answer, quote, required, write_checksum_kind,
    write_owner,
};
use super::{Answer, Owner, token};
use crate::dates;
use crate::error::S3Result;
use crate::operation::{ListMultipartUploads, ListObjectVersions, ListObjects};
use crate::types::{ListPage, ListPosition, ListedObject, ListedUpload, ListedVersion};
use crate::xml::{Element, XmlWriter};

/// A page of a list as a server answered it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// The page. Its next position is that of its last entry, or the one that the server tells.
    pub page: ListPage<T>,
    /// The token that continues the list (version 2).
    pub next_token: Option<String>,
}

/// The answer to `ListObjects` or `ListObjectsV2`.
#[must_use]
pub fn list_objects(bucket: &str, input: &ListObjects, page: &ListPage<ListedObject>, owner: &Owner) -> Answer {
    let names = Names { encoded: input.encode_urls };
    let next = page.next.as_ref().map(|next| next.key.as_str());
    Answer::ok(XmlWriter::answer("ListBucketResult", |document| {
        document.text("Name", bucket);
        names.write(document, "Prefix", &input.prefix);
        if input.v2 {
            names.write_opt(document, "StartAfter", input.start_after.as_deref());
            document.opt_text("ContinuationToken", input.continuation_token.as_deref());
            document.opt_text("NextContinuationToken", next.map(token::write).as_deref());
            document.text("KeyCount", &(page.items.len() + page.common_prefixes.len()).to_string());
        } else {
            names.write(document, "Marker", input.marker.as_deref().unwrap_or_default());
            names.write_opt(document, "NextMarker", next);
        }
        document.text("MaxKeys", &input.max_keys.to_string());
        write_page_head(document, names, input.delimiter.as_deref(), page.next.is_some());
        for object in &page.items {
            document.element("Contents", |document| {
                write_object(document, names, object, Some(owner).filter(|_| input.fetch_owner));
            });
        }
        write_prefixes(document, names, &page.common_prefixes);
    }))
}

/// The answer to `ListObjectVersions`.
#[must_use]
pub fn list_object_versions(
    bucket: &str,
    input: &ListObjectVersions,
    page: &ListPage<ListedVersion>,
    owner: &Owner,
) -> Answer {
    let names = Names { encoded: input.encode_urls };
    let (after, next) = (input.after.as_ref(), page.next.as_ref());
    Answer::ok(XmlWriter::answer("ListVersionsResult", |document| {
        document.text("Name", bucket);
        names.write(document, "Prefix", &input.prefix);
        names.write(document, "KeyMarker", after.map(|after| after.key.as_str()).unwrap_or_default());
        document.text("VersionIdMarker", after.and_then(|after| after.id.as_deref()).unwrap_or_default());
        names.write_opt(document, "NextKeyMarker", next.map(|next| next.key.as_str()));
        document.opt_text("NextVersionIdMarker", next.and_then(|next| next.id.as_deref()));
        document.text("MaxKeys", &input.max_keys.to_string());
        write_page_head(document, names, input.delimiter.as_deref(), next.is_some());
        for version in &page.items {
            let element = if version.is_delete_marker { "DeleteMarker" } else { "Version" };
            document.element(element, |document| write_version(document, names, version, owner));
        }
        write_prefixes(document, names, &page.common_prefixes);
    }))
}

/// The answer to `ListMultipartUploads`.
#[must_use]
pub fn list_multipart_uploads(
    bucket: &str,
    input: &ListMultipartUploads,
    page: &ListPage<ListedUpload>,
    owner: &Owner,
) -> Answer {
    let names = Names { encoded: input.encode_urls };
    let (after, next) = (input.after.as_ref(), page.next.as_ref());
    Answer::ok(XmlWriter::answer("ListMultipartUploadsResult", |document| {
        document.text("Bucket", bucket);
        names.write(document, "KeyMarker", after.map(|after| after.key.as_str()).unwrap_or_default());
        document.text("UploadIdMarker", after.and_then(|after| after.id.as_deref()).unwrap_or_default());
        names.write_opt(document, "NextKeyMarker", next.map(|next| next.key.as_str()));
        document.opt_text("NextUploadIdMarker", next.and_then(|next| next.id.as_deref()));
        names.write(document, "Prefix", &input.prefix);
        document.text("MaxUploads", &input.max_uploads.to_string());
        write_page_head(document, names, input.delimiter.as_deref(), next.is_some());
        for upload in &page.items {
            document.element("Upload", |document| {
                names.write(document, "Key", &upload.key);
                document.text("UploadId", &upload.upload_id);
                write_owner(document, "Initiator", owner);
                write_owner(document, "Owner", owner);
                document.text("StorageClass", "STANDARD");
                document.text("Initiated", &dates::write_iso_date(upload.initiated_at));
                write_checksum_kind(document, upload.checksum);
            });
        }
        write_prefixes(document, names, &page.common_prefixes);
    }))
}

fn write_page_head(document: &mut XmlWriter, names: Names, delimiter: Option<&str>, is_truncated: bool) {
    names.write_opt(document, "Delimiter", delimiter);
    document.opt_text("EncodingType", names.encoded.then_some("url"));
    document.text("IsTruncated", if is_truncated { "true" } else { "false" });
}

fn write_prefixes(document: &mut XmlWriter, names: Names, prefixes: &[String]) {
    for prefix in prefixes {
        document.element("CommonPrefixes", |document| names.write(document, "Prefix", prefix));
    }
}

fn write_object(document: &mut XmlWriter, names: Names, object: &ListedObject, owner: Option<&Owner>) {
    names.write(document, "Key", &object.key);
    document.text("LastModified", &dates::write_iso_date(object.modified_at));
    document.text("ETag", &quote(&object.etag));
    write_checksum_kind(document, object.checksum);
    document.text("Size", &object.size.to_string());
    if let Some(owner) = owner {
        write_owner(document, "Owner", owner);
    }
    document.text("StorageClass", "STANDARD");
}

fn write_version(document: &mut XmlWriter, names: Names, version: &ListedVersion, owner: &Owner) {
    let object = &version.object;
    names.write(document, "Key", &object.key);
    document.text("VersionId", &version.version_id);
    document.text("IsLatest", if version.is_latest { "true" } else { "false" });
    document.text("LastModified", &dates::write_iso_date(object.modified_at));
    if !version.is_delete_marker {
        document.text("ETag", &quote(&object.etag));
        write_checksum_kind(document, object.checksum);
        document.text("Size", &object.size.to_string());
        document.text("StorageClass", "STANDARD");
    }
    write_owner(document, "Owner", owner);
}

/// Reads the answer to `ListObjects` or `ListObjectsV2`.
///
/// # Errors
/// `InternalError` for an answer that cannot be read.
pub fn parse_list_objects(document: &[u8]) -> S3Result<Listed<ListedObject>> {
    let root = parse_answer("ListBucketResult", document)?;
    let names = Names::of(&root)?;
    let items: Vec<_> = root.all("Contents").map(|object| read_object(object, names)).collect::<S3Result<_>>()?;
    let common_prefixes = read_prefixes(&root, names)?;
    let mut next = None;
    if is_true(&root, "IsTruncated")? {
        let last = items.last().map(|object| &object.key).into_iter().chain(common_prefixes.last()).max();
        let told = names.read_from(&root, "NextMarker")?.filter(|marker| !marker.is_empty());
        next = told.or_else(|| last.cloned()).map(|key| ListPosition { key, id: None });
    }
    let next_token = root.text_of("NextContinuationToken")?.filter(|token| !token.is_empty()).map(str::to_owned);
    Ok(Listed { page: ListPage { items, common_prefixes, next }, next_token })
}

/// Reads the answer to `ListObjectVersions`.
///
/// # Errors
/// `InternalError` for an answer that cannot be read.
pub fn parse_list_object_versions(document: &[u8]) -> S3Result<Listed<ListedVersion>> {
    let root = parse_answer("ListVersionsResult", document)?;
    let names = Names::of(&root)?;
    let mut items = Vec::new();
    for version in root.children() {
        let is_delete_marker = version.name() == "DeleteMarker";
        if is_delete_marker || version.name() == "Version" {
            items.push(ListedVersion {
                object: read_object(version, names)?,
                version_id: required(version.text_of("VersionId")?)?.to_owned(),
                is_latest: is_true(version, "IsLatest")?,
                is_delete_marker,
            });
        }
    }
    let next = read_next(&root, names, "NextVersionIdMarker")?;
    Ok(Listed { page: ListPage { items, common_prefixes: read_prefixes(&root, names)?, next }, next_token: None })
}

/// Reads the answer to `ListMultipartUploads`.
///
/// # Errors
/// `InternalError` for an answer that cannot be read.
pub fn parse_list_multipart_uploads(document: &[u8]) -> S3Result<Listed<ListedUpload>> {
    let root = parse_answer("ListMultipartUploadsResult", document)?;
    let names = Names::of(&root)?;
    let mut items = Vec::new();
    for upload in root.all("Upload") {
        items.push(ListedUpload {
            key: required(names.read_from(upload, "Key")?)?,
            upload_id: required(upload.text_of("UploadId")?)?.to_owned(),
            initiated_at: date_of(upload, "Initiated")?,
            checksum: checksum_kind_of(upload)?,
        });
    }
    let next = read_next(&root, names, "NextUploadIdMarker")?;
    Ok(Listed { page: ListPage { items, common_prefixes: read_prefixes(&root, names)?, next }, next_token: None })
}

fn read_object(object: &Element, names: Names) -> S3Result<ListedObject> {
    Ok(ListedObject {
        key: required(names.read_from(object, "Key")?)?,
        size: number_of(object, "Size")?.unwrap_or_default(),
        etag: etag_of(object)?,
        modified_at: date_of(object, "LastModified")?,
        checksum: checksum_kind_of(object)?,
    })
}

fn read_prefixes(root: &Element, names: Names) -> S3Result<Vec<String>> {
    root.all("CommonPrefixes").map(|prefix| required(names.read_from(prefix, "Prefix")?)).collect()
}

fn read_next(root: &Element, names: Names, id: &str) -> S3Result<Option<ListPosition>> {
    if !is_true(root, "IsTruncated")? {
        return Ok(None);
    }
    let key = required(names.read_from(root, "NextKeyMarker")?)?;
    Ok(Some(ListPosition { key, id: root.text_of(id)?.filter(|id| !id.is_empty()).map(str::to_owned) }))
}

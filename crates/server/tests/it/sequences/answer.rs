//! What an answer says, without what differs from request to request.

use std::fmt;

use storage_hub_s3_protocol::xml::{self, Element};

use super::table::Names;
use crate::s3::WholeReply;

/// Headers that count; those that end with `-` stand for all that begin so.
const HEADERS: [&str; 19] = [
    "allow",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-range",
    "content-type",
    "etag",
    "expires",
    "x-amz-checksum-",
    "x-amz-copy-source-version-id",
    "x-amz-delete-marker",
    "x-amz-meta-",
    "x-amz-missing-meta",
    "x-amz-mp-parts-count",
    "x-amz-object-lock-",
    "x-amz-tagging-count",
    "x-amz-version-id",
    "x-amz-storage-class",
];
/// Elements that differ from request to request, or from installation to installation.
const VOLATILE: [&str; 11] = [
    "Owner",
    "Initiator",
    "RequestId",
    "HostId",
    "LastModified",
    "CreationDate",
    "Initiated",
    "NextContinuationToken",
    "ContinuationToken",
    "Location",
    "Message",
];
/// Elements whose values count only by being there.
const IDS: [&str; 6] =
    ["VersionId", "UploadId", "NextVersionIdMarker", "NextUploadIdMarker", "VersionIdMarker", "DeleteMarkerVersionId"];

/// The status, the code of an error, the headers that count, and the body or the facts of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer(String);

impl Answer {
    pub(crate) fn of(reply: &WholeReply, names: &Names) -> Self {
        let mut facts = vec![reply.status.to_string()];
        let text = String::from_utf8_lossy(&reply.body);
        let document = text.trim_start().starts_with('<').then(|| xml::parse(&reply.body, 100_000).ok()).flatten();
        match &document {
            Some(error) if error.name() == "Error" => {
                facts.push(error.text_of("Code").ok().flatten().unwrap_or_default().to_owned());
            }
            Some(document) => flatten(document, document.name(), &mut facts),
            None => {}
        }
        let is_error = reply.status >= 300;
        // Servers add content types to answers without content.
        let of_object = document.is_none() && !is_error && reply.headers.iter().any(|(name, _)| name == "etag");
        for (name, value) in &reply.headers {
            let counts = HEADERS.iter().any(|known| name == known || (known.ends_with('-') && name.starts_with(known)));
            let is_id = name.ends_with("version-id");
            if counts && (of_object || name.starts_with("x-amz-") || name == "allow") {
                // The values of ids differ; those that were saved are masked by their names below.
                let value = if is_id && value != "null" { names.mask(value) } else { value.clone() };
                let value = if is_id && !value.starts_with('{') && value != "null" { "(id)".to_owned() } else { value };
                facts.push(format!("{name}={value}"));
            }
        }
        if document.is_none() && !reply.body.is_empty() {
            facts.push(match reply.body.len() {
                0..=200 => format!("body={text:?}"),
                length => format!("body of {length} bytes"),
            });
        }
        Self(names.mask(&without_cache(&facts.join(" "))))
    }
}

/// Shortens `[minio_cache:…]`, which MinIO adds to markers and whose content is another one each time.
fn without_cache(text: &str) -> String {
    let mut parts = text.split("[minio_cache:");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str("[cache]");
        kept.push_str(part.split_once(']').map_or("", |(_, rest)| rest));
    }
    kept
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Adds the texts of a document, by their paths. The order of elements with different names does not count.
fn flatten(element: &Element, path: &str, facts: &mut Vec<String>) {
    let mut names: Vec<_> = element.children().iter().map(Element::name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names.into_iter().filter(|name| !VOLATILE.contains(name)) {
        for child in element.all(name) {
            let path = format!("{path}.{name}");
            match child.text() {
                Ok(text) if child.children().is_empty() => {
                    let is_id = IDS.contains(&name) && text != "null" && !text.is_empty();
                    let text = if is_id { "(id)" } else { text };
                    if !text.is_empty() {
                        facts.push(format!("{path}={text:?}"));
                    }
                }
                _ => flatten(child, &path, facts),
            }
        }
    }
}

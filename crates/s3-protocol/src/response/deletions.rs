use std::collections::HashMap;

use http::{HeaderMap, HeaderName, StatusCode};

use super::fields::{self, VERSION_ID, insert, is_true, parse_answer, unreadable};
use super::{Answer, Deleted};
use crate::error::{S3Error, S3Result};
use crate::operation::{DeleteEntry, DeleteObjects};
use crate::xml::{Element, XmlWriter};

const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");

/// The answer to `DeleteObject`.
#[must_use]
pub fn delete_object(deleted: &Deleted) -> Answer {
    let mut answer = Answer::empty(StatusCode::NO_CONTENT);
    if let Some(version) = deleted.delete_marker.as_ref().or(deleted.version_id.as_ref()) {
        insert(&mut answer.headers, VERSION_ID, version);
    }
    if deleted.delete_marker.is_some() {
        insert(&mut answer.headers, DELETE_MARKER, "true");
    }
    answer
}

/// Reads the answer to the `DeleteObject` of a version, or of the current one.
#[must_use]
pub fn parse_delete_object(entry: &DeleteEntry, headers: &HeaderMap) -> Deleted {
    let is_marker = fields::header(headers, &DELETE_MARKER) == Some("true");
    let version = fields::header(headers, &VERSION_ID).map(str::to_owned);
    Deleted {
        version_id: if is_marker { entry.version_id.clone() } else { version.clone() },
        delete_marker: version.filter(|_| is_marker),
    }
}

/// The answer to `DeleteObjects`: a result for each entry, in their order.
#[must_use]
pub fn delete_objects(input: &DeleteObjects, results: &[S3Result<Deleted>]) -> Answer {
    Answer::ok(XmlWriter::answer("DeleteResult", |document| {
        for (entry, result) in input.objects.iter().zip(results) {
            match result {
                Ok(_) if input.quiet => {}
                Ok(deleted) => document.element("Deleted", |document| {
                    document.text("Key", &entry.key);
                    document.opt_text("VersionId", entry.version_id.as_deref());
                    if let Some(marker) = &deleted.delete_marker {
                        document.text("DeleteMarker", "true");
                        document.text("DeleteMarkerVersionId", marker);
                    }
                }),
                Err(error) => document.element("Error", |document| {
                    document.text("Key", &entry.key);
                    document.opt_text("VersionId", entry.version_id.as_deref());
                    document.text("Code", error.code().name());
                    document.text("Message", error.message());
                }),
            }
        }
    }))
}

/// Reads the answer to `DeleteObjects`: a result for each entry of the input, in their order.
///
/// # Errors
/// `InternalError` for an answer that cannot be read. An entry that it does not mention, unless the request was quiet, has
/// this error as its result.
pub fn parse_delete_objects(input: &DeleteObjects, document: &[u8]) -> S3Result<Vec<S3Result<Deleted>>> {
    let root = parse_answer("DeleteResult", document)?;
    let mut told: HashMap<(&str, Option<&str>), &Element> = HashMap::new();
    for element in root.children() {
        if matches!(element.name(), "Deleted" | "Error")
            && let Some(key) = element.text_of("Key")?
        {
            let version = element.text_of("VersionId")?.filter(|version| !version.is_empty());
            told.insert((key, version), element);
        }
    }
    let result = |entry: &DeleteEntry| match told.get(&(entry.key.as_str(), entry.version_id.as_deref())) {
        None if input.quiet => Ok(Deleted { version_id: entry.version_id.clone(), delete_marker: None }),
        None => Err(unreadable("an entry is missing")),
        Some(element) if element.name() == "Error" => Err(read_error(element)),
        Some(element) => {
            let is_marker = is_true(element, "DeleteMarker")?;
            let marker = element.text_of("DeleteMarkerVersionId")?.filter(|_| is_marker).map(str::to_owned);
            Ok(Deleted { version_id: entry.version_id.clone(), delete_marker: marker })
        }
    };
    Ok(input.objects.iter().map(result).collect())
}

fn read_error(element: &Element) -> S3Error {
    let text = |name| element.text_of(name).ok().flatten().unwrap_or_default().trim();
    S3Error::from_code_text(text("Code"), text("Message"), StatusCode::INTERNAL_SERVER_ERROR)
}

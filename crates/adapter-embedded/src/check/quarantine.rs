//! Keeps damaged objects, and files that the index does not name, for a person to examine.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;

use super::Place;
use super::finding::Fault;
use crate::blobs::{BlobName, Blobs};
use crate::index::checking::PlacedPart;
use crate::object::{Content, ContentHeaders, Object};
use crate::private;
use crate::recovery::UnknownBlob;

/// What the index said about a damaged object or part. It is written as JSON next to the blobs.
#[derive(Serialize)]
pub(super) struct Description {
    bucket: String,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<i32>,
    problem: String,
    size: u64,
    etag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<ContentHeaders>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<BTreeMap<String, String>>,
    /// In order. A missing blob has no file in the quarantine.
    blobs: Vec<String>,
}

impl Description {
    pub(super) fn of_object(place: &Place, object: &Object, fault: &Fault) -> Self {
        Self {
            bucket: place.bucket.clone(),
            key: place.key.clone(),
            upload: None,
            part: None,
            problem: fault.clone().at(place.clone()).to_string(),
            size: object.size,
            etag: object.etag.clone(),
            headers: Some(object.description.headers.clone()),
            metadata: Some(object.description.metadata.clone()),
            blobs: match &object.content {
                Content::Inline => vec![format!("index-{}", object.id)],
                Content::Whole(_) | Content::Parts(_) => {
                    object.content.blobs().iter().map(BlobName::to_string).collect()
                }
            },
        }
    }

    pub(super) fn of_part(place: &Place, part: &PlacedPart, fault: &Fault) -> Self {
        Self {
            bucket: place.bucket.clone(),
            key: place.key.clone(),
            upload: Some(part.upload.clone()),
            part: Some(part.number),
            problem: fault.clone().at(place.clone()).to_string(),
            size: part.size,
            etag: part.etag.clone(),
            headers: None,
            metadata: None,
            blobs: vec![part.blob.to_string()],
        }
    }
}

/// Gives the existing blobs a second name in the quarantine, and writes the description next to them. Their first name is
/// removed by [`take`], when the index does not name them any more, so a crash in between loses nothing.
///
/// `data` are the bytes of an object in the index.
pub(super) fn keep(
    blobs: &Blobs,
    folder: &Path,
    kept: &Description,
    names: &[BlobName],
    data: Option<&[u8]>,
) -> io::Result<()> {
    private::create_folder(folder)?;
    let first = kept.blobs.first().map_or("empty", String::as_str);
    if let Some(data) = data {
        write(&folder.join(first), data)?;
    }
    for name in names {
        match blobs.link_into(name, folder) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {}
            Err(error) => return Err(error),
        }
    }
    let text = serde_json::to_vec_pretty(kept).map_err(io::Error::other)?;
    write(&folder.join(format!("{first}.json")), &text)?;
    File::open(folder)?.sync_all()
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private::create_file(path)?;
    file.set_len(0)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Moves files that the index does not name into the quarantine.
pub(super) fn take(blobs: &Blobs, folder: &Path, files: &[UnknownBlob]) -> io::Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    private::create_folder(folder)?;
    files.iter().try_for_each(|file| blobs.move_into(&file.name, folder))?;
    File::open(folder)?.sync_all()
}

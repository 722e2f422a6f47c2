//! Where broken objects are kept for a person to look at.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;

use super::Place;
use super::finding::Fault;
use crate::blobs::{BlobName, Blobs};
use crate::index::checking::PlacedPart;
use crate::object::{ContentHeaders, Object};

/// What the index said of something broken, in JSON beside its blobs.
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
    /// In order; those that are missing have no file here.
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
            blobs: object.content.blobs().iter().map(BlobName::to_string).collect(),
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

/// Gives the blobs that are there a second name in the quarantine, and writes the description beside them. Their first
/// name goes with the sweep, when the index does not name them any more: nothing is lost by a crash in between.
pub(super) fn keep(blobs: &Blobs, folder: &Path, kept: &Description, names: &[BlobName]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for name in names {
        match blobs.link_into(name, folder) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists) => {}
            Err(error) => return Err(error),
        }
    }
    let text = serde_json::to_vec_pretty(kept).map_err(io::Error::other)?;
    let first = names.first().map_or("empty", BlobName::as_str);
    let mut file = File::create(folder.join(format!("{first}.json")))?;
    file.write_all(&text)?;
    file.sync_all()?;
    File::open(folder)?.sync_all()
}

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, ChecksumKind};

/// How many uploads are remembered.
const MAX: usize = 10_000;

/// The algorithm and kind that an upload was started with.
pub(crate) type UploadChecksum = Option<(ChecksumAlgorithm, ChecksumKind)>;

/// The checksums of uploads, because a part must have the checksum of its upload, and only the list of parts tells it. What
/// was forgotten, or started by another process, is asked for again.
#[derive(Default)]
pub(crate) struct UploadChecksums(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    by_id: HashMap<String, UploadChecksum>,
    oldest_first: VecDeque<String>,
}

impl UploadChecksums {
    pub(crate) fn find(&self, upload_id: &str) -> Option<UploadChecksum> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).by_id.get(upload_id).copied()
    }

    pub(crate) fn remember(&self, upload_id: &str, checksum: UploadChecksum) {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.by_id.insert(upload_id.to_owned(), checksum).is_none() {
            remembered.oldest_first.push_back(upload_id.to_owned());
        }
        if remembered.oldest_first.len() > MAX
            && let Some(oldest) = remembered.oldest_first.pop_front()
        {
            remembered.by_id.remove(&oldest);
        }
    }
}

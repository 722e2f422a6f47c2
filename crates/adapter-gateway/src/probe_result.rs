use serde::{Deserialize, Serialize};
use storage_hub_s3_backend::Capabilities;
use storage_hub_s3_protocol::checksum::ChecksumAlgorithm;

/// Minimum number of bytes of each part but the last, of every S3 service.
const MIN_PART: u64 = 5 * 1024 * 1024;
/// Maximum number of bytes of one body.
const MAX_BODY: u64 = 5 * 1024 * 1024 * 1024;
/// Maximum length of a key in bytes.
pub(crate) const MAX_KEY: usize = 1024;

/// What a probe found out about a store: each is what the store did, not what it says. A store that accepts a request and
/// ignores what it asks for lacks it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeResult {
    /// `If-None-Match` and `If-Match` of `PutObject` are obeyed.
    pub conditional_writes: bool,
    /// Those of `CopyObject`.
    pub conditional_copies: bool,
    /// Those of `CompleteMultipartUpload`.
    pub conditional_completions: bool,
    /// `If-Match` of `DeleteObject` is obeyed.
    pub conditional_deletes: bool,
    /// Versioning can be enabled, and keeps versions.
    pub versioning: bool,
    /// Objects and buckets keep tags.
    pub tags: bool,
    /// A bucket with versioning can get object lock, which protects versions.
    pub object_lock: bool,
    /// Lifecycle rules are stored.
    pub lifecycle: bool,
    /// A `\` in a key is kept.
    pub backslashes: bool,
    /// A key may have a segment of more than 255 bytes.
    pub long_segments: bool,
    /// A key may be the folder of another one: `a` beside `a/b`.
    pub keys_below_keys: bool,
    /// Unfinished uploads are listed without their exact key.
    pub lists_uploads: bool,
    /// `GetObjectAttributes` answers.
    pub attributes: bool,
    /// The names of the checksum algorithms that are verified and kept.
    pub checksums: Vec<String>,
    /// An upload that is cut off leaves what was there before, signed in each way that the gateway uses.
    pub cut_uploads_leave_nothing: bool,
}

impl ProbeResult {
    /// Reads what [`to_text`](Self::to_text) wrote, of this release or an earlier one.
    ///
    /// # Errors
    /// If the text is malformed.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Writes the result for the records.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The checksum algorithms.
    #[must_use]
    pub fn algorithms(&self) -> Vec<ChecksumAlgorithm> {
        self.checksums.iter().filter_map(|name| ChecksumAlgorithm::parse(name)).collect()
    }

    /// The algorithm that protects a body for which the client chose none.
    pub(crate) fn default_algorithm(&self) -> Option<ChecksumAlgorithm> {
        let known = self.algorithms();
        let preferred = [ChecksumAlgorithm::Crc64Nvme, ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32c];
        preferred.into_iter().find(|algorithm| known.contains(algorithm)).or(known.first().copied())
    }

    /// What the gateway offers on this store.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_body_bytes: MAX_BODY,
            min_part_bytes: MIN_PART,
            max_key_bytes: MAX_KEY,
            any_key: false,
            exact: false,
            conditional_writes: self.conditional_writes,
            conditional_copies: self.conditional_copies,
            conditional_completions: self.conditional_completions,
            conditional_deletes: self.conditional_deletes,
            versioning: self.versioning,
            tags: self.tags,
            object_lock: self.object_lock,
            lifecycle: self.lifecycle,
            attributes: self.attributes,
            checksums: self.algorithms(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_read_as_it_was_written() {
        let result = ProbeResult {
            versioning: true,
            checksums: vec!["CRC32".to_owned(), "SHA256".to_owned()],
            ..ProbeResult::default()
        };
        assert_eq!(ProbeResult::parse(&result.to_text()).unwrap(), result);
        assert_eq!(result.default_algorithm(), Some(ChecksumAlgorithm::Crc32));
    }

    #[test]
    fn what_an_earlier_release_did_not_probe_is_missing() {
        assert_eq!(ProbeResult::parse("{}").unwrap(), ProbeResult::default());
        assert!(ProbeResult::parse("").is_err());
    }
}

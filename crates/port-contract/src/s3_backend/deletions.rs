use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::DeleteEntry;
use storage_hub_s3_protocol::response::Deleted;
use storage_hub_s3_protocol::types::WriteConditions;

use super::S3BackendHarness;
use super::bodies::bytes;
use super::fixture::{Fixture, code, etags};

fn entry(key: &str) -> DeleteEntry {
    DeleteEntry { key: key.to_owned(), ..DeleteEntry::default() }
}

impl Fixture<'_> {
    async fn delete(&self, entries: Vec<DeleteEntry>) -> Vec<S3Result<Deleted>> {
        self.backend.delete_objects(self.write(), entries).await.unwrap()
    }
}

/// Keys without an object are deleted too; a version other than `null` is not.
pub async fn a_deletion_returns_a_result_for_each_entry_in_order(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    at.put("a", b"a").await;
    at.put("b", &bytes(400_000, 1)).await;
    at.put("c", b"c").await;
    let version = |key, version: &str| DeleteEntry { version_id: Some(version.to_owned()), ..entry(key) };
    let entries = vec![entry("b"), version("c", "other"), entry("missing"), version("a", "null")];
    let results = at.delete(entries).await;
    let codes: Vec<_> = results.into_iter().map(|result| result.err().map(|error| error.code())).collect();
    assert_eq!(codes, [None, Some(ErrorCode::NoSuchVersion), None, None]);
    assert_eq!((at.bytes("a").await, at.bytes("b").await), (None, None));
    assert_eq!(at.bytes("c").await.unwrap(), b"c");
}

/// `If-Match`: another ETag, no object, the right ETag.
pub async fn a_deletion_obeys_its_precondition(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    if !at.backend.capabilities().conditional_deletes {
        return;
    }
    let etag = at.put("a", b"a").await.etag;
    let matching = |key, etag| {
        let conditions = WriteConditions { if_match: etags(&[etag]), ..WriteConditions::default() };
        DeleteEntry { conditions, ..entry(key) }
    };
    let mut results = at.delete(vec![matching("a", "x"), matching("missing", "x")]).await.into_iter();
    assert_eq!(results.next().map(code), Some(ErrorCode::PreconditionFailed));
    assert_eq!(results.next().map(code), Some(ErrorCode::NoSuchKey));
    assert_eq!(at.bytes("a").await.unwrap(), b"a");
    assert!(at.delete(vec![matching("a", &etag)]).await[0].is_ok());
    assert_eq!(at.bytes("a").await, None);
}

/// Objects on both sides of a backend's limits, one after the other.
pub async fn a_small_object_replaces_a_large_one_and_is_deleted(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    for size in [400_000, 10, 400_000] {
        at.put("a", &bytes(size, 1)).await;
        assert!(at.bytes("a").await.unwrap() == bytes(size, 1));
    }
    at.put("a", b"small").await;
    at.delete(vec![entry("a")]).await;
    assert_eq!(at.bytes("a").await, None);
    at.put("a", b"again").await;
    assert_eq!(at.bytes("a").await.unwrap(), b"again");
}

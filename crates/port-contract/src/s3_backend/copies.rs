use storage_hub_s3_protocol::checksum::{ChecksumAlgorithm, ChecksumKind};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{CopyObject, CopySource, DeleteEntry, GetObject, PutObject};
use storage_hub_s3_protocol::types::{
    ContentHeaders, Description, EtagCondition, ReadConditions, WriteConditions, Written,
};

use super::S3BackendHarness;
use super::bodies::{body_with, bytes};
use super::fixture::{Fixture, code, etags};

fn copy(from: &str, to: &str) -> CopyObject {
    let source = CopySource { key: from.to_owned(), ..CopySource::default() };
    CopyObject { key: to.to_owned(), source, ..CopyObject::default() }
}

fn described(content_type: &str) -> Description {
    let headers = ContentHeaders { content_type: Some(content_type.to_owned()), ..ContentHeaders::default() };
    Description { headers, ..Description::default() }
}

impl Fixture<'_> {
    async fn copy(&self, input: CopyObject) -> S3Result<Written> {
        self.backend.copy_object(&self.bucket, self.write(), input).await
    }
}

/// Within a bucket and from another one; small and large.
pub async fn a_copy_has_bytes_description_and_checksum_of_its_source(harness: &impl S3BackendHarness) {
    let (from, to) = (Fixture::new(harness).await, Fixture::new(harness).await);
    for size in [0, 100, 400_000] {
        let input = PutObject { key: "a".to_owned(), description: described("a/a"), ..PutObject::default() };
        let whole = bytes(size, 1);
        let body = body_with(&whole, Some(ChecksumAlgorithm::Sha256));
        let source = from.backend.put_object(from.write(), input, body).await.unwrap();
        for target in [&from, &to] {
            let copied = target.backend.copy_object(&from.bucket, target.write(), copy("a", "b")).await.unwrap();
            assert_eq!((&copied.etag, &copied.checksum), (&source.etag, &source.checksum));
            let (head, read) = target.get("b").await.unwrap();
            assert!(read == whole);
            assert_eq!(head.description, described("a/a"));
        }
    }
    assert_eq!(code(from.copy(copy("missing", "b")).await), ErrorCode::NoSuchKey);
}

/// `x-amz-metadata-directive: REPLACE` and `x-amz-checksum-algorithm`.
pub async fn a_copy_replaces_description_and_checksum_on_request(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    for size in [9, 400_000] {
        at.put("a", &bytes(size, 1)).await;
        let algorithm = Some(ChecksumAlgorithm::Crc32c);
        let input = CopyObject { description: Some(described("b/b")), checksum_algorithm: algorithm, ..copy("a", "b") };
        let copied = at.copy(input).await.unwrap();
        assert_eq!(copied.checksum.as_ref().map(|checksum| checksum.algorithm), algorithm);
        let (head, read) =
            at.get_with(GetObject { key: "b".to_owned(), checksum_mode: true, ..GetObject::default() }).await.unwrap();
        assert!(read == bytes(size, 1));
        assert_eq!((head.description, head.checksum), (described("b/b"), copied.checksum));
    }
}

/// 412, never 304, and the target stays.
pub async fn a_copy_obeys_the_preconditions_on_its_source(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let etag = at.put("a", b"source").await.etag;
    at.put("b", b"target").await;
    let input = |conditions| {
        let mut input = copy("a", "b");
        input.source.conditions = conditions;
        input
    };
    let none = ReadConditions::default;
    for refused in [
        ReadConditions { if_match: etags(&["x"]), ..none() },
        ReadConditions { if_none_match: etags(&[&etag]), ..none() },
        ReadConditions { if_unmodified_since: Some(0), ..none() },
    ] {
        assert_eq!(code(at.copy(input(refused)).await), ErrorCode::PreconditionFailed);
    }
    assert_eq!(at.bytes("b").await.unwrap(), b"target");
    at.copy(input(ReadConditions { if_match: etags(&[&etag]), ..none() })).await.unwrap();
    assert_eq!(at.bytes("b").await.unwrap(), b"source");
}

/// `If-Match` and `If-None-Match` of the request; a refused copy leaves the target.
pub async fn a_copy_obeys_the_preconditions_on_its_target(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    if !at.backend.capabilities().conditional_copies {
        let conditions = WriteConditions { if_none_match: Some(EtagCondition::Any), ..WriteConditions::default() };
        at.put("a", b"source").await;
        assert_eq!(code(at.copy(CopyObject { conditions, ..copy("a", "b") }).await), ErrorCode::NotImplemented);
        return;
    }
    let any = || Some(EtagCondition::Any);
    for size in [6, 400_000] {
        let source = bytes(size, 1);
        at.put("a", &source).await;
        let target = at.put("b", b"target").await.etag;
        let input = |if_match, if_none_match| CopyObject {
            conditions: WriteConditions { if_match, if_none_match },
            ..copy("a", "b")
        };
        assert_eq!(code(at.copy(input(None, any())).await), ErrorCode::PreconditionFailed);
        assert_eq!(code(at.copy(input(etags(&["x"]), None)).await), ErrorCode::PreconditionFailed);
        assert_eq!(at.bytes("b").await.unwrap(), b"target");
        at.copy(input(etags(&[&target]), None)).await.unwrap();
        assert!(at.bytes("b").await.unwrap() == source);
    }
}

/// With a new description only.
pub async fn an_object_is_copied_to_itself_only_with_a_change(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    for size in [6, 400_000] {
        let whole = bytes(size, 1);
        at.put("a", &whole).await;
        assert_eq!(code(at.copy(copy("a", "a")).await), ErrorCode::InvalidRequest);
        at.copy(CopyObject { description: Some(described("b/b")), ..copy("a", "a") }).await.unwrap();
        let (head, read) = at.get("a").await.unwrap();
        assert!(read == whole);
        assert_eq!(head.description, described("b/b"));
    }
}

/// The ETag and the sizes of the parts.
pub async fn a_copy_of_a_multipart_object_keeps_its_parts(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    if !at.backend.capabilities().exact {
        return;
    }
    let (first, second) = (bytes(at.min_part(), 1), bytes(7, 2));
    let checksum = Some((ChecksumAlgorithm::Crc32, ChecksumKind::Composite));
    let source = at.put_in_parts("a", [&first, &second], checksum).await;
    let copied = at.copy(copy("a", "b")).await.unwrap();
    assert_eq!((copied.etag, copied.checksum), (source.etag, source.checksum));
    let part = GetObject { key: "b".to_owned(), part_number: Some(2), ..GetObject::default() };
    assert_eq!(at.get_with(part).await.unwrap().1, second);
    assert!(at.bytes("b").await.unwrap() == [first, second].concat());
}

/// A copy shares no fate with its source.
pub async fn the_copy_stays_when_its_source_is_deleted(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    for size in [6, 400_000] {
        let whole = bytes(size, 1);
        at.put("a", &whole).await;
        at.copy(copy("a", "b")).await.unwrap();
        let delete = vec![DeleteEntry { key: "a".to_owned(), ..DeleteEntry::default() }];
        at.backend.delete_objects(at.write(), delete).await.unwrap();
        assert!(at.bytes("b").await.unwrap() == whole);
        assert_eq!(at.bytes("a").await, None);
    }
}

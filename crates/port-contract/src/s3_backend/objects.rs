use std::collections::BTreeMap;

use storage_hub_s3_protocol::checksum::{Checksum, ChecksumAlgorithm};
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::operation::{GetObject, PutObject};
use storage_hub_s3_protocol::types::{
    ByteRange, ContentHeaders, Description, IfRange, ObjectHead, ReadConditions, Written,
};

use super::S3BackendHarness;
use super::bodies::{body_with, bytes};
use super::fixture::{Fixture, code, etags, new_bucket};

/// Sizes on both sides of the limits that backends have inside.
const SIZES: [usize; 7] = [0, 1, 4096, 16 * 1024, 16 * 1024 + 1, 256 * 1024, 600_000];

fn get(key: &str) -> GetObject {
    GetObject { key: key.to_owned(), ..GetObject::default() }
}

/// Bytes, ETag, description and size, for sizes from nothing to several chunks.
pub async fn an_object_is_read_as_it_was_written(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let exact = at.backend.capabilities().exact;
    let headers = ContentHeaders {
        content_type: Some("text/plain".to_owned()),
        content_encoding: Some("deflate, gzip".to_owned()),
        expires: Some(if exact { "7d" } else { "Wed, 01 Dec 2094 16:00:00 GMT" }.to_owned()),
        ..ContentHeaders::default()
    };
    let metadata = BTreeMap::from([("colour".to_owned(), "grün".to_owned())]);
    let description = Description { headers, metadata };
    for size in SIZES {
        let (key, bytes) = (format!("size {size}"), bytes(size, 0));
        let input = PutObject { key: key.clone(), description: description.clone(), ..PutObject::default() };
        let written = at.put_with(input, &bytes).await.unwrap();
        let (head, read) = at.get(&key).await.unwrap();
        assert!(read == bytes, "{size}");
        assert_eq!((head.size, head.bytes.clone(), head.partial), (size as u64, 0..size as u64, false));
        assert_eq!(head.etag, written.etag);
        assert_same_time(&at, &head, &written);
        assert_eq!((&head.description, &head.version_id, head.parts_count), (&description, &None, None));
        assert_eq!(at.backend.head_object(&at.bucket, get(&key)).await.unwrap(), head);
    }
    assert_eq!(at.put("empty", b"").await.etag, "d41d8cd98f00b204e9800998ecf8427e");
}

/// What a write returns is the time of the object; a service may leave it out.
pub(super) fn assert_same_time(at: &Fixture<'_>, head: &ObjectHead, written: &Written) {
    let untold = written.modified_at == 0 && !at.backend.capabilities().exact;
    assert!(untold || head.modified_at == written.modified_at, "{head:?} {written:?}");
}

/// A shorter object leaves nothing of a longer one, nor its description.
pub async fn objects_are_replaced_as_a_whole(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    for size in [600_000, 10, 100_000, 0, 16_000] {
        let bytes = bytes(size, 7);
        at.put("key", &bytes).await;
        assert!(at.bytes("key").await.unwrap() == bytes, "{size}");
    }
}

/// `NoSuchKey` and `NoSuchBucket`.
pub async fn a_missing_key_and_a_missing_bucket_are_told_apart(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    assert_eq!(code(at.get("key").await), ErrorCode::NoSuchKey);
    assert_eq!(code(at.backend.head_object(&at.bucket, get("key")).await), ErrorCode::NoSuchKey);
    let missing = new_bucket();
    assert_eq!(code(at.backend.get_object(&missing, get("key")).await.map(|_| ())), ErrorCode::NoSuchBucket);
    assert_eq!(code(at.backend.head_object(&missing, get("key")).await), ErrorCode::NoSuchBucket);
}

/// First, middle and last bytes, of small and large objects.
pub async fn ranges_of_objects_are_read(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    for size in [10, 600_000_usize] {
        let whole = bytes(size, 3);
        at.put("key", &whole).await;
        let end = size as u64;
        for (range, expected) in [
            (ByteRange::Between(0, 0), 0..1),
            (ByteRange::Between(2, 4), 2..5),
            (ByteRange::Between(end / 2, end + 9), end / 2..end),
            (ByteRange::From(end - 1), end - 1..end),
            (ByteRange::Last(3), end - 3..end),
            (ByteRange::From(0), 0..end),
        ] {
            let (head, read) = at.get_with(GetObject { range: Some(range), ..get("key") }).await.unwrap();
            assert_eq!((head.bytes, head.partial, head.size), (expected.clone(), true, end));
            assert!(read == whole[expected.start as usize..expected.end as usize], "{range:?}");
        }
    }
}

/// Whoever has the beginning of another object does not get the rest of this one.
pub async fn a_range_of_another_object_is_ignored(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let etag = at.put("key", b"12345").await.etag;
    for (named, partial) in [(etag.as_str(), true), ("x", false)] {
        let if_range = Some(IfRange::Etag(named.to_owned()));
        let read = at.get_with(GetObject { range: Some(ByteRange::From(3)), if_range, ..get("key") }).await.unwrap();
        assert_eq!((read.0.partial, read.1.as_slice()), (partial, if partial { &b"45"[..] } else { b"12345" }));
    }
}

/// `InvalidRange` with the size, also of an empty object.
pub async fn a_range_behind_the_end_is_refused(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    at.put("key", b"12345").await;
    at.put("empty", b"").await;
    for (key, range, tells) in [
        ("key", ByteRange::From(5), "bytes */5"),
        ("key", ByteRange::Last(0), "bytes */5"),
        ("empty", ByteRange::From(0), "bytes */0"),
    ] {
        let refused = at.get_with(GetObject { range: Some(range), ..get(key) }).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidRange);
        let told = refused.headers().iter().find(|(name, _)| name == "content-range").unwrap();
        assert_eq!(told.1, tells);
    }
    let both = GetObject { range: Some(ByteRange::From(0)), part_number: Some(1), ..get("key") };
    assert_eq!(code(at.get_with(both).await), ErrorCode::InvalidRequest);
    let no_part = GetObject { part_number: Some(2), ..get("key") };
    assert_eq!(code(at.get_with(no_part).await), ErrorCode::InvalidPartNumber);
}

/// `PreconditionFailed`, and `NotModified` with the headers that a cache needs.
pub async fn a_read_obeys_its_preconditions(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let etag = at.put("key", b"12345").await.etag;
    let read = |conditions| at.get_with(GetObject { conditions, ..get("key") });
    let none = ReadConditions::default;
    assert!(read(ReadConditions { if_match: etags(&["x", &etag]), ..none() }).await.is_ok());
    assert!(read(ReadConditions { if_none_match: etags(&["x"]), ..none() }).await.is_ok());
    let failed = read(ReadConditions { if_match: etags(&["x"]), ..none() }).await;
    assert_eq!(code(failed), ErrorCode::PreconditionFailed);
    let failed = read(ReadConditions { if_unmodified_since: Some(0), ..none() }).await;
    assert_eq!(code(failed), ErrorCode::PreconditionFailed);
    let unchanged = read(ReadConditions { if_none_match: etags(&["x", &etag]), ..none() }).await.unwrap_err();
    assert_eq!(unchanged.code(), ErrorCode::NotModified);
    assert!(unchanged.headers().iter().any(|(name, value)| name == "etag" && value == &format!("\"{etag}\"")));
    assert!(unchanged.headers().iter().any(|(name, _)| name == "last-modified"));
}

/// Of the whole object alone, and for each algorithm.
pub async fn a_checksum_is_returned_when_it_is_requested(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    for algorithm in ChecksumAlgorithm::ALL {
        let input = PutObject { key: "key".to_owned(), ..PutObject::default() };
        let body = body_with(b"123456789", Some(algorithm));
        let checksum = at.backend.put_object(at.write(), input, body).await.unwrap().checksum;
        assert!(checksum.as_ref().is_some_and(|checksum| checksum.algorithm == algorithm), "{checksum:?}");
        let head = at.get_with(GetObject { checksum_mode: true, ..get("key") }).await.unwrap().0;
        assert_eq!(head.checksum, checksum);
        assert_eq!(at.get("key").await.unwrap().0.checksum, None);
        let part = GetObject { checksum_mode: true, range: Some(ByteRange::Last(2)), ..get("key") };
        assert_eq!(at.get_with(part).await.unwrap().0.checksum, None);
    }
    let input = PutObject { key: "key".to_owned(), ..PutObject::default() };
    let body = body_with(b"123456789", Some(ChecksumAlgorithm::Crc32));
    let written = at.backend.put_object(at.write(), input, body).await.unwrap();
    assert_eq!(written.checksum, Some(Checksum::full_object(ChecksumAlgorithm::Crc32, "y/Q5Jg==")));
}

/// Where buckets keep no versions, any other version does not exist.
pub async fn only_the_version_null_exists(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    at.put("key", b"12345").await;
    let version = |version: &str| GetObject { version_id: Some(version.to_owned()), ..get("key") };
    assert!(at.get_with(version("null")).await.is_ok());
    assert_eq!(code(at.get_with(version("other")).await), ErrorCode::NoSuchVersion);
    assert_eq!(code(at.backend.head_object(&at.bucket, version("other")).await), ErrorCode::NoSuchVersion);
}

/// Keys that are not paths, where the backend takes any; each is an object of its own.
pub async fn any_key_is_taken_as_stated(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    if !at.backend.capabilities().any_key {
        return;
    }
    let keys = ["/", "//", "a//b", "a/b", "../x", "./x", "a/.", "\\", "%2e", "a b", "grün", "\u{1}", "'; --", "a\r\nb"];
    for key in keys {
        at.put(key, key.as_bytes()).await;
    }
    let longest = "k".repeat(at.backend.capabilities().max_key_bytes);
    at.put(&longest, b"longest").await;
    for key in keys {
        assert_eq!(at.bytes(key).await.unwrap(), key.as_bytes());
    }
    assert_eq!(at.bytes(&longest).await.unwrap(), b"longest");
}

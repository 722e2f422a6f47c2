use futures::future::join_all;
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::operation::PutObject;
use storage_hub_s3_protocol::types::{EtagCondition, WriteConditions};

use super::S3BackendHarness;
use super::bodies::bytes;
use super::fixture::{Fixture, code, etags};

fn put(key: &str, if_match: Option<EtagCondition>, if_none_match: Option<EtagCondition>) -> PutObject {
    PutObject { key: key.to_owned(), conditions: WriteConditions { if_match, if_none_match }, ..PutObject::default() }
}

/// `If-Match` and `If-None-Match`; a write that is refused leaves the object.
pub async fn a_write_obeys_its_preconditions(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    if !at.backend.capabilities().conditional_writes {
        return;
    }
    let any = || Some(EtagCondition::Any);
    assert_eq!(code(at.put_with(put("key", any(), None), b"1").await), ErrorCode::NoSuchKey);
    let first = at.put_with(put("key", None, any()), b"1").await.unwrap().etag;
    for refused in [put("key", None, any()), put("key", None, etags(&[&first])), put("key", etags(&["x"]), None)] {
        assert_eq!(code(at.put_with(refused, b"2").await), ErrorCode::PreconditionFailed);
        assert_eq!(at.bytes("key").await.unwrap(), b"1");
    }
    at.put_with(put("key", etags(&["x", &first]), None), b"2").await.unwrap();
    at.put_with(put("key", any(), etags(&[&first])), b"3").await.unwrap();
    assert_eq!(at.bytes("key").await.unwrap(), b"3");
}

/// A race of writes with `If-None-Match: *`.
pub async fn of_concurrent_conditional_writes_one_succeeds(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    if !at.backend.capabilities().conditional_writes {
        return;
    }
    for (key, size) in [("small", 100), ("large", 100_000)] {
        let bodies: Vec<_> = (0..8).map(|seed| bytes(size, seed)).collect();
        let write = |body| at.put_with(put(key, None, Some(EtagCondition::Any)), body);
        let written = join_all(bodies.iter().map(|body| write(body))).await;
        let winners: Vec<_> = (0..).zip(&written).filter(|(_, written)| written.is_ok()).map(|(at, _)| at).collect();
        assert_eq!(winners.len(), 1, "{written:?}");
        assert!(at.bytes(key).await.unwrap() == bodies[winners[0]]);
    }
}

/// A key is written again and again while it is read.
pub async fn readers_never_see_a_mixture(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let bodies: Vec<_> = [300_000, 10, 20_000].into_iter().zip(1..).map(|(size, seed)| bytes(size, seed)).collect();
    at.put("key", &bodies[0]).await;
    let writing = async {
        for round in 0..20 {
            at.put("key", &bodies[round % bodies.len()]).await;
        }
    };
    let reading = async {
        for _ in 0..40 {
            let read = at.bytes("key").await.unwrap();
            assert!(bodies.contains(&read), "{} bytes", read.len());
        }
    };
    futures::future::join(writing, reading).await;
}

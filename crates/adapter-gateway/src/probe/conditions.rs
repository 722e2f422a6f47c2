use http::StatusCode;
use storage_hub_s3_client::{Answer, ClientError, Request, S3Client};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CopyObject, CopySource, DeleteEntry, Operation, PutObject,
};
use storage_hub_s3_protocol::types::{EtagCondition, WriteConditions};

use super::scratch::Scratch;

fn absent() -> WriteConditions {
    WriteConditions { if_none_match: Some(EtagCondition::Any), ..WriteConditions::default() }
}

fn matching(etag: &str) -> WriteConditions {
    WriteConditions { if_match: Some(EtagCondition::List(vec![etag.to_owned()])), ..WriteConditions::default() }
}

/// An ETag that no object of a probe has.
const OTHER: &str = "00000000000000000000000000000000";

fn is_refused(answer: Option<&Answer>) -> bool {
    answer.is_some_and(|answer| answer.status == StatusCode::PRECONDITION_FAILED)
}

/// `If-None-Match: *`, and `If-Match` with a wrong and the right ETag.
pub(super) async fn of_writes(scratch: &Scratch<'_>) -> bool {
    let key = "conditions/write";
    let Ok(etag) = scratch.put(key, b"first").await else { return false };
    for conditions in [absent(), matching(OTHER)] {
        if !is_refused(put(scratch, key, conditions).await.ok().as_ref()) {
            return false;
        }
    }
    if scratch.read(key).await.as_deref() != Some(b"first") {
        return false;
    }
    let allowed = put(scratch, key, matching(&etag)).await.is_ok_and(|answer| answer.is_success());
    allowed && put(scratch, "conditions/new", absent()).await.is_ok_and(|answer| answer.is_success())
}

async fn put(scratch: &Scratch<'_>, key: &str, conditions: WriteConditions) -> Result<Answer, ClientError> {
    let input = PutObject { key: key.to_owned(), conditions, ..PutObject::default() };
    let template = S3Client::template(&Operation::PutObject(input), Some(scratch.bucket()))?;
    let request = Request::of(template, Some(scratch.bucket()), Some(key)).with_body("second");
    scratch.client().send(request).await
}

pub(super) async fn of_copies(scratch: &Scratch<'_>) -> bool {
    let (source, key) = ("conditions/source", "conditions/copy");
    if scratch.put(source, b"source").await.is_err() || scratch.put(key, b"first").await.is_err() {
        return false;
    }
    for conditions in [absent(), matching(OTHER)] {
        let bucket = scratch.bucket().to_owned();
        let source = CopySource { bucket, key: source.to_owned(), ..CopySource::default() };
        let input = CopyObject { key: key.to_owned(), source, conditions, ..CopyObject::default() };
        if !is_refused(scratch.call(&Operation::CopyObject(input), Some(key)).await.ok().as_ref()) {
            return false;
        }
    }
    scratch.read(key).await.as_deref() == Some(b"first")
}

pub(super) async fn of_completions(scratch: &Scratch<'_>) -> bool {
    let key = "conditions/upload";
    if scratch.put(key, b"first").await.is_err() {
        return false;
    }
    for conditions in [absent(), matching(OTHER)] {
        let Some((upload, part)) = scratch.begin_upload(key, b"second").await else { return false };
        let input =
            CompleteMultipartUpload { upload, parts: vec![part], conditions, ..CompleteMultipartUpload::default() };
        if !is_refused(scratch.complete(input).await.as_ref()) {
            return false;
        }
    }
    scratch.read(key).await.as_deref() == Some(b"first")
}

pub(super) async fn of_deletions(scratch: &Scratch<'_>) -> bool {
    let key = "conditions/deletion";
    let Ok(etag) = scratch.put(key, b"first").await else { return false };
    let delete = |etag: &str| {
        let entry = DeleteEntry { key: key.to_owned(), conditions: matching(etag), ..DeleteEntry::default() };
        Operation::DeleteObject(entry)
    };
    if !is_refused(scratch.call(&delete(OTHER), Some(key)).await.ok().as_ref())
        || scratch.read(key).await.as_deref() != Some(b"first")
    {
        return false;
    }
    scratch.works(&delete(&etag), Some(key)).await && scratch.read(key).await.is_none()
}

use std::collections::BTreeSet;

use http::StatusCode;
use storage_hub_s3_protocol::lifecycle::LifecycleConfiguration;
use storage_hub_s3_protocol::object_lock::ObjectLockConfiguration;
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, DeleteEntry, GetObject, GetObjectAttributes, ListMultipartUploads, ListObjectVersions,
    ListObjects, ObjectAttribute, ObjectVersionRef, Operation, PutBucketLifecycle, PutBucketTagging,
    PutBucketVersioning, PutObjectLegalHold, PutObjectLockConfiguration, PutObjectTagging,
};
use storage_hub_s3_protocol::response::{
    parse_list_multipart_uploads, parse_list_object_versions, parse_list_objects, parse_version_id,
};
use storage_hub_s3_protocol::tags::{TagOwner, Tags};
use storage_hub_s3_protocol::versioning::VersioningState;

use super::scratch::Scratch;

/// Whether a `\` is neither refused nor folded into a `/`, in reads and in lists.
pub(super) async fn backslashes(scratch: &Scratch<'_>) -> bool {
    let (with, folded) = ("backslash/a\\b", "backslash/a/b");
    if scratch.put(with, b"backslash").await.is_err() || scratch.read(folded).await.is_some() {
        return false;
    }
    // MinIO splits a key at them before it refuses dot segments.
    let dots = "dots/..\\b";
    if scratch.put(dots, b"dots").await.is_err() || scratch.read(dots).await.as_deref() != Some(b"dots") {
        return false;
    }
    let list = ListObjects {
        v2: true,
        prefix: "backslash/".to_owned(),
        max_keys: 10,
        encode_urls: true,
        ..ListObjects::default()
    };
    let Ok(answer) = scratch.call(&Operation::ListObjects(list), None).await else { return false };
    let keys = parse_list_objects(&answer.body).map(|listed| listed.page.items).unwrap_or_default();
    keys.iter().map(|item| item.key.as_str()).eq([with]) && scratch.read(with).await.as_deref() == Some(b"backslash")
}

pub(super) async fn long_segments(scratch: &Scratch<'_>) -> bool {
    let key = "s".repeat(900);
    scratch.put(&key, b"long").await.is_ok() && scratch.read(&key).await.as_deref() == Some(b"long")
}

pub(super) async fn keys_below_keys(scratch: &Scratch<'_>) -> bool {
    let (folder, below) = ("below/a", "below/a/b");
    scratch.put(folder, b"1").await.is_ok()
        && scratch.put(below, b"2").await.is_ok()
        && scratch.read(folder).await.as_deref() == Some(b"1")
        && scratch.read(below).await.as_deref() == Some(b"2")
}

/// Whether an upload is listed by the beginning of its key.
pub(super) async fn lists_uploads(scratch: &Scratch<'_>) -> bool {
    let key = "uploads/listed";
    let Some((upload, _)) = scratch.begin_upload(key, b"part").await else { return false };
    let list = ListMultipartUploads {
        prefix: "uploads/".to_owned(),
        max_uploads: 10,
        encode_urls: true,
        ..ListMultipartUploads::default()
    };
    let Ok(answer) = scratch.call(&Operation::ListMultipartUploads(list), None).await else { return false };
    let listed = parse_list_multipart_uploads(&answer.body).map(|listed| listed.page.items).unwrap_or_default();
    let found = listed.iter().any(|item| item.upload_id == upload.upload_id && item.key == key);
    let _ = scratch.call(&Operation::AbortMultipartUpload(upload), Some(key)).await;
    found
}

pub(super) async fn attributes(scratch: &Scratch<'_>) -> bool {
    let input = GetObjectAttributes {
        key: "probe".to_owned(),
        attributes: BTreeSet::from([ObjectAttribute::Etag, ObjectAttribute::ObjectSize]),
        max_parts: 1000,
        ..GetObjectAttributes::default()
    };
    let answer = scratch.call(&Operation::GetObjectAttributes(input), Some("probe")).await;
    answer.is_ok_and(|answer| answer.is_success() && answer.text("ObjectSize").as_deref() == Some("5"))
}

/// Of the bucket and of an object, which loses them when it is replaced or they are deleted.
pub(super) async fn tags(scratch: &Scratch<'_>) -> bool {
    let tags = |owner| Tags::new(owner, [("probed".to_owned(), "yes".to_owned())]).unwrap_or_default();
    let bucket = Operation::PutBucketTagging(PutBucketTagging { tags: tags(TagOwner::Bucket) });
    let object = || ObjectVersionRef { key: "probe".to_owned(), version_id: None };
    let of_object = PutObjectTagging { object: object(), tags: tags(TagOwner::Object) };
    if !scratch.works(&bucket, None).await
        || !scratch.works(&Operation::PutObjectTagging(of_object), Some("probe")).await
    {
        return false;
    }
    for (read, key) in [(Operation::GetBucketTagging, None), (Operation::GetObjectTagging(object()), Some("probe"))] {
        let Ok(answer) = scratch.call(&read, key).await else { return false };
        if answer.text("Key").as_deref() != Some("probed") {
            return false;
        }
    }
    let read = Operation::GetObjectTagging(object());
    let delete = Operation::DeleteObjectTagging(object());
    let has_none = async || {
        let answer = scratch.call(&read, Some("probe")).await;
        answer.is_ok_and(|answer| answer.is_success() && answer.text("Key").is_none())
    };
    if scratch.put("probe", b"probe").await.is_err() || !has_none().await {
        return false;
    }
    let of_object = PutObjectTagging { object: object(), tags: tags(TagOwner::Object) };
    scratch.works(&Operation::PutObjectTagging(of_object), Some("probe")).await
        && scratch.works(&delete, Some("probe")).await
        && has_none().await
}

/// Whether rules are kept. Whether they are obeyed shows only after days.
pub(super) async fn lifecycle(scratch: &Scratch<'_>) -> bool {
    let document =
        b"<LifecycleConfiguration><Rule><ID>probe</ID><Status>Enabled</Status><Filter><Prefix>never/</Prefix>\
        </Filter><Expiration><Days>36500</Days></Expiration></Rule></LifecycleConfiguration>";
    let Ok(configuration) = LifecycleConfiguration::parse(document) else { return false };
    if !scratch.works(&Operation::PutBucketLifecycle(PutBucketLifecycle { configuration }), None).await {
        return false;
    }
    let answer = scratch.call(&Operation::GetBucketLifecycle, None).await;
    let kept = answer.is_ok_and(|answer| answer.is_success() && answer.text("Days").as_deref() == Some("36500"));
    let _ = scratch.call(&Operation::DeleteBucketLifecycle, None).await;
    kept
}

/// Whether an object that is written twice has two versions, a delete marker is told by its version, and a completed upload
/// too.
pub(super) async fn versioning(scratch: &Scratch<'_>) -> bool {
    let key = "versions/key";
    let state = VersioningState::Enabled;
    if !scratch.works(&Operation::PutBucketVersioning(PutBucketVersioning { state }), None).await
        || scratch.put(key, b"first").await.is_err()
        || scratch.put(key, b"second").await.is_err()
    {
        return false;
    }
    let list =
        ListObjectVersions { prefix: key.to_owned(), max_keys: 10, encode_urls: true, ..ListObjectVersions::default() };
    let Ok(answer) = scratch.call(&Operation::ListObjectVersions(list), None).await else { return false };
    let versions = parse_list_object_versions(&answer.body).map(|listed| listed.page.items).unwrap_or_default();
    if versions.len() != 2 || versions.iter().filter(|version| version.is_latest).count() != 1 {
        return false;
    }
    tells_marker(scratch, key).await && tells_completed(scratch).await
}

async fn tells_marker(scratch: &Scratch<'_>, key: &str) -> bool {
    let entry = DeleteEntry { key: key.to_owned(), ..DeleteEntry::default() };
    let Ok(deleted) = scratch.call(&Operation::DeleteObject(entry), Some(key)).await else { return false };
    let marker = parse_version_id(&deleted.headers);
    let head = GetObject { key: key.to_owned(), ..GetObject::default() };
    let Ok(answer) = scratch.call(&Operation::HeadObject(head), Some(key)).await else { return false };
    marker.is_some() && parse_version_id(&answer.headers) == marker
}

async fn tells_completed(scratch: &Scratch<'_>) -> bool {
    let Some((upload, part)) = scratch.begin_upload("versions/upload", b"part").await else { return false };
    let input = CompleteMultipartUpload { upload, parts: vec![part], ..CompleteMultipartUpload::default() };
    let answer = scratch.complete(input).await;
    answer.is_some_and(|answer| answer.is_success() && parse_version_id(&answer.headers).is_some())
}

/// Whether a bucket with versioning can get object lock, and a legal hold protects a version.
pub(super) async fn object_lock(scratch: &Scratch<'_>) -> bool {
    let configuration = ObjectLockConfiguration::default();
    let lock = Operation::PutObjectLockConfiguration(PutObjectLockConfiguration { configuration });
    let key = "lock/key";
    if !scratch.works(&lock, None).await || scratch.put(key, b"locked").await.is_err() {
        return false;
    }
    let Ok(answer) = scratch.call(&Operation::GetObjectLockConfiguration, None).await else { return false };
    if ObjectLockConfiguration::parse(&answer.body).is_err() {
        return false;
    }
    let list =
        ListObjectVersions { prefix: key.to_owned(), max_keys: 10, encode_urls: true, ..ListObjectVersions::default() };
    let Ok(answer) = scratch.call(&Operation::ListObjectVersions(list), None).await else { return false };
    let versions = parse_list_object_versions(&answer.body).map(|listed| listed.page.items).unwrap_or_default();
    let Some(version) = versions.first() else { return false };
    let object = ObjectVersionRef { key: key.to_owned(), version_id: Some(version.version_id.clone()) };
    let hold = |legal_hold| Operation::PutObjectLegalHold(PutObjectLegalHold { object: object.clone(), legal_hold });
    if !scratch.works(&hold(true), Some(key)).await {
        return false;
    }
    let version_id = Some(version.version_id.clone());
    let entry = DeleteEntry { key: key.to_owned(), version_id, ..DeleteEntry::default() };
    let deleted = scratch.call(&Operation::DeleteObject(entry), Some(key)).await;
    let protected = deleted.is_ok_and(|answer| {
        !answer.is_success() && answer.status != StatusCode::NOT_FOUND && answer.status != StatusCode::NOT_IMPLEMENTED
    });
    // Whatever was found: the hold must not outlive the probe.
    let released = scratch.works(&hold(false), Some(key)).await;
    protected && released
}

use storage_hub_s3_protocol::checksum::{Checksum, ChecksumAlgorithm, ChecksumKind};
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CompletedPart, CopySource, GetObject, GetObjectAttributes, ListMultipartUploads,
    ListParts, UploadPart, UploadPartCopy,
};
use storage_hub_s3_protocol::types::{EtagCondition, WriteConditions};

use super::S3BackendHarness;
use super::bodies::{body, body_with, bytes};
use super::fixture::{Fixture, code, upload_ref};
use super::objects::assert_same_time;

/// The numbers may have gaps; the parts that are not named are dropped.
pub async fn an_upload_becomes_an_object(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let (first, last) = (bytes(at.min_part(), 1), bytes(100, 2));
    let upload = at.begin("key", None).await;
    let third = at.part(&upload, 30, &last).await;
    at.part(&upload, 7, b"replaced").await;
    let second = at.part(&upload, 7, &first).await;
    at.part(&upload, 10_000, b"dropped").await;
    assert_eq!(at.bytes("key").await, None);
    let written = at.complete(&upload, &[second, third]).await.unwrap();
    assert!(written.etag.ends_with("-2"), "{}", written.etag);
    let (head, read) = at.get("key").await.unwrap();
    assert!(read == [first, last].concat());
    assert_same_time(&at, &head, &written);
    assert_eq!(head.etag, written.etag);
    let list = ListMultipartUploads { max_uploads: 10, ..ListMultipartUploads::default() };
    assert!(at.backend.list_multipart_uploads(&at.bucket, &list).await.unwrap().items.is_empty());
}

/// Composite and full-object checksums; `partNumber` of an object that was written as a whole.
pub async fn a_part_is_read_by_its_number_with_its_checksum(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let (first, last) = (bytes(at.min_part(), 1), bytes(9, 2));
    for (algorithm, kind) in [
        (ChecksumAlgorithm::Crc32, ChecksumKind::Composite),
        (ChecksumAlgorithm::Sha256, ChecksumKind::Composite),
        (ChecksumAlgorithm::Crc64Nvme, ChecksumKind::FullObject),
    ] {
        let upload = at.begin("key", Some((algorithm, kind))).await;
        let parts = [at.part(&upload, 1, &first).await, at.part(&upload, 2, &last).await];
        let whole = at.complete(&upload, &parts).await.unwrap().checksum.unwrap();
        assert_eq!((whole.algorithm, whole.kind), (algorithm, kind));
        assert_eq!(whole.value.ends_with("-2"), kind == ChecksumKind::Composite, "{whole:?}");
        let part =
            GetObject { key: "key".to_owned(), part_number: Some(2), checksum_mode: true, ..GetObject::default() };
        let (head, read) = at.get_with(part.clone()).await.unwrap();
        assert_eq!(read, last);
        assert_eq!((head.partial, head.parts_count), (true, Some(2)));
        if at.backend.capabilities().exact {
            let value = parts[1].checksum.clone().unwrap().value;
            assert_eq!(head.checksum, Some(Checksum { algorithm, kind, value }));
        }
        assert_eq!(at.backend.head_object(&at.bucket, part).await.unwrap(), head);
        let all = GetObject { key: "key".to_owned(), checksum_mode: true, ..GetObject::default() };
        assert_eq!(at.get_with(all).await.unwrap().0.checksum, Some(whole));
    }
    at.put("whole", b"whole").await;
    let part = |number| GetObject { key: "whole".to_owned(), part_number: Some(number), ..GetObject::default() };
    let (head, read) = at.get_with(part(1)).await.unwrap();
    assert_eq!((read.as_slice(), head.partial, head.parts_count), (b"whole".as_slice(), true, None));
    assert_eq!(code(at.get_with(part(2)).await), ErrorCode::InvalidPartNumber);
}

/// In pages, where the parts have checksums.
pub async fn the_attributes_of_an_object_tell_its_parts(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let (first, last) = (bytes(at.min_part(), 1), bytes(9, 2));
    let attributes = |max_parts, part_number_marker| GetObjectAttributes {
        key: "key".to_owned(),
        max_parts,
        part_number_marker,
        ..GetObjectAttributes::default()
    };
    at.put_in_parts("key", [&first, &last], None).await;
    let plain = at.backend.get_object_attributes(&at.bucket, attributes(10, 0)).await.unwrap();
    if plain.parts_count.is_none() && !at.backend.capabilities().exact {
        return;
    }
    assert_eq!((plain.parts_count, plain.parts.len(), plain.checksum), (Some(2), 0, None));
    let checksum = Some((ChecksumAlgorithm::Crc32, ChecksumKind::Composite));
    let written = at.put_in_parts("key", [&first, &last], checksum).await;
    let page = at.backend.get_object_attributes(&at.bucket, attributes(1, 0)).await.unwrap();
    assert_eq!((page.etag, page.checksum), (written.etag, written.checksum));
    assert_eq!((page.parts.len(), page.parts[0].number, page.parts_truncated), (1, 1, true));
    let page = at.backend.get_object_attributes(&at.bucket, attributes(1, 1)).await.unwrap();
    assert_eq!((page.parts.len(), page.parts[0].number, page.parts[0].size, page.parts_truncated), (1, 2, 9, false));
    assert!(page.parts[0].checksum.is_some());
    at.put("key", b"whole").await;
    let whole = at.backend.get_object_attributes(&at.bucket, attributes(10, 0)).await.unwrap();
    assert_eq!((whole.parts_count, whole.size), (None, 5));
}

/// One is computed where the client sends none; another algorithm is refused.
pub async fn a_part_has_the_checksum_of_its_upload(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let upload = at.begin("key", Some((ChecksumAlgorithm::Crc32, ChecksumKind::Composite))).await;
    let computed = at.part(&upload, 1, b"123456789").await;
    assert_eq!(computed.checksum, Some(Checksum::full_object(ChecksumAlgorithm::Crc32, "y/Q5Jg==")));
    let sent = at.part_with(&upload, 2, b"123456789", Some(ChecksumAlgorithm::Crc32)).await;
    assert_eq!(sent.checksum, computed.checksum);
    let other = UploadPart { upload: upload.clone(), number: 3 };
    let other = at.backend.upload_part(at.write(), other, body_with(b"x", Some(ChecksumAlgorithm::Sha1))).await;
    assert_eq!(code(other), ErrorCode::InvalidRequest);
    // An upload without an algorithm returns what the client sent, and does not keep it.
    let plain = at.begin("key", None).await;
    let part = at.part_with(&plain, 1, b"123456789", Some(ChecksumAlgorithm::Sha1)).await;
    assert!(part.checksum.is_some());
    let listed = ListParts { upload: plain, after: 0, max_parts: 10 };
    assert_eq!(at.backend.list_parts(&at.bucket, &listed).await.unwrap().parts[0].checksum, None);
}

/// All of it or a range, which must be within the source.
pub async fn a_part_is_copied_from_an_object(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let whole = bytes(at.min_part() + 100, 1);
    at.put("source", &whole).await;
    let upload = at.begin("key", None).await;
    let end = whole.len() as u64;
    let copy = |number, range| {
        let source = CopySource { key: "source".to_owned(), ..CopySource::default() };
        let input = UploadPartCopy { upload: upload.clone(), number, source, range };
        at.backend.upload_part_copy(&at.bucket, at.write(), input)
    };
    let mut parts = Vec::new();
    for (number, range) in [(1, None), (2, Some((3, 11)))] {
        let etag = copy(number, range).await.unwrap().etag;
        parts.push(CompletedPart { number, etag, checksum: None });
    }
    assert_eq!(code(copy(3, Some((0, end))).await), ErrorCode::InvalidRange);
    at.complete(&upload, &parts).await.unwrap();
    assert!(at.bytes("key").await.unwrap() == [&whole, &whole[3..12]].concat());
}

/// After a number, at most that many.
pub async fn parts_are_listed_in_pages(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let checksum = Some((ChecksumAlgorithm::Crc32, ChecksumKind::Composite));
    let upload = at.begin("key", checksum).await;
    for number in [5, 1, 9] {
        at.part(&upload, number, b"123456789").await;
    }
    let list = |after, max_parts| ListParts { upload: upload.clone(), after, max_parts };
    let first = at.backend.list_parts(&at.bucket, &list(0, 2)).await.unwrap();
    assert_eq!(first.parts.iter().map(|part| part.number).collect::<Vec<_>>(), [1, 5]);
    assert_eq!((first.next, first.checksum), (Some(5), checksum));
    assert_eq!((first.parts[0].size, first.parts[0].checksum.clone().unwrap().value.as_str()), (9, "y/Q5Jg=="));
    let last = at.backend.list_parts(&at.bucket, &list(5, 2)).await.unwrap();
    assert_eq!(last.parts.iter().map(|part| part.number).collect::<Vec<_>>(), [9]);
    assert_eq!(last.next, None);
    for (key, id) in [("other", upload.upload_id.as_str()), ("key", "other")] {
        let missing = ListParts { upload: upload_ref(key, id), after: 0, max_parts: 10 };
        assert_eq!(code(at.backend.list_parts(&at.bucket, &missing).await), ErrorCode::NoSuchUpload);
    }
}

/// Eight uploads of one key are listed in the order in which they were started, in pages of any size.
pub async fn uploads_are_listed_by_key_and_start(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    if !at.backend.capabilities().exact {
        return;
    }
    let mut started = Vec::new();
    for key in ["b", "a/1"].into_iter().chain(std::iter::repeat_n("a", 8)) {
        started.push(at.begin(key, None).await);
    }
    // The sort is stable.
    started.sort_by(|one, other| one.key.cmp(&other.key));
    for limit in [1, 3, 100] {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let input =
                ListMultipartUploads { after: after.take(), max_uploads: limit, ..ListMultipartUploads::default() };
            let page = at.backend.list_multipart_uploads(&at.bucket, &input).await.unwrap();
            listed.extend(page.items.into_iter().map(|item| upload_ref(&item.key, &item.upload_id)));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(listed, started, "{limit}");
    }
    let input =
        ListMultipartUploads { delimiter: Some("/".to_owned()), max_uploads: 100, ..ListMultipartUploads::default() };
    let page = at.backend.list_multipart_uploads(&at.bucket, &input).await.unwrap();
    assert_eq!((page.items.len(), page.common_prefixes), (9, vec!["a/".to_owned()]));
}

/// Wrong ETags, numbers, order, sizes and checksums. The upload stays.
pub async fn a_completion_names_parts_as_they_were_uploaded(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    at.put("key", b"before").await;
    let upload = at.begin("key", Some((ChecksumAlgorithm::Crc32, ChecksumKind::Composite))).await;
    let first = at.part(&upload, 1, &bytes(at.min_part(), 1)).await;
    let second = at.part(&upload, 2, b"second").await;
    let third = at.part(&upload, 3, b"third").await;
    let wrong_etag = CompletedPart { etag: second.etag.clone(), ..first.clone() };
    let wrong_checksum = CompletedPart { checksum: second.checksum.clone(), ..first.clone() };
    let missing = CompletedPart { number: 4, ..second.clone() };
    for (parts, expected) in [
        (vec![], ErrorCode::MalformedXML),
        (vec![wrong_etag], ErrorCode::InvalidPart),
        (vec![wrong_checksum], ErrorCode::InvalidPart),
        (vec![first.clone(), missing], ErrorCode::InvalidPart),
        (vec![second.clone(), first.clone()], ErrorCode::InvalidPartOrder),
        (vec![first.clone(), first.clone()], ErrorCode::InvalidPartOrder),
        (vec![first.clone(), second.clone(), third], ErrorCode::EntityTooSmall),
    ] {
        assert_eq!(code(at.complete(&upload, &parts).await), expected, "{parts:?}");
    }
    let complete = |change: fn(&mut CompleteMultipartUpload)| {
        let parts = vec![first.clone(), second.clone()];
        let mut input = CompleteMultipartUpload { upload: upload.clone(), parts, ..CompleteMultipartUpload::default() };
        change(&mut input);
        at.backend.complete_multipart_upload(at.write(), input)
    };
    let wrong = complete(|input| input.checksum = Some((ChecksumAlgorithm::Crc32, "AAAAAA==".to_owned()))).await;
    let (exact, wrong) = (at.backend.capabilities().exact, code(wrong));
    assert!(wrong == ErrorCode::BadDigest || (!exact && wrong == ErrorCode::InvalidRequest), "{wrong:?}");
    let wrong = complete(|input| input.checksum_kind = Some(ChecksumKind::FullObject)).await;
    assert_eq!(code(wrong), ErrorCode::InvalidRequest);
    assert_eq!(code(complete(|input| input.object_size = Some(1)).await), ErrorCode::InvalidRequest);
    let unconditional = WriteConditions { if_none_match: Some(EtagCondition::Any), ..WriteConditions::default() };
    if at.backend.capabilities().conditional_completions {
        let input = CompleteMultipartUpload {
            upload: upload.clone(),
            parts: vec![first.clone(), second.clone()],
            conditions: unconditional,
            ..CompleteMultipartUpload::default()
        };
        let refused = at.backend.complete_multipart_upload(at.write(), input).await;
        assert_eq!(code(refused), ErrorCode::PreconditionFailed);
    }
    assert_eq!(at.bytes("key").await.unwrap(), b"before");
    complete(|_| {}).await.unwrap();
}

/// Also after the object was replaced; with other parts, the upload does not exist.
pub async fn a_repeated_completion_is_answered_as_the_first_one(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let upload = at.begin("key", Some((ChecksumAlgorithm::Crc32, ChecksumKind::Composite))).await;
    let part = at.part(&upload, 1, b"part").await;
    let other = at.part(&upload, 2, b"other").await;
    let first = at.complete(&upload, std::slice::from_ref(&part)).await.unwrap();
    let again = at.complete(&upload, std::slice::from_ref(&part)).await.unwrap();
    assert_eq!(again.etag, first.etag);
    if !at.backend.capabilities().exact {
        return;
    }
    assert_eq!(again, first);
    at.put("key", b"after").await;
    assert_eq!(at.complete(&upload, std::slice::from_ref(&part)).await.unwrap(), first);
    assert_eq!(at.bytes("key").await.unwrap(), b"after");
    assert_eq!(code(at.complete(&upload, &[other]).await), ErrorCode::NoSuchUpload);
    let of_other_key = upload_ref("other", &upload.upload_id);
    assert_eq!(code(at.complete(&of_other_key, &[part]).await), ErrorCode::NoSuchUpload);
}

/// Its parts too, and the part that is being uploaded.
pub async fn an_aborted_upload_is_gone(harness: &impl S3BackendHarness) {
    let at = Fixture::new(harness).await;
    let upload = at.begin("key", None).await;
    let part = at.part(&upload, 1, b"part").await;
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let late = async move {
        ended.await.unwrap();
        Ok(bytes(5, 1).into())
    };
    let late = storage_hub_s3_backend::VerifiedBody::from_decoded(futures::stream::once(late), None, None);
    let uploading = at.backend.upload_part(at.write(), UploadPart { upload: upload.clone(), number: 2 }, late);
    let aborting = async {
        tokio::task::yield_now().await;
        at.backend.abort_multipart_upload(at.write(), upload.clone()).await.unwrap();
        end.send(()).unwrap();
    };
    let (uploaded, ()) = futures::future::join(uploading, aborting).await;
    assert_eq!(code(uploaded), ErrorCode::NoSuchUpload);
    assert_eq!(code(at.complete(&upload, &[part]).await), ErrorCode::NoSuchUpload);
    let input = UploadPart { upload: upload.clone(), number: 1 };
    assert_eq!(code(at.backend.upload_part(at.write(), input, body(b"x")).await), ErrorCode::NoSuchUpload);
    if !at.backend.capabilities().exact {
        return;
    }
    assert_eq!(code(at.backend.abort_multipart_upload(at.write(), upload).await), ErrorCode::NoSuchUpload);
    let listed = ListMultipartUploads { max_uploads: 10, ..ListMultipartUploads::default() };
    assert!(at.backend.list_multipart_uploads(&at.bucket, &listed).await.unwrap().items.is_empty());
}

//! What a server writes, a client reads: parse(write(x)) = x for every answer.

use http::HeaderMap;
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::checksum::{ChecksumAlgorithm, ChecksumKind};
use crate::object_lock::{ObjectLock, Retention, RetentionMode};
use crate::operation::{
    CreateMultipartUpload, GetObject, GetObjectAttributes, ListBuckets, ListMultipartUploads, ListObjectVersions,
    ListObjects, ListParts, ObjectAttribute, UploadRef,
};
use crate::types::{
    ContentHeaders, Description, ListPage, ListPosition, ListedObject, ListedUpload, ListedVersion, Millis,
    ObjectExpiration, ObjectHead, Written,
};

fn owner() -> Owner {
    Owner { id: "o".to_owned(), display_name: "O".to_owned() }
}

/// Any text, because names are requested with `encoding-type=url`.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[\\PC\t\r\n\u{1}%+?&=/. ]{1,12}", any::<String>().prop_filter("empty", |name| !name.is_empty())]
}

fn id() -> impl Strategy<Value = String> {
    "[A-Za-z0-9._-]{1,16}"
}

/// A moment of whole seconds, as answers tell it.
fn moment() -> impl Strategy<Value = Millis> {
    (0..4_000_000_000_i64).prop_map(|seconds| seconds * 1000)
}

fn kinds() -> impl Strategy<Value = (ChecksumAlgorithm, ChecksumKind)> {
    (select(ChecksumAlgorithm::ALL.to_vec()), select(vec![ChecksumKind::Composite, ChecksumKind::FullObject]))
}

fn checksum() -> impl Strategy<Value = Checksum> {
    (kinds(), "[A-Za-z0-9+/]{4,8}", 1..100_u32).prop_map(|((algorithm, kind), value, parts)| {
        let value = if kind == ChecksumKind::Composite { format!("{value}-{parts}") } else { value };
        Checksum { algorithm, kind, value }
    })
}

prop_compose! {
    fn listed_object()(
        key in name(), size in any::<u64>(), etag in "[a-f0-9-]{1,8}", modified_at in moment(), checksum in of(kinds()),
    ) -> ListedObject {
        ListedObject { key, size, etag, modified_at, checksum }
    }
}

prop_compose! {
    fn listed_version()(
        mut object in listed_object(), version_id in id(), is_latest in any::<bool>(), is_delete_marker in any::<bool>(),
    ) -> ListedVersion {
        if is_delete_marker {
            object = ListedObject { size: 0, etag: String::new(), checksum: None, ..object };
        }
        ListedVersion { object, version_id, is_latest, is_delete_marker }
    }
}

prop_compose! {
    fn listed_upload()(key in name(), upload_id in id(), initiated_at in moment(), checksum in of(kinds())) -> ListedUpload {
        ListedUpload { key, upload_id, initiated_at, checksum }
    }
}

prop_compose! {
    fn listed_part()(
        number in 1..=10_000_u32, size in any::<u64>(), etag in "[a-f0-9]{1,8}", modified_at in moment(),
        checksum in of(checksum()),
    ) -> ListedPart {
        let checksum = checksum.map(|checksum| Checksum::full_object(checksum.algorithm, checksum.value.replace('-', "")));
        ListedPart { number, size, etag, modified_at, checksum }
    }
}

fn page<T: std::fmt::Debug>(
    item: impl Strategy<Value = T>,
    next: impl Strategy<Value = Option<ListPosition>>,
) -> impl Strategy<Value = ListPage<T>> {
    (vec(item, 0..4), vec(name(), 0..3), next).prop_map(|(items, common_prefixes, next)| ListPage {
        items,
        common_prefixes,
        next,
    })
}

prop_compose! {
    fn position()(key in name(), id in of(id())) -> ListPosition {
        ListPosition { key, id }
    }
}

prop_compose! {
    fn written()(
        etag in "[a-f0-9-]{1,8}", modified_at in moment(), version_id in of(id()), checksum in of(checksum()),
        source_version_id in of(id()), expiration in of(expiration()),
    ) -> Written {
        Written { etag, modified_at, version_id, checksum, source_version_id, expiration }
    }
}

fn expiration() -> impl Strategy<Value = ObjectExpiration> {
    (moment(), "\\PC{1,12}").prop_map(|(at, rule_id)| ObjectExpiration { at, rule_id })
}

prop_compose! {
    fn lock()(
        is_strict in any::<bool>(), until in of(moment()), legal_hold in of(any::<bool>()),
    ) -> ObjectLock {
        let mode = if is_strict { RetentionMode::Compliance } else { RetentionMode::Governance };
        ObjectLock { retention: until.map(|retain_until| Retention { mode, retain_until }), legal_hold }
    }
}

prop_compose! {
    fn object_head()(
        headers in vec(of("[!-~]([ -~]{0,10}[!-~])?"), 5), content_type in "[a-z]{1,8}/[a-z]{1,8}",
        metadata in btree_map("[a-z0-9-]{1,8}", "\\PC{0,60}", 0..4), size in 0..1000_u64, from in 0..1000_u64,
        to in 0..1000_u64, etag in "[a-f0-9-]{1,8}", modified_at in moment(), version_id in of(id()),
        more in (of(1..100_u32), of(checksum()), 0..=10_u32, lock(), of(expiration())),
    ) -> ObjectHead {
        let (parts_count, checksum, tags_count, lock, expiration) = more;
        let [cache_control, content_disposition, content_encoding, content_language, expires] =
            headers.try_into().unwrap();
        let content_type = Some(content_type);
        let headers = ContentHeaders {
            content_type, cache_control, content_disposition, content_encoding, content_language, expires,
        };
        let part = from.min(to).min(size)..from.max(to).min(size);
        let partial = !part.is_empty();
        let bytes = if partial { part } else { 0..size };
        let description = Description { headers, metadata };
        ObjectHead {
            description, size, etag, modified_at, version_id, bytes, partial, parts_count, checksum, tags_count, lock,
            expiration,
        }
    }
}

proptest! {
    #[test]
    fn lists_are_read_as_they_were_written(
        listed in page(listed_object(), Just(None)), has_more in any::<bool>(), v2 in any::<bool>(),
    ) {
        let mut listed = listed;
        let last = listed.items.iter().map(|object| &object.key).next_back();
        let last = last.into_iter().chain(listed.common_prefixes.last()).max().cloned();
        listed.next = last.filter(|_| has_more).map(|key| ListPosition { key, id: None });
        let input = ListObjects { v2, encode_urls: true, ..ListObjects::default() };
        let read = parse_list_objects(&list_objects("b", &input, &listed, &owner()).body).unwrap();
        let token = listed.next.as_ref().filter(|_| v2).map(|next| token::write(&next.key));
        prop_assert_eq!(read, Listed { page: listed, next_token: token });
    }

    #[test]
    fn lists_of_versions_and_uploads_are_read_as_they_were_written(
        versions in page(listed_version(), of(position())), uploads in page(listed_upload(), of(position())),
    ) {
        let input = ListObjectVersions { encode_urls: true, ..Default::default() };
        let answer = list_object_versions("b", &input, &versions, &owner());
        prop_assert_eq!(parse_list_object_versions(&answer.body).unwrap().page, versions);
        let input = ListMultipartUploads { encode_urls: true, ..Default::default() };
        let answer = list_multipart_uploads("b", &input, &uploads, &owner());
        prop_assert_eq!(parse_list_multipart_uploads(&answer.body).unwrap().page, uploads);
    }

    #[test]
    fn parts_and_buckets_are_read_as_they_were_written(
        parts in vec(listed_part(), 0..4), next in of(1..10_000_u32), kind in of(kinds()),
        names in vec("[a-z0-9.-]{3,8}", 0..4), created_at in moment(), has_more in any::<bool>(),
    ) {
        let listed = PartsPage { parts, next, checksum: kind };
        prop_assert_eq!(parse_list_parts(&list_parts("b", &ListParts::default(), &listed, &owner()).body).unwrap(), listed);
        let buckets: Vec<_> = names.into_iter().map(|name| ListedBucket { name, created_at }).collect();
        let answer = list_buckets(&ListBuckets::default(), &buckets, has_more, "r", &owner());
        let token = buckets.last().filter(|_| has_more).map(|last| token::write(&last.name));
        prop_assert_eq!(parse_list_buckets(&answer.body).unwrap(), (buckets, token));
    }

    #[test]
    fn what_was_written_is_read_as_it_was_told(written in written(), upload_id in id()) {
        let timeless = Written { modified_at: 0, source_version_id: None, ..written.clone() };
        prop_assert_eq!(parse_put_object(&put_object(&written).headers), timeless.clone());
        prop_assert_eq!(parse_put_object(&upload_part(&written).headers), timeless.clone());
        let upload = UploadRef { key: "k".to_owned(), upload_id: upload_id.clone() };
        let answer = complete_multipart_upload("b", &upload, "/b/k", &written);
        prop_assert_eq!(parse_complete_multipart_upload(&answer.headers, &answer.body).unwrap(), timeless);
        for answer in [copy_object(&written), upload_part_copy(&written)] {
            prop_assert_eq!(parse_copy_object(&answer.headers, &answer.body).unwrap(), written.clone());
        }
        let input = CreateMultipartUpload { key: "k".to_owned(), ..Default::default() };
        let answer = create_multipart_upload("b", &input, &upload_id);
        prop_assert_eq!(parse_create_multipart_upload(&answer.body).unwrap(), upload_id);
    }

    #[test]
    fn the_head_of_an_object_is_read_as_it_was_written(object in object_head()) {
        let mut headers = HeaderMap::new();
        let input = GetObject { checksum_mode: true, ..GetObject::default() };
        let status = write_object_head(&object, &input, &mut headers);
        prop_assert_eq!(parse_object_head(status, &headers).unwrap(), object);
    }

    #[test]
    fn attributes_are_read_as_they_were_written(
        head in object_head(), parts in vec(listed_part(), 0..4), truncated in any::<bool>(), checksum in of(checksum()),
    ) {
        let checksum = checksum.map(|checksum| {
            let value = checksum.value.split('-').next().unwrap().to_owned();
            Checksum { value, ..checksum }
        });
        // Parts are listed only where the object has a checksum.
        let has_parts = checksum.is_some() && !parts.is_empty();
        let parts = parts.into_iter().map(|part| ListedPart { etag: String::new(), modified_at: 0, ..part });
        let object = ObjectAttributes {
            etag: head.etag,
            modified_at: head.modified_at,
            version_id: head.version_id,
            checksum,
            size: head.size,
            parts_count: has_parts.then_some(7),
            parts: if has_parts { parts.collect() } else { Vec::new() },
            parts_truncated: has_parts && truncated,
        };
        let attributes = ObjectAttribute::ALL.into();
        let answer = get_object_attributes(&GetObjectAttributes { attributes, ..Default::default() }, &object);
        prop_assert_eq!(parse_get_object_attributes(&answer.headers, &answer.body).unwrap(), object);
    }
}

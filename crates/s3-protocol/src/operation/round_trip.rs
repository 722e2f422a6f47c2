//! What a client writes, a server reads: parse(write(x)) = x for every operation.

use std::collections::BTreeSet;

use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumKind};
use crate::cors::{CorsConfiguration, CorsRule};
use crate::head::VirtualHosts;
use crate::lifecycle::{Expiration, LifecycleConfiguration, LifecycleFilter, LifecycleRule, NoncurrentExpiration};
use crate::object_lock::{
    DefaultRetention, ObjectLock, ObjectLockConfiguration, Retention, RetentionMode, RetentionPeriod,
};
use crate::response::token;
use crate::tags::{TagOwner, Tags};
use crate::types::{
    ByteRange, ContentHeaders, Description, EtagCondition, IfRange, ListPosition, ReadConditions, WriteConditions,
};
use crate::versioning::VersioningState;
use crate::xml;

fn tags() -> impl Strategy<Value = Tags> {
    btree_map("[a-zä0-9 +=._:/@-]{1,8}", "[a-zä0-9 +=._:/@-]{0,8}", 0..5)
        .prop_filter("S3 keeps it", |tags| tags.keys().all(|key| !key.starts_with("aws:")))
        .prop_map(|tags| Tags::new(TagOwner::Object, tags).unwrap())
}

fn mode() -> impl Strategy<Value = RetentionMode> {
    select(vec![RetentionMode::Governance, RetentionMode::Compliance])
}

fn retention() -> impl Strategy<Value = Retention> {
    (mode(), 0..4_000_000_000_i64).prop_map(|(mode, until)| Retention { mode, retain_until: until * 1000 })
}

fn lock() -> impl Strategy<Value = ObjectLock> {
    (of(retention()), of(any::<bool>())).prop_map(|(retention, legal_hold)| ObjectLock { retention, legal_hold })
}

fn lock_configuration() -> impl Strategy<Value = ObjectLockConfiguration> {
    let period =
        prop_oneof![(1..=36_500_u32).prop_map(RetentionPeriod::Days), (1..=100_u32).prop_map(RetentionPeriod::Years),];
    of((mode(), period).prop_map(|(mode, period)| DefaultRetention { mode, period }))
        .prop_map(|default_retention| ObjectLockConfiguration { default_retention })
}

prop_compose! {
    fn lifecycle_rule()(
        enabled in any::<bool>(), prefix in of(xml_text()), tags in tags(), greater in of(0..100_u64),
        less in of(200..300_u64), is_old_prefix in any::<bool>(), days in of(1..5000_u32), date in 0..20_000_i64,
        kind in 0..3, noncurrent in of((1..100_u32, of(1..=100_u32))), abort in of(1..100_u32),
    ) -> LifecycleRule {
        let filter = if is_old_prefix {
            LifecycleFilter { prefix: Some(prefix.unwrap_or_default()), is_old_prefix, ..LifecycleFilter::default() }
        } else {
            LifecycleFilter { prefix, tags, size_greater_than: greater, size_less_than: less, is_old_prefix }
        };
        let about_objects = filter.is_about_objects();
        let expiration = match kind {
            0 => Expiration::Date(date * 24 * 60 * 60 * 1000),
            1 if !about_objects => Expiration::DeleteMarkers,
            _ => Expiration::Days(days.unwrap_or(1)),
        };
        LifecycleRule {
            id: String::new(), enabled, filter, expiration: Some(expiration),
            noncurrent_expiration: noncurrent.map(|(days, newer_versions)| NoncurrentExpiration { days, newer_versions }),
            abort_upload_days: abort.filter(|_| !about_objects),
        }
    }
}

fn lifecycle() -> impl Strategy<Value = LifecycleConfiguration> {
    vec(lifecycle_rule(), 1..4).prop_map(|rules| {
        let numbered = rules.into_iter().enumerate();
        let rules = numbered.map(|(number, rule)| LifecycleRule { id: format!("id {number}"), ..rule });
        LifecycleConfiguration { rules: rules.collect() }
    })
}

fn object() -> impl Strategy<Value = ObjectVersionRef> {
    (text(), of(text())).prop_map(|(key, version_id)| ObjectVersionRef { key, version_id })
}

fn text() -> impl Strategy<Value = String> {
    "[\\PC\t\r\n%+?&=/. ]{1,12}"
}

/// A text that XML carries.
fn xml_text() -> impl Strategy<Value = String> {
    text().prop_filter("XML cannot carry it", |text| xml::is_writable(text))
}

/// A value that a header has, without white space around it.
fn header_value() -> impl Strategy<Value = String> {
    "[!-~]([ -~]{0,10}[!-~])?"
}

fn position() -> impl Strategy<Value = ListPosition> {
    (text(), of(text())).prop_map(|(key, id)| ListPosition { key, id })
}

fn etags() -> impl Strategy<Value = EtagCondition> {
    prop_oneof![Just(EtagCondition::Any), vec("[a-f0-9,-]{1,6}", 1..4).prop_map(EtagCondition::List)]
}

prop_compose! {
    fn read_conditions()(
        if_match in of(etags()),
        if_none_match in of(etags()),
        if_modified_since in of(0..4_000_000_000_i64),
        if_unmodified_since in of(0..4_000_000_000_i64),
    ) -> ReadConditions {
        ReadConditions { if_match, if_none_match, if_modified_since, if_unmodified_since }
    }
}

prop_compose! {
    fn write_conditions()(if_match in of(etags()), if_none_match in of(etags())) -> WriteConditions {
        WriteConditions { if_match, if_none_match }
    }
}

prop_compose! {
    fn description()(
        headers in vec(of(header_value()), 6),
        metadata in btree_map("[a-z0-9-]{1,8}", "\\PC{0,12}", 0..4),
    ) -> Description {
        let [content_type, cache_control, content_disposition, content_encoding, content_language, expires] =
            headers.try_into().unwrap();
        let headers = ContentHeaders {
            content_type, cache_control, content_disposition, content_encoding, content_language, expires,
        };
        Description { headers, metadata }
    }
}

fn algorithm() -> impl Strategy<Value = ChecksumAlgorithm> {
    select(ChecksumAlgorithm::ALL.to_vec())
}

fn checksum() -> impl Strategy<Value = (ChecksumAlgorithm, String)> {
    use base64::Engine as _;
    (algorithm(), vec(any::<u8>(), 32)).prop_map(|(algorithm, mut bytes)| {
        bytes.truncate(algorithm.bytes());
        (algorithm, base64::engine::general_purpose::STANDARD.encode(bytes))
    })
}

fn kinds() -> impl Strategy<Value = (ChecksumAlgorithm, ChecksumKind)> {
    (algorithm(), select(vec![ChecksumKind::Composite, ChecksumKind::FullObject]))
        .prop_filter("S3 does not have it", |(algorithm, kind)| algorithm.allows(*kind))
}

prop_compose! {
    fn list_objects()(
        v2 in any::<bool>(), prefix in of(text()), delimiter in of(text()), after in of(text()),
        by_token in any::<bool>(), max_keys in 0..=1000_u32, encode_urls in any::<bool>(), owner in any::<bool>(),
    ) -> ListObjects {
        let continues = v2 && by_token;
        ListObjects {
            v2,
            prefix: prefix.unwrap_or_default(),
            delimiter,
            after: after.clone().map(|key| ListPosition { key, id: None }),
            max_keys,
            encode_urls,
            fetch_owner: owner || !v2,
            marker: after.clone().filter(|_| !v2),
            continuation_token: after.as_deref().filter(|_| continues).map(token::write),
            start_after: after.filter(|_| v2 && !by_token),
        }
    }
}

fn range() -> impl Strategy<Value = ByteRange> {
    let number = || 0..i64::MAX.unsigned_abs();
    prop_oneof![
        (number(), number()).prop_map(|(a, b)| ByteRange::Between(a.min(b), a.max(b))),
        number().prop_map(ByteRange::From),
        number().prop_map(ByteRange::Last),
    ]
}

fn if_range() -> impl Strategy<Value = IfRange> {
    prop_oneof!["[a-f0-9-]{1,9}".prop_map(IfRange::Etag), (0..4_000_000_000_i64).prop_map(IfRange::ModifiedAt)]
}

prop_compose! {
    fn get_object()(
        key in text(), version_id in of(text()), range in of(range()), part_number in of(1..=10_000_u32),
        conditions in read_conditions(), checksum_mode in any::<bool>(), content_type in of(header_value()),
        expires in of(header_value()), if_range in of(if_range()),
    ) -> GetObject {
        let overrides = [("content-type", content_type), ("expires", expires)];
        let headers = overrides.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        GetObject {
            key, version_id, range, part_number: part_number.filter(|_| range.is_none()), conditions, checksum_mode,
            if_range: if_range.filter(|_| range.is_some()),
            overrides: ResponseOverrides { headers },
        }
    }
}

prop_compose! {
    fn attributes()(
        key in text(), version_id in of(text()), attributes in subsequence(ObjectAttribute::ALL.to_vec(), 1..=5),
        max_parts in 0..=1000_u32, part_number_marker in 0..20_000_u32, conditions in read_conditions(),
    ) -> GetObjectAttributes {
        let attributes = BTreeSet::from_iter(attributes);
        GetObjectAttributes { key, version_id, attributes, max_parts, part_number_marker, conditions }
    }
}

prop_compose! {
    fn source()(
        bucket in "[a-z0-9.-]{3,8}", key in text(), version_id in of(text()), conditions in read_conditions(),
    ) -> CopySource {
        CopySource { bucket, key, version_id, conditions }
    }
}

prop_compose! {
    fn entry()(
        key in xml_text(), version_id in of("[a-z0-9-]{1,8}"), if_match in of(etags()), unsupported in any::<bool>(),
    ) -> DeleteEntry {
        let conditions = WriteConditions { if_match, if_none_match: None };
        DeleteEntry { key, version_id, conditions, unsupported, bypass_governance: false }
    }
}

fn upload() -> impl Strategy<Value = UploadRef> {
    (text(), text()).prop_map(|(key, upload_id)| UploadRef { key, upload_id })
}

prop_compose! {
    fn complete()(
        upload in upload(), numbers in subsequence((1..=20_u32).collect::<Vec<_>>(), 1..20), etag in "[a-f0-9]{1,8}",
        part_checksum in of(checksum()), conditions in write_conditions(), checksum in of(checksum()),
        checksum_kind in of(kinds()), object_size in of(0..i64::MAX.unsigned_abs()),
    ) -> CompleteMultipartUpload {
        let part_checksum = part_checksum.map(|(algorithm, value)| Checksum::full_object(algorithm, value));
        let parts = numbers.into_iter().map(|number| CompletedPart {
            number, etag: etag.clone(), checksum: part_checksum.clone(),
        });
        CompleteMultipartUpload {
            upload, parts: parts.collect(), conditions, checksum, checksum_kind: checksum_kind.map(|(_, kind)| kind),
            object_size,
        }
    }
}

prop_compose! {
    fn cors()(
        id in of("[a-z ]{1,8}"), origin in "[a-z:/.]{1,8}\\*?", methods in subsequence(vec!["GET", "PUT", "HEAD"], 1..=3),
        allowed_headers in vec("[a-z-]{1,8}\\*?", 0..3), expose_headers in vec("[a-z-]{1,8}", 0..3),
        max_age_seconds in of(0..=i32::MAX.unsigned_abs()), count in 1..4_usize,
    ) -> CorsConfiguration {
        let rule = CorsRule {
            id, allowed_origins: vec![origin], allowed_methods: methods.into_iter().map(str::to_owned).collect(),
            allowed_headers, expose_headers, max_age_seconds,
        };
        CorsConfiguration { rules: vec![rule; count] }
    }
}

fn bucket_operation() -> impl Strategy<Value = Operation> {
    let plain = vec![
        Operation::DeleteBucket,
        Operation::HeadBucket,
        Operation::GetBucketLocation,
        Operation::GetBucketVersioning,
        Operation::GetBucketPolicy,
        Operation::GetBucketPolicyStatus,
        Operation::GetBucketCors,
        Operation::DeleteBucketCors,
        Operation::PutBucketVersioning(PutBucketVersioning { state: VersioningState::Enabled }),
        Operation::PutBucketVersioning(PutBucketVersioning { state: VersioningState::Suspended }),
        Operation::GetBucketTagging,
        Operation::DeleteBucketTagging,
        Operation::GetBucketLifecycle,
        Operation::DeleteBucketLifecycle,
        Operation::GetObjectLockConfiguration,
    ];
    let list =
        (of(text()), of(text()), of(1..=10_000_u32), of(text())).prop_map(|(prefix, after, max_buckets, region)| {
            ListBuckets { prefix: prefix.unwrap_or_default(), after, max_buckets, region }
        });
    let page = || (of(text()), of(text()), of(position()), 1..=1000_u32, any::<bool>());
    prop_oneof![
        select(plain),
        list.prop_map(Operation::ListBuckets),
        (of("[a-z0-9-]{1,8}"), any::<bool>())
            .prop_map(|(location, object_lock)| Operation::CreateBucket(CreateBucket { location, object_lock })),
        tags().prop_map(|tags| Operation::PutBucketTagging(PutBucketTagging { tags })),
        lifecycle().prop_map(|configuration| Operation::PutBucketLifecycle(PutBucketLifecycle { configuration })),
        lock_configuration().prop_map(|configuration| {
            Operation::PutObjectLockConfiguration(PutObjectLockConfiguration { configuration })
        }),
        cors().prop_map(|configuration| Operation::PutBucketCors(PutBucketCors { configuration })),
        list_objects().prop_map(Operation::ListObjects),
        page().prop_map(|(prefix, delimiter, after, max_keys, encode_urls)| {
            let prefix = prefix.unwrap_or_default();
            Operation::ListObjectVersions(ListObjectVersions { prefix, delimiter, after, max_keys, encode_urls })
        }),
        page().prop_map(|(prefix, delimiter, after, max_uploads, encode_urls)| {
            let prefix = prefix.unwrap_or_default();
            Operation::ListMultipartUploads(ListMultipartUploads { prefix, delimiter, after, max_uploads, encode_urls })
        }),
        (any::<bool>(), any::<bool>(), vec(entry(), 1..5)).prop_map(|(quiet, bypass_governance, objects)| {
            let objects = objects.into_iter().map(|entry| DeleteEntry { bypass_governance, ..entry }).collect();
            Operation::DeleteObjects(DeleteObjects { quiet, bypass_governance, objects })
        }),
    ]
}

fn object_operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        get_object().prop_map(Operation::GetObject),
        get_object().prop_map(Operation::HeadObject),
        attributes().prop_map(Operation::GetObjectAttributes),
        object().prop_map(Operation::GetObjectTagging),
        object().prop_map(Operation::DeleteObjectTagging),
        object().prop_map(Operation::GetObjectRetention),
        object().prop_map(Operation::GetObjectLegalHold),
        (object(), tags()).prop_map(|(object, tags)| Operation::PutObjectTagging(PutObjectTagging { object, tags })),
        (object(), of(retention()), any::<bool>()).prop_map(|(object, retention, bypass_governance)| {
            Operation::PutObjectRetention(PutObjectRetention { object, retention, bypass_governance })
        }),
        (object(), any::<bool>()).prop_map(|(object, legal_hold)| {
            Operation::PutObjectLegalHold(PutObjectLegalHold { object, legal_hold })
        }),
        (text(), description(), write_conditions(), tags(), lock()).prop_map(
            |(key, description, conditions, tags, lock)| {
                Operation::PutObject(PutObject { key, description, conditions, tags, lock })
            }
        ),
        (text(), source(), of(description()), of(algorithm()), write_conditions(), of(tags()), lock()).prop_map(
            |(key, source, description, checksum_algorithm, conditions, tags, lock)| {
                Operation::CopyObject(CopyObject {
                    key,
                    source,
                    description,
                    checksum_algorithm,
                    conditions,
                    tags,
                    lock,
                })
            }
        ),
        (text(), of(text()), of(etags()), any::<bool>()).prop_map(|(key, version_id, if_match, bypass_governance)| {
            let conditions = WriteConditions { if_match, if_none_match: None };
            Operation::DeleteObject(DeleteEntry { key, version_id, conditions, unsupported: false, bypass_governance })
        }),
        (text(), description(), of(kinds()), tags(), lock()).prop_map(|(key, description, checksum, tags, lock)| {
            Operation::CreateMultipartUpload(CreateMultipartUpload { key, description, checksum, tags, lock })
        }),
        (upload(), 1..=10_000_u32).prop_map(|(upload, number)| Operation::UploadPart(UploadPart { upload, number })),
        (upload(), 1..=10_000_u32, source(), of((0..1000_u64, 1000..2000_u64))).prop_map(
            |(upload, number, source, range)| {
                Operation::UploadPartCopy(UploadPartCopy { upload, number, source, range })
            }
        ),
        complete().prop_map(Operation::CompleteMultipartUpload),
        upload().prop_map(Operation::AbortMultipartUpload),
        (upload(), 0..20_000_u32, 0..=1000_u32)
            .prop_map(|(upload, after, max_parts)| Operation::ListParts(ListParts { upload, after, max_parts })),
    ]
}

/// Reads a request as a server does.
fn read(request: &RequestTemplate) -> S3Result<Operation> {
    let mut builder = http::Request::builder().method(&request.method).uri(request.target()).header("host", "hub");
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let (parts, ()) = builder.body(()).unwrap().into_parts();
    let head = RequestHead::parse(&parts, &VirtualHosts::default())?;
    let mut operation = Operation::parse(&head)?;
    operation.accept_document(&request.document)?;
    Ok(operation)
}

proptest! {
    #[test]
    fn what_a_client_writes_a_server_reads(
        operation in prop_oneof![bucket_operation(), object_operation()], bucket in "[a-z0-9.-]{3,8}",
    ) {
        let bucket = (operation.name() != OperationName::ListBuckets).then_some(bucket.as_str());
        let request = operation.to_request(bucket).unwrap();
        let read = read(&request).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(read, operation);
    }

    #[test]
    fn the_target_is_that_of_the_operation(bucket in "[a-z0-9.-]{3,8}", key in any::<String>()) {
        prop_assume!(!key.is_empty());
        let operation = Operation::GetObject(GetObject { key: key.clone(), ..GetObject::default() });
        let request = operation.to_request(Some(&bucket)).unwrap();
        let uri: http::Uri = format!("http://hub{}", request.target()).parse().unwrap();
        let (parts, ()) = http::Request::get(uri).header("host", "hub").body(()).unwrap().into_parts();
        let head = RequestHead::parse(&parts, &VirtualHosts::default()).unwrap();
        prop_assert_eq!(head.target().bucket(), Some(bucket.as_str()));
        prop_assert_eq!(head.target().key(), Some(key.as_str()));
    }
}

use std::collections::BTreeMap;

use http::HeaderMap;

use super::*;
use crate::checksum::{ChecksumAlgorithm, ChecksumKind};
use crate::error::{ErrorCode, S3Error};
use crate::operation::{
    DeleteEntry, DeleteObjects, GetObject, GetObjectAttributes, ListBuckets, ListMultipartUploads, ListObjects,
    ObjectAttribute, ResponseOverrides, UploadRef,
};
use crate::tags::Tags;
use crate::types::{
    ContentHeaders, Description, ListPage, ListPosition, ListedObject, ListedUpload, ObjectHead, Written,
};

const MODIFIED: i64 = 1_795_648_846_789;
const XMLNS: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

fn owner() -> Owner {
    Owner { id: "storage-hub".to_owned(), display_name: "storage-hub".to_owned() }
}

/// The document without its declaration.
fn text(answer: &Answer) -> String {
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").unwrap().to_owned()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

fn object(key: &str) -> ListedObject {
    ListedObject { key: key.to_owned(), size: 7, etag: "e".to_owned(), modified_at: MODIFIED, checksum: None }
}

fn page<T>(items: Vec<T>, prefixes: &[&str], next: Option<&str>) -> ListPage<T> {
    let common_prefixes = prefixes.iter().map(|&prefix| prefix.to_owned()).collect();
    ListPage { items, common_prefixes, next: next.map(|key| ListPosition { key: key.to_owned(), id: None }) }
}

fn written(checksum: Option<Checksum>) -> Written {
    Written { etag: "e".to_owned(), modified_at: MODIFIED, checksum, ..Written::default() }
}

fn head() -> ObjectHead {
    ObjectHead {
        description: Description::default(),
        size: 10,
        etag: "e".to_owned(),
        modified_at: MODIFIED,
        bytes: 0..10,
        checksum: Some(Checksum::full_object(ChecksumAlgorithm::Crc32, "AAAAAA==")),
        ..ObjectHead::default()
    }
}

#[test]
fn a_list_of_version_1_and_one_of_version_2_are_written_as_s3_does() {
    let listed = page(vec![object("a b&c")], &["d/"], Some("d/"));
    let input = ListObjects { max_keys: 2, delimiter: Some("/".to_owned()), fetch_owner: true, ..Default::default() };
    assert_eq!(
        text(&list_objects("photos", &input, &listed, &owner())),
        format!(
            "<ListBucketResult {XMLNS}><Name>photos</Name><Prefix></Prefix><Marker></Marker><NextMarker>d/</NextMarker>\
             <MaxKeys>2</MaxKeys><Delimiter>/</Delimiter><IsTruncated>true</IsTruncated>\
             <Contents><Key>a b&amp;c</Key><LastModified>2026-11-25T23:20:46.000Z</LastModified>\
             <ETag>&quot;e&quot;</ETag><Size>7</Size><Owner><ID>storage-hub</ID><DisplayName>storage-hub</DisplayName>\
             </Owner><StorageClass>STANDARD</StorageClass></Contents>\
             <CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes></ListBucketResult>"
        )
    );
    let input = ListObjects { v2: true, encode_urls: true, max_keys: 1000, ..Default::default() };
    assert_eq!(
        text(&list_objects("photos", &input, &page(vec![object("a b/ü+")], &[], None), &owner())),
        format!(
            "<ListBucketResult {XMLNS}><Name>photos</Name><Prefix></Prefix><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys>\
             <EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Contents><Key>a%20b/%C3%BC%2B</Key>\
             <LastModified>2026-11-25T23:20:46.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>7</Size>\
             <StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"
        )
    );
}

#[test]
fn a_key_that_xml_cannot_carry_leaves_the_document_well_formed() {
    let listed = page(vec![object("a\rb"), object("a\u{10}b")], &["\u{1}/"], None);
    let input = ListObjects { max_keys: 9, ..Default::default() };
    let answer = list_objects("photos", &input, &listed, &owner());
    assert!(text(&answer).contains("<Key>a&#13;b</Key>"));
    let read = parse_list_objects(&answer.body).unwrap().page;
    let keys: Vec<_> = read.items.iter().map(|object| object.key.as_str()).collect();
    assert_eq!((keys, read.common_prefixes), (vec!["a\rb", "a%10b"], vec!["%01/".to_owned()]));
    // With the encoding, which SDKs request by themselves, nothing is lost.
    let input = ListObjects { encode_urls: true, ..input };
    let answer = list_objects("photos", &input, &listed, &owner());
    assert_eq!(
        parse_list_objects(&answer.body).unwrap().page,
        ListPage { items: vec![object("a\rb"), object("a\u{10}b")].into_iter().map(whole_second).collect(), ..listed }
    );
}

fn whole_second(object: ListedObject) -> ListedObject {
    ListedObject { modified_at: object.modified_at / 1000 * 1000, ..object }
}

#[test]
fn uploads_are_written_with_their_markers() {
    let upload = ListedUpload {
        key: "k".to_owned(),
        upload_id: "u".to_owned(),
        initiated_at: MODIFIED,
        checksum: Some((ChecksumAlgorithm::Sha256, ChecksumKind::Composite)),
    };
    let mut listed = page(vec![upload], &[], Some("k"));
    listed.next = Some(ListPosition { key: "k".to_owned(), id: Some("u".to_owned()) });
    let text = text(&list_multipart_uploads("b", &ListMultipartUploads::default(), &listed, &owner()));
    for part in [
        "<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker>",
        "<Initiator><ID>storage-hub</ID>",
        "<Initiated>2026-11-25T23:20:46.000Z</Initiated><ChecksumAlgorithm>SHA256</ChecksumAlgorithm>\
         <ChecksumType>COMPOSITE</ChecksumType></Upload>",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn buckets_are_listed_with_a_token_where_there_are_more() {
    let buckets = [ListedBucket { name: "photos".to_owned(), created_at: MODIFIED }];
    let input = ListBuckets { max_buckets: Some(1), prefix: "p".to_owned(), ..Default::default() };
    let answer = list_buckets(&input, &buckets, true, "eu-west-1", &owner());
    assert_eq!(
        text(&answer),
        format!(
            "<ListAllMyBucketsResult {XMLNS}><Owner><ID>storage-hub</ID><DisplayName>storage-hub</DisplayName></Owner>\
             <Buckets><Bucket><Name>photos</Name><CreationDate>2026-11-25T23:20:46.000Z</CreationDate>\
             <BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets>\
             <ContinuationToken>v1.cGhvdG9z</ContinuationToken><Prefix>p</Prefix></ListAllMyBucketsResult>"
        )
    );
    assert_eq!(token::read(&parse_list_buckets(&answer.body).unwrap().1.unwrap()).unwrap(), "photos");
}

#[test]
fn the_region_us_east_1_has_no_name_in_a_location() {
    assert_eq!(text(&get_bucket_location("us-east-1")), format!("<LocationConstraint {XMLNS}></LocationConstraint>"));
    for region in ["us-east-1", "eu-west-1"] {
        assert_eq!(parse_get_bucket_location(&get_bucket_location(region).body).unwrap(), region);
    }
}

#[test]
fn the_head_of_an_object_tells_what_was_stored_and_requested() {
    let mut headers = HeaderMap::new();
    let object = ObjectHead {
        description: Description {
            headers: ContentHeaders { expires: Some("7d".to_owned()), ..ContentHeaders::default() },
            metadata: BTreeMap::from([("plain".to_owned(), "a".to_owned()), ("colour".to_owned(), "Grün".to_owned())]),
        },
        ..head()
    };
    assert_eq!(write_object_head(&object, &GetObject::default(), &mut headers), StatusCode::OK);
    let expected = [
        ("accept-ranges", Some("bytes")),
        ("content-length", Some("10")),
        ("content-type", Some("binary/octet-stream")),
        ("content-range", None),
        ("etag", Some("\"e\"")),
        ("last-modified", Some("Wed, 25 Nov 2026 23:20:46 GMT")),
        ("expires", Some("7d")),
        ("x-amz-meta-plain", Some("a")),
        ("x-amz-meta-colour", Some("=?UTF-8?B?R3LDvG4=?=")),
        ("x-amz-checksum-crc32", None),
    ];
    for (name, value) in expected {
        assert_eq!(header(&headers, name), value, "{name}");
    }
}

#[test]
fn a_part_is_told_with_its_checksum_and_a_range_with_its_place() {
    let overrides = ResponseOverrides { headers: vec![("content-type", "text/html".to_owned())] };
    let input = GetObject { checksum_mode: true, overrides, ..Default::default() };
    let mut headers = HeaderMap::new();
    let part = ObjectHead { bytes: 2..5, partial: true, parts_count: Some(2), ..head() };
    assert_eq!(write_object_head(&part, &input, &mut headers), StatusCode::PARTIAL_CONTENT);
    let expected = [
        ("content-length", "3"),
        ("content-type", "text/html"),
        ("content-range", "bytes 2-4/10"),
        ("x-amz-mp-parts-count", "2"),
        ("x-amz-checksum-crc32", "AAAAAA=="),
        ("x-amz-checksum-type", "FULL_OBJECT"),
    ];
    for (name, value) in expected {
        assert_eq!(header(&headers, name), Some(value), "{name}");
    }
    let empty = ObjectHead { bytes: 0..0, size: 0, partial: true, ..head() };
    assert_eq!(write_object_head(&empty, &input, &mut HeaderMap::new()), StatusCode::OK);
}

#[test]
fn attributes_have_a_bare_etag_and_a_composite_checksum_without_its_count() {
    let object = ObjectAttributes {
        etag: "e-2".to_owned(),
        modified_at: MODIFIED,
        version_id: None,
        checksum: Some(Checksum {
            algorithm: ChecksumAlgorithm::Sha256,
            kind: ChecksumKind::Composite,
            value: "c-2".to_owned(),
        }),
        size: 7,
        parts_count: Some(2),
        parts: vec![ListedPart {
            number: 1,
            size: 5,
            etag: String::new(),
            modified_at: 0,
            checksum: Some(Checksum::full_object(ChecksumAlgorithm::Sha256, "p")),
        }],
        parts_truncated: true,
    };
    let input =
        GetObjectAttributes { attributes: ObjectAttribute::ALL.into(), max_parts: 1, ..GetObjectAttributes::default() };
    let answer = get_object_attributes(&input, &object);
    assert_eq!(
        text(&answer),
        format!(
            "<GetObjectAttributesResponse {XMLNS}><ETag>e-2</ETag><Checksum><ChecksumSHA256>c</ChecksumSHA256>\
             <ChecksumType>COMPOSITE</ChecksumType></Checksum><ObjectParts><IsTruncated>true</IsTruncated>\
             <MaxParts>1</MaxParts><NextPartNumberMarker>1</NextPartNumberMarker><PartNumberMarker>0</PartNumberMarker>\
             <PartsCount>2</PartsCount><Part><ChecksumSHA256>p</ChecksumSHA256><PartNumber>1</PartNumber><Size>5</Size>\
             </Part></ObjectParts><StorageClass>STANDARD</StorageClass><ObjectSize>7</ObjectSize>\
             </GetObjectAttributesResponse>"
        )
    );
    assert_eq!(header(&answer.headers, "last-modified"), Some("Wed, 25 Nov 2026 23:20:46 GMT"));
    let object = ObjectAttributes { checksum: None, parts: Vec::new(), parts_truncated: false, ..object };
    let text = text(&get_object_attributes(&input, &object));
    assert!(text.contains("<ObjectParts><PartsCount>2</PartsCount></ObjectParts>"), "{text}");
    let input = GetObjectAttributes { attributes: [ObjectAttribute::ObjectSize].into(), ..input };
    let document = self::text(&get_object_attributes(&input, &object));
    assert_eq!(document.matches("</").count(), 2, "{document}");
}

#[test]
fn what_was_written_is_told_in_headers_or_in_a_document() {
    let checksum = Checksum::full_object(ChecksumAlgorithm::Crc32, "AAAAAA==");
    let answer = put_object(&written(Some(checksum.clone())));
    assert_eq!(header(&answer.headers, "etag"), Some("\"e\""));
    assert_eq!(header(&answer.headers, "x-amz-checksum-type"), Some("FULL_OBJECT"));
    assert_eq!(header(&upload_part(&written(Some(checksum.clone()))).headers, "x-amz-checksum-type"), None);
    assert_eq!(
        text(&copy_object(&written(Some(checksum)))),
        format!(
            "<CopyObjectResult {XMLNS}><LastModified>2026-11-25T23:20:46.000Z</LastModified><ETag>&quot;e&quot;</ETag>\
             <ChecksumCRC32>AAAAAA==</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType></CopyObjectResult>"
        )
    );
    let upload = UploadRef { key: "k".to_owned(), upload_id: "u".to_owned() };
    assert_eq!(
        text(&complete_multipart_upload("b", &upload, "/b/k", &written(None))),
        format!(
            "<CompleteMultipartUploadResult {XMLNS}><Location>/b/k</Location><Bucket>b</Bucket><Key>k</Key>\
             <ETag>&quot;e&quot;</ETag></CompleteMultipartUploadResult>"
        )
    );
    let answer = post_object(StatusCode::CREATED, "http://hub", "b", "a b", &written(None));
    assert!(text(&answer).starts_with("<PostResponse><Location>http://hub/b/a%20b</Location><Bucket>b</Bucket>"));
    let answer = post_object(StatusCode::NO_CONTENT, "http://hub", "b", "k", &written(None));
    assert_eq!((answer.body.len(), header(&answer.headers, "location")), (0, Some("http://hub/b/k")));
}

#[test]
fn each_entry_of_a_deletion_has_its_result() {
    let entry = |key: &str, version: Option<&str>| DeleteEntry {
        key: key.to_owned(),
        version_id: version.map(str::to_owned),
        ..DeleteEntry::default()
    };
    let mut input = DeleteObjects {
        quiet: false,
        bypass_governance: false,
        objects: vec![entry("a", None), entry("b", Some("v")), entry("c", None), entry("a", Some("v"))],
    };
    let results = || {
        let plain = |marker: Option<&str>| Ok(Deleted { version_id: None, delete_marker: marker.map(str::to_owned) });
        vec![plain(None), plain(None), Err(S3Error::new(ErrorCode::PreconditionFailed)), plain(Some("m"))]
    };
    let answer = delete_objects(&input, &results());
    assert_eq!(
        text(&answer),
        format!(
            "<DeleteResult {XMLNS}><Deleted><Key>a</Key></Deleted><Deleted><Key>b</Key><VersionId>v</VersionId></Deleted>\
             <Error><Key>c</Key><Code>PreconditionFailed</Code><Message>{}</Message></Error>\
             <Deleted><Key>a</Key><VersionId>v</VersionId><DeleteMarker>true</DeleteMarker>\
             <DeleteMarkerVersionId>m</DeleteMarkerVersionId></Deleted></DeleteResult>",
            ErrorCode::PreconditionFailed.message()
        )
    );
    let codes = |input: &DeleteObjects, answer: &Answer| {
        let read = parse_delete_objects(input, &answer.body).unwrap();
        read.into_iter().map(|result| result.map_err(|error| error.code()).err()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&input, &answer), [None, None, Some(ErrorCode::PreconditionFailed), None]);
    // An entry that is not mentioned was deleted only where the request was quiet.
    let empty = delete_objects(&input, &[]);
    assert_eq!(codes(&input, &empty), [Some(ErrorCode::InternalError); 4]);
    input.quiet = true;
    let answer = delete_objects(&input, &results());
    assert_eq!(text(&answer).matches("<Deleted>").count(), 0);
    assert_eq!(codes(&input, &answer), [None, None, Some(ErrorCode::PreconditionFailed), None]);
}

#[test]
fn an_error_within_an_answer_of_success_is_an_error() {
    let document = S3Error::new(ErrorCode::InvalidPart).to_document("/b/k", "1", "2");
    let headers = HeaderMap::new();
    let completed = parse_complete_multipart_upload(&headers, document.as_bytes());
    assert_eq!(completed.unwrap_err().code(), ErrorCode::InvalidPart);
    assert_eq!(parse_copy_object(&headers, document.as_bytes()).unwrap_err().code(), ErrorCode::InvalidPart);
    for unreadable in ["", "<html/>", "<CopyObjectResult>"] {
        let error = parse_copy_object(&headers, unreadable.as_bytes()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InternalError, "{unreadable}");
    }
}

#[test]
fn fixed_documents_are_those_of_s3() {
    assert_eq!(
        text(&get_bucket_versioning(None)),
        format!("<VersioningConfiguration {XMLNS}></VersioningConfiguration>")
    );
    assert_eq!(
        text(&get_object_tagging(&Tags::default(), None)),
        format!("<Tagging {XMLNS}><TagSet></TagSet></Tagging>")
    );
    assert_eq!(
        text(&get_bucket_policy_status(false)),
        format!("<PolicyStatus {XMLNS}><IsPublic>false</IsPublic></PolicyStatus>")
    );
    assert_eq!(
        text(&get_acl(&owner())),
        format!(
            "<AccessControlPolicy {XMLNS}><Owner><ID>storage-hub</ID><DisplayName>storage-hub</DisplayName></Owner>\
             <AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
             xsi:type=\"CanonicalUser\"><ID>storage-hub</ID><DisplayName>storage-hub</DisplayName></Grantee>\
             <Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>"
        )
    );
}

use super::*;
use crate::checksum::{ChecksumAlgorithm, ChecksumKind};
use crate::head::VirtualHosts;
use crate::types::EtagCondition;

/// Parses a request: its method and target, and its headers.
fn parse(request: &str, headers: &[(&str, &str)]) -> Result<Operation, ErrorCode> {
    let (method, target) = request.split_once(' ').unwrap();
    let mut builder = http::Request::builder().method(method).uri(target).header("host", "hub.example");
    for (name, value) in headers {
        builder = builder.header(*name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let (parts, ()) = builder.body(()).unwrap().into_parts();
    let head = RequestHead::parse(&parts, &VirtualHosts::default()).map_err(|error| error.code_of_sentence())?;
    Operation::parse(&head).map_err(|error| error.code_of_sentence())
}

fn get(headers: &[(&str, &str)]) -> GetObject {
    match parse("GET /b/k", headers) {
        Ok(Operation::GetObject(input)) => input,
        other => panic!("{other:?}"),
    }
}

fn put(headers: &[(&str, &str)]) -> PutObject {
    match parse("PUT /b/k", headers) {
        Ok(Operation::PutObject(input)) => input,
        other => panic!("{other:?}"),
    }
}

fn delete(document: &str) -> Result<DeleteObjects, ErrorCode> {
    let mut operation = parse("POST /b?delete", &[])?;
    operation.accept_document(document.as_bytes()).map_err(|error| error.code_of_sentence())?;
    let Operation::DeleteObjects(input) = operation else { panic!("{operation:?}") };
    Ok(input)
}

fn complete(document: &str) -> Result<CompleteMultipartUpload, ErrorCode> {
    let mut operation = parse("POST /b/k?uploadId=x", &[])?;
    operation.accept_document(document.as_bytes()).map_err(|error| error.code_of_sentence())?;
    let Operation::CompleteMultipartUpload(input) = operation else { panic!("{operation:?}") };
    Ok(input)
}

#[test]
fn an_unreadable_date_of_a_condition_is_ignored() {
    let table = [
        ("Sun, 5 Feb 2023 06:07:08 GMT", Some(1_675_577_228)),
        ("Sun, 05 Feb 2023 06:07:08 GMT", Some(1_675_577_228)),
        ("yesterday", None),
        ("", None),
    ];
    for (date, expected) in table {
        assert_eq!(get(&[("if-unmodified-since", date)]).conditions.if_unmodified_since, expected, "{date}");
        assert_eq!(get(&[("if-modified-since", date)]).conditions.if_modified_since, expected, "{date}");
    }
}

#[test]
fn etag_conditions_name_several_etags() {
    let condition = get(&[("if-none-match", r#""x", W/"y", z"#)]).conditions.if_none_match.unwrap();
    for (etag, matches) in [("x", true), ("y", true), ("z", true), ("w", false)] {
        assert_eq!(condition.matches(etag), matches, "{etag}");
    }
    assert_eq!(parse("GET /b/k", &[("if-match", "\"x")]), Err(ErrorCode::InvalidArgument));
    assert_eq!(put(&[("if-none-match", "*")]).conditions.if_none_match, Some(EtagCondition::Any));
    let some = Some(EtagCondition::List(vec!["x".into()]));
    assert_eq!(put(&[("if-none-match", "\"x\"")]).conditions.if_none_match, some);
    assert_eq!(put(&[("if-match", "x")]).conditions.if_match, some);
    assert_eq!(parse("PUT /b/k", &[("if-unmodified-since", "yesterday")]), Err(ErrorCode::NotImplemented));
}

#[test]
fn headers_of_the_content_are_kept_as_they_were_sent() {
    for expires in ["0", "7d", "Sun, 05 Feb 2023 06:07:08 GMT"] {
        assert_eq!(put(&[("expires", expires)]).description.headers.expires.as_deref(), Some(expires));
    }
    let headers =
        put(&[("content-encoding", "br;q=1 , gzip"), ("content-type", "text/plain; x=\"1\"")]).description.headers;
    assert_eq!(headers.content_encoding.as_deref(), Some("br;q=1 , gzip"));
    assert_eq!(headers.content_type.as_deref(), Some("text/plain; x=\"1\""));
    assert_eq!(put(&[("content-encoding", "aws-chunked")]).description.headers.content_encoding, None);
    let disposition = "attachment; filename=\"Grüße\"";
    let headers = put(&[("content-disposition", disposition)]).description.headers;
    assert_eq!(headers.content_disposition.as_deref(), Some(disposition));
}

#[test]
fn metadata_is_joined_decoded_and_limited() {
    let metadata = |headers: &[(&str, &str)]| put(headers).description.metadata;
    let colour = metadata(&[("x-amz-meta-colour", "red"), ("x-amz-meta-Colour", "Blue")]);
    assert_eq!(colour.get("colour").map(String::as_str), Some("red,Blue"));
    let table = [
        ("=?ISO-8859-1?Q?Gr=FC=DFe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("Grüße", "Grüße"),
        ("=?not an encoded word", "=?not an encoded word"),
        ("", ""),
    ];
    for (sent, stored) in table {
        assert_eq!(metadata(&[("x-amz-meta-t", sent)]).get("t").map(String::as_str), Some(stored), "{sent}");
    }
    let long = "x".repeat(2047);
    assert_eq!(metadata(&[("x-amz-meta-t", &long)]).len(), 1);
    let long = "x".repeat(2048);
    assert_eq!(parse("PUT /b/k", &[("x-amz-meta-t", &long)]), Err(ErrorCode::MetadataTooLarge));
}

#[test]
fn headers_of_presigned_urls_may_be_in_the_query() {
    let operation = parse("PUT /b/k?x-amz-meta-a=1&x-amz-acl=private", &[]);
    let Ok(Operation::PutObject(input)) = operation else { panic!("{operation:?}") };
    assert_eq!(input.description.metadata.get("a").map(String::as_str), Some("1"));
    let Ok(Operation::GetObject(input)) = parse("GET /b/k?x-amz-checksum-mode=ENABLED", &[]) else { panic!() };
    assert!(input.checksum_mode);
    assert_eq!(parse("PUT /b/k?x-amz-acl=public-read", &[]), Err(ErrorCode::NotImplemented));
}

#[test]
fn a_header_that_is_in_the_query_too_has_one_value() {
    let twice = |value| parse("PUT /b/k?x-amz-meta-a=1", &[("x-amz-meta-a", value)]);
    let Ok(Operation::PutObject(input)) = twice("1") else { panic!() };
    assert_eq!(input.description.metadata.len(), 1);
    assert_eq!(twice("2"), Err(ErrorCode::InvalidRequest));
    assert_eq!(parse("PUT /b/k?x-amz-meta-a=1&X-Amz-Meta-A=2", &[]), Err(ErrorCode::InvalidRequest));
}

/// The SDK for Go writes them so.
#[test]
fn headers_in_the_query_may_have_capitals() {
    for name in ["X-Amz-Server-Side-Encryption", "X-Amz-Acl", "X-Amz-Website-Redirect-Location"] {
        assert_eq!(parse(&format!("PUT /b/k?{name}=x"), &[]), Err(ErrorCode::NotImplemented), "{name}");
    }
    assert_eq!(parse("PUT /b/k?X-Amz-Copy-Source=b/l", &[]).unwrap().name(), OperationName::CopyObject);
    let Ok(Operation::PutObject(input)) = parse("PUT /b/k?X-Amz-Meta-A=1&X-Amz-Date=x&X-Amz-Expires=1", &[]) else {
        panic!()
    };
    assert_eq!(input.description.metadata.get("a").map(String::as_str), Some("1"));
}

#[test]
fn conditions_on_the_source_of_a_copy_may_be_in_the_query() {
    let source = "x-amz-copy-source=b/l&x-amz-copy-source-if-match=x&x-amz-copy-source-if-unmodified-since=\
                  Sun,%2005%20Feb%202023%2006:07:08%20GMT";
    let Ok(Operation::CopyObject(input)) = parse(&format!("PUT /b/k?{source}"), &[]) else { panic!() };
    assert!(input.source.conditions.if_match.is_some());
    assert_eq!(input.source.conditions.if_unmodified_since, Some(1_675_577_228));
    // Those of the target are not headers of Amazon, and never in the query.
    let Ok(Operation::PutObject(input)) = parse("PUT /b/k?if-match=x", &[]) else { panic!() };
    assert_eq!(input.conditions.if_match, None);
}

#[test]
fn a_range_counts_only_for_the_object_that_its_condition_names() {
    let range_of = |if_range| get(&[("range", "bytes=1-2"), ("if-range", if_range)]).range_of("x", 784_111_777_999);
    for holds in ["\"x\"", "Sun, 06 Nov 1994 08:49:37 GMT"] {
        assert!(range_of(holds).is_some(), "{holds}");
    }
    for fails in ["\"y\"", "W/\"x\"", "x", "", "Sun, 06 Nov 1994 08:49:38 GMT", "yesterday"] {
        assert_eq!(range_of(fails), None, "{fails}");
    }
    assert!(get(&[("range", "bytes=1-2")]).range_of("x", 0).is_some());
    assert_eq!(get(&[("if-range", "\"x\"")]).if_range, None);
}

#[test]
fn a_feature_that_does_not_exist_is_refused() {
    let refused = [
        ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-server-side-encryption-customer-key", "x"),
        ("x-amz-copy-source-server-side-encryption-customer-key", "x"),
        ("x-amz-object-ownership", "ObjectWriter"),
        ("x-amz-website-redirect-location", "/"),
        ("x-amz-storage-class", "GLACIER"),
        ("x-amz-grant-read", "id=x"),
        ("x-amz-acl", "public-read"),
        ("x-amz-write-offset-bytes", "0"),
        ("x-amz-mfa", "x"),
    ];
    let requests =
        ["PUT /b/k", "GET /b/k", "PUT /b", "POST /b/k?uploads", "PUT /b/k?uploadId=x&partNumber=1", "DELETE /b/k"];
    for header in refused {
        for request in requests {
            assert_eq!(parse(request, &[header]), Err(ErrorCode::NotImplemented), "{request} {header:?}");
        }
    }
    // Tags and locks are those of a new object; elsewhere they would have no effect.
    for header in [("x-amz-tagging", "a=b"), ("x-amz-object-lock-legal-hold", "ON")] {
        for request in ["GET /b/k", "PUT /b", "PUT /b/k?uploadId=x&partNumber=1", "DELETE /b/k"] {
            assert_eq!(parse(request, &[header]), Err(ErrorCode::NotImplemented), "{request} {header:?}");
        }
        for request in ["PUT /b/k", "POST /b/k?uploads"] {
            assert!(parse(request, &[header]).is_ok(), "{request} {header:?}");
        }
    }
    assert_eq!(parse("PUT /b/k", &[("x-amz-bucket-object-lock-enabled", "true")]), Err(ErrorCode::NotImplemented));
    let accepted = [
        ("x-amz-acl", "private"),
        ("x-amz-acl", "bucket-owner-full-control"),
        ("x-amz-tagging", ""),
        ("x-amz-storage-class", "STANDARD"),
        ("x-amz-bucket-object-lock-enabled", "false"),
        ("x-amz-object-ownership", "BucketOwnerEnforced"),
        ("x-amz-expected-bucket-owner", "123456789012"),
        ("x-amz-request-payer", "requester"),
    ];
    for header in accepted {
        for request in requests {
            assert!(parse(request, &[header]).is_ok(), "{request} {header:?}");
        }
    }
}

#[test]
fn what_cannot_be_parsed_is_refused() {
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], ErrorCode);
    let table: [Row<'_>; 25] = [
        ("GET /b/k?partNumber=0", &[], ErrorCode::InvalidArgument),
        ("GET /b/k?partNumber=10001", &[], ErrorCode::InvalidArgument),
        ("GET /b/k?partNumber=x", &[], ErrorCode::InvalidArgument),
        ("GET /b/k?partNumber=1", &[("range", "bytes=0-1")], ErrorCode::InvalidRequest),
        ("GET /b/k?response-content-type=a%0Ab", &[], ErrorCode::InvalidArgument),
        ("GET /b/k", &[("x-amz-checksum-mode", "on")], ErrorCode::InvalidArgument),
        ("GET /b/k?attributes", &[], ErrorCode::InvalidArgument),
        ("GET /b/k?attributes", &[("x-amz-object-attributes", "ETag,Colour")], ErrorCode::InvalidArgument),
        ("GET /b?max-keys=-1", &[], ErrorCode::InvalidArgument),
        ("GET /b?max-keys=", &[], ErrorCode::InvalidArgument),
        ("GET /b?encoding-type=base64", &[], ErrorCode::InvalidArgument),
        ("GET /b?list-type=2&continuation-token=", &[], ErrorCode::InvalidArgument),
        ("GET /b?list-type=2&continuation-token=x", &[], ErrorCode::InvalidArgument),
        ("GET /b?uploads&max-uploads=0", &[], ErrorCode::InvalidArgument),
        ("GET /b?versions&version-id-marker=x", &[], ErrorCode::InvalidArgument),
        ("GET /?max-buckets=0", &[], ErrorCode::InvalidArgument),
        ("PUT /b/k?uploadId=x&partNumber=0", &[], ErrorCode::InvalidArgument),
        ("PUT /b/k", &[("x-amz-copy-source", "b")], ErrorCode::InvalidArgument),
        ("PUT /b/k", &[("x-amz-copy-source", "b/k")], ErrorCode::InvalidRequest),
        (
            "PUT /b/k",
            &[("x-amz-copy-source", "b/l"), ("x-amz-metadata-directive", "MERGE")],
            ErrorCode::InvalidArgument,
        ),
        ("POST /b/k?uploads", &[("x-amz-checksum-algorithm", "MD5")], ErrorCode::InvalidRequest),
        ("POST /b/k?uploads", &[("x-amz-checksum-type", "COMPOSITE")], ErrorCode::InvalidRequest),
        ("POST /b/k?uploadId=x", &[("x-amz-checksum-crc32", "zz")], ErrorCode::InvalidRequest),
        ("DELETE /b/k", &[("x-amz-if-match-size", "1")], ErrorCode::NotImplemented),
        ("DELETE /b/k", &[("if-none-match", "*")], ErrorCode::NotImplemented),
    ];
    for (request, headers, code) in table {
        assert_eq!(parse(request, headers), Err(code), "{request} {headers:?}");
    }
}

#[test]
fn a_checksum_of_an_upload_has_a_kind_that_its_algorithm_allows() {
    let create = |headers: &[(&str, &str)]| match parse("POST /b/k?uploads", headers) {
        Ok(Operation::CreateMultipartUpload(input)) => Ok(input.checksum),
        Ok(other) => panic!("{other:?}"),
        Err(code) => Err(code),
    };
    let algorithm = |name| ("x-amz-checksum-algorithm", name);
    let kind = |name| ("x-amz-checksum-type", name);
    assert_eq!(create(&[]), Ok(None));
    assert_eq!(create(&[algorithm("crc32")]), Ok(Some((ChecksumAlgorithm::Crc32, ChecksumKind::Composite))));
    assert_eq!(create(&[algorithm("CRC64NVME")]), Ok(Some((ChecksumAlgorithm::Crc64Nvme, ChecksumKind::FullObject))));
    assert_eq!(create(&[algorithm("SHA256"), kind("FULL_OBJECT")]), Err(ErrorCode::InvalidRequest));
    assert_eq!(create(&[algorithm("CRC64NVME"), kind("COMPOSITE")]), Err(ErrorCode::InvalidRequest));
}

#[test]
fn the_document_of_a_deletion_is_read_in_one_way() {
    let keys =
        |document: &str| delete(document).map(|input| input.objects.into_iter().map(|o| o.key).collect::<Vec<_>>());
    let object = |key: &str| format!("<Delete><Object><Key>{key}</Key></Object></Delete>");
    let table = [
        ("k", Ok("k")),
        ("<![CDATA[k]]>", Ok("k")),
        ("a<![CDATA[b]]>", Ok("ab")),
        ("&#128512;&amp;", Ok("😀&")),
        (" a ", Ok(" a ")),
        ("a&#13;b", Ok("a\rb")),
        ("a&#16;b", Err(ErrorCode::MalformedXML)),
        ("a\u{10}b", Err(ErrorCode::MalformedXML)),
        ("", Err(ErrorCode::MalformedXML)),
    ];
    for (key, expected) in table {
        assert_eq!(keys(&object(key)), expected.map(|key| vec![key.to_owned()]), "{key:?}");
    }
    let many = |count: usize| format!("<Delete>{}</Delete>", "<Object><Key>k</Key></Object>".repeat(count));
    assert_eq!(keys(&many(1000)).map(|keys| keys.len()), Ok(1000));
    for refused in [many(0), many(1001), object("k").replace("Delete", "Remove"), String::new()] {
        assert_eq!(keys(&refused), Err(ErrorCode::MalformedXML));
    }
    let twice = "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>";
    assert_eq!(keys(twice), Err(ErrorCode::MalformedXML));
}

#[test]
fn the_conditions_of_a_deleted_entry_are_read_or_marked_as_unsupported() {
    let object = |more: &str| {
        let document = format!("<Delete><Quiet>true</Quiet><Object><Key>k</Key>{more}</Object></Delete>");
        let mut input = delete(&document).unwrap();
        assert!(input.quiet);
        input.objects.remove(0)
    };
    let etag = Some(EtagCondition::List(vec!["x".into()]));
    assert_eq!(object("<ETag>&quot;x&quot;</ETag>").conditions.if_match, etag);
    assert_eq!(object("<ETag>x</ETag>").conditions.if_match, etag);
    assert_eq!(object("<ETag>*</ETag>").conditions.if_match, Some(EtagCondition::Any));
    assert_eq!(object("<VersionId>v</VersionId>").version_id.as_deref(), Some("v"));
    assert_eq!(object("<VersionId/>").version_id, None);
    assert!(!object("").unsupported);
    assert!(object("<Size>1</Size>").unsupported);
    assert!(object("<LastModifiedTime>Wed, 25 Nov 2026 23:20:46 GMT</LastModifiedTime>").unsupported);
}

#[test]
fn the_document_of_a_completion_names_parts_in_ascending_order() {
    let part = |number: &str, etag: &str| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    let document = |parts: &str| format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    for etag in ["x", "\"x\"", "&quot;x&quot;", "<![CDATA[\"x\"]]>", " x "] {
        let read = complete(&document(&part("7", etag))).unwrap();
        assert_eq!((read.parts[0].number, read.parts[0].etag.as_str()), (7, "x"), "{etag}");
    }
    let many: String = (1..=10_000).map(|number| part(&number.to_string(), "x")).collect();
    assert_eq!(complete(&document(&many)).unwrap().parts.len(), 10_000);
    let table = [
        (String::new(), ErrorCode::MalformedXML),
        (many.clone() + &part("10000", "x"), ErrorCode::MalformedXML),
        (part("2", "x") + &part("1", "x"), ErrorCode::InvalidPartOrder),
        (part("1", "x") + &part("1", "x"), ErrorCode::InvalidPartOrder),
        (part("0", "x"), ErrorCode::InvalidArgument),
        (part("10001", "x"), ErrorCode::InvalidArgument),
        (part("-1", "x"), ErrorCode::MalformedXML),
        (part("", "x"), ErrorCode::MalformedXML),
        ("<Part><PartNumber>1</PartNumber></Part>".into(), ErrorCode::MalformedXML),
        ("<Part><ETag>x</ETag></Part>".into(), ErrorCode::MalformedXML),
    ];
    for (parts, code) in table {
        assert_eq!(complete(&document(&parts)), Err(code), "{parts:.100}");
    }
    let two = "<Part><PartNumber>1</PartNumber><ETag>x</ETag><ChecksumCRC32>a</ChecksumCRC32><ChecksumSHA1>b</ChecksumSHA1></Part>";
    assert_eq!(complete(&document(two)), Err(ErrorCode::InvalidRequest));
}

#[test]
fn a_bucket_is_created_with_or_without_a_location() {
    let create = |document: &str| {
        let mut operation = parse("PUT /b", &[("x-amz-acl", "private")])?;
        operation.accept_document(document.as_bytes()).map_err(|error| error.code_of_sentence())?;
        let Operation::CreateBucket(input) = operation else { panic!("{operation:?}") };
        Ok(input.location)
    };
    let document = |content: &str| format!("<CreateBucketConfiguration>{content}</CreateBucketConfiguration>");
    let table = [
        (String::new(), Ok(None)),
        (" \n".into(), Ok(None)),
        (document(""), Ok(None)),
        (document("<LocationConstraint/>"), Ok(None)),
        (document("<LocationConstraint>eu-west-1</LocationConstraint>"), Ok(Some("eu-west-1".into()))),
        (document("<Tags><Tag/></Tags>"), Err(ErrorCode::NotImplemented)),
        ("<Other/>".into(), Err(ErrorCode::MalformedXML)),
    ];
    for (document, expected) in table {
        assert_eq!(create(&document), expected, "{document}");
    }
}

#[test]
fn wrong_headers_of_tags_and_locks_are_refused() {
    let put = |headers: &[(&str, &str)]| parse("PUT /b/k", headers).map(|_| ());
    let (mode, until) = ("x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date");
    assert_eq!(put(&[(mode, "GOVERNANCE"), (until, "2030-01-01T00:00:00Z")]), Ok(()));
    assert_eq!(put(&[(mode, "GOVERNANCE")]), Err(ErrorCode::InvalidRequest));
    assert_eq!(put(&[(until, "2030-01-01T00:00:00Z")]), Err(ErrorCode::InvalidRequest));
    assert_eq!(put(&[(mode, "FOREVER"), (until, "2030-01-01T00:00:00Z")]), Err(ErrorCode::InvalidRequest));
    assert_eq!(put(&[(mode, "COMPLIANCE"), (until, "tomorrow")]), Err(ErrorCode::InvalidRequest));
    assert_eq!(put(&[("x-amz-object-lock-legal-hold", "maybe")]), Err(ErrorCode::InvalidRequest));
    assert_eq!(put(&[("x-amz-tagging", "a=1&a=2")]), Err(ErrorCode::InvalidTag));
    let bypass = |value| parse("DELETE /b/k?versionId=v", &[("x-amz-bypass-governance-retention", value)]).map(|_| ());
    assert_eq!((bypass("True"), bypass("false")), (Ok(()), Ok(())));
    assert_eq!(bypass("yes"), Err(ErrorCode::InvalidArgument));
    let create = |value| parse("PUT /b", &[("x-amz-bucket-object-lock-enabled", value)]).map(|_| ());
    assert_eq!((create("True"), create("yes")), (Ok(()), Err(ErrorCode::InvalidArgument)));
}

#[test]
fn a_document_where_there_must_be_none_is_refused() {
    let mut operation = parse("DELETE /b/k", &[]).unwrap();
    assert!(operation.accept_document(b"").is_ok());
    assert_eq!(operation.accept_document(b"x").unwrap_err().code(), ErrorCode::UnexpectedContent);
}

#[test]
fn what_a_body_is_follows_from_the_operation() {
    let table = [
        ("PUT /b/k", BodyKind::Stream),
        ("PUT /b/k?uploadId=x&partNumber=1", BodyKind::Stream),
        ("GET /b/k", BodyKind::None),
        ("POST /b?delete", BodyKind::Document { max: 2 * 1024 * 1024, optional: false }),
        ("PUT /b", BodyKind::Document { max: 64 * 1024, optional: true }),
        ("PUT /b?tagging", BodyKind::Document { max: 64 * 1024, optional: false }),
        ("PUT /b?website", BodyKind::Document { max: 64 * 1024, optional: true }),
        ("DELETE /b?tagging", BodyKind::None),
    ];
    for (request, kind) in table {
        assert_eq!(parse(request, &[]).unwrap().body_kind(), kind, "{request}");
    }
}

/// As MinIO has it: in the query and in a document alike.
#[test]
fn an_empty_version_id_is_none() {
    for target in ["DELETE /b/k?versionId=", "DELETE /b/k?versionId"] {
        let Operation::DeleteObject(entry) = parse(target, &[]).unwrap() else { panic!("{target}") };
        assert_eq!(entry.version_id, None, "{target}");
    }
    let mut input = DeleteObjects::default();
    input.accept_document(b"<Delete><Object><Key>k</Key><VersionId/></Object></Delete>").unwrap();
    assert_eq!(input.objects[0].version_id, None);
}

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::StatusCode;
use http::header::LOCATION;
use proptest::prelude::*;

use super::*;
use crate::error::ErrorCode;
use crate::types::Written;

const NOW: i64 = 1_795_000_000;
const CONTENT_TYPE: &str = "multipart/form-data; boundary=xyz";

/// A form as Python's requests writes it: every part has a file name.
fn form(fields: &[(&str, &str)], file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n");
        body.extend(format!("{head}{value}\r\n").bytes());
    }
    body.extend(b"--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a/b.txt\"\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--xyz--\r\n");
    body
}

/// What is read of a form that arrives in pieces of this size.
fn read(body: &[u8], step: usize) -> Result<(FormFields, Vec<u8>), ErrorCode> {
    let mut reader = FormReader::with_content_type(CONTENT_TYPE).unwrap();
    let (mut fields, mut file) = (None, Vec::new());
    for piece in body.chunks(step) {
        for event in reader.push(Bytes::copy_from_slice(piece)).map_err(|error| error.code_of_sentence())? {
            match event {
                FormEvent::Fields(read) => assert_eq!(fields.replace(read), None),
                FormEvent::File(bytes) => {
                    assert!(fields.is_some() && !bytes.is_empty());
                    file.extend(bytes);
                }
            }
        }
    }
    reader.finish().map_err(|error| error.code_of_sentence())?;
    Ok((fields.unwrap(), file))
}

fn outcome(body: &[u8]) -> Result<(FormFields, Vec<u8>), ErrorCode> {
    let whole = read(body, body.len().max(1));
    assert_eq!(read(body, 1), whole);
    whole
}

#[test]
fn the_fields_come_first_and_the_file_as_it_arrives() {
    let body = form(&[("Key", "k"), ("x-amz-meta-a", ""), ("ü", "é\r\n--xy")], b"data\r\n--xy\r\n\r\r\n-");
    let (fields, file) = outcome(&body).unwrap();
    let read: Vec<_> = fields.iter().collect();
    assert_eq!(read, [("key", "k"), ("x-amz-meta-a", ""), ("ü", "é\r\n--xy")]);
    assert_eq!((fields.file_name(), file.as_slice()), ("b.txt", &b"data\r\n--xy\r\n\r\r\n-"[..]));
    assert_eq!(outcome(&form(&[], b"")).unwrap().1, b"");
    // A line end before the first boundary, and fields behind the file.
    let mut more = [b"\r\n", &body[..body.len() - 4]].concat();
    more.extend(b"\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nother\r\n--xyz--");
    assert_eq!(outcome(&more).unwrap().0, fields);
}

#[test]
fn a_form_that_breaks_off_is_refused() {
    let body = form(&[("key", "k")], b"data");
    for end in 0..body.len() - 4 {
        let read = read(&body[..end], body.len());
        assert_eq!(read.err(), Some(ErrorCode::IncompleteBody), "{end}");
    }
    assert!(outcome(&body[..body.len() - 2]).is_ok());
}

#[test]
fn malformed_forms_are_refused() {
    let malformed = |body: &[u8], code| assert_eq!(outcome(body), Err(code), "{}", String::from_utf8_lossy(body));
    let part = "Content-Disposition: form-data; name=\"key\"\r\n\r\nk";
    malformed(b"no form at all, but a body\r\n--xyz\r\n", ErrorCode::MalformedPOSTRequest);
    malformed(format!("--xyz {part}").as_bytes(), ErrorCode::MalformedPOSTRequest);
    malformed(b"--xyz\r\n\r\n\r\nvalue\r\n--xyz--", ErrorCode::MalformedPOSTRequest);
    malformed(format!("--xyz\r\n{part}\r\n--xyzzy").as_bytes(), ErrorCode::MalformedPOSTRequest);
    malformed(format!("--xyz\r\n{part}\r\n--xyz--\r\n").as_bytes(), ErrorCode::InvalidArgument);
    malformed(&form(&[("key", "a"), ("KEY", "a")], b""), ErrorCode::MalformedPOSTRequest);
    let body = form(&[], b"data");
    malformed(&[&body[..body.len() - 4], b"ab"].concat(), ErrorCode::MalformedPOSTRequest);
    let latin1 = b"--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xfc\r\n--xyz\r\n";
    malformed(latin1, ErrorCode::MalformedPOSTRequest);
}

#[test]
fn fields_are_bounded_and_the_file_is_not() {
    let long = "a".repeat(70_000);
    assert_eq!(outcome(&form(&[("a", &long)], b"")).err(), Some(ErrorCode::MaxPostPreDataLengthExceededError));
    assert!(outcome(&form(&[("a", &long[..60_000])], long.as_bytes())).is_ok());
    let names: Vec<_> = (0..101).map(|number| number.to_string()).collect();
    let fields: Vec<_> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert!(outcome(&form(&fields[..100], b"")).is_ok());
    assert_eq!(outcome(&form(&fields, b"")).err(), Some(ErrorCode::MalformedPOSTRequest));
    let head = [b"--xyz\r\nX: ", &long.as_bytes()[..20_000]].concat();
    assert_eq!(outcome(&head).err(), Some(ErrorCode::MalformedPOSTRequest));
    let behind = [form(&[], b"data"), long.into_bytes()].concat();
    assert_eq!(outcome(&behind).err(), Some(ErrorCode::MalformedPOSTRequest));
}

#[test]
fn the_field_of_tags_is_a_document() {
    let conditions =
        ", [\"starts-with\", \"$tagging\", \"\"], [\"starts-with\", \"$x-amz-object-lock-legal-hold\", \"\"]";
    let post = |tagging: &str| {
        post(conditions, &[("key", "foo"), ("tagging", tagging), ("x-amz-object-lock-legal-hold", "ON")])
    };
    let document = "<Tagging><TagSet><Tag><Key>a b</Key><Value>c=d</Value></Tag></TagSet></Tagging>";
    let object = post(document).unwrap().object;
    assert_eq!(object.tags.iter().collect::<Vec<_>>(), [("a b", "c=d")]);
    assert_eq!(object.lock.legal_hold, Some(true));
    assert_eq!(post("a=b").err(), Some(ErrorCode::MalformedXML));
    assert_eq!(post(&document.replace("a b", "aws:x")).err(), Some(ErrorCode::InvalidTag));
}

#[test]
fn the_file_is_not_copied() {
    let mut reader = FormReader::with_content_type(CONTENT_TYPE).unwrap();
    let mut body = form(&[], &[7; 100_000]);
    let start = body.len() - 100_000 - b"\r\n--xyz--\r\n".len();
    body.truncate(start + 100_000);
    let body = Bytes::from(body);
    let events = reader.push(body.clone()).unwrap();
    let [FormEvent::Fields(_), FormEvent::File(file)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(file.as_ptr(), body[start..].as_ptr());
    assert_eq!(file.len(), 100_000);
}

fn policy(conditions: &str) -> String {
    let conditions = format!("{{\"bucket\": \"photos\"}}, [\"starts-with\", \"$key\", \"foo\"]{conditions}");
    BASE64.encode(format!("{{\"expiration\": \"2026-12-30T12:00:00.000Z\", \"conditions\": [{conditions}]}}"))
}

fn post(conditions: &str, fields: &[(&str, &str)]) -> Result<PostObject, ErrorCode> {
    let policy = policy(conditions);
    let fields = [&[("policy", policy.as_str())], fields].concat();
    let (fields, _) = outcome(&form(&fields, b"bar")).unwrap();
    PostObject::read(&fields, "photos", NOW).map_err(|error| error.code_of_sentence())
}

#[test]
fn the_fields_become_an_upload() {
    let conditions =
        ", {\"acl\": \"private\"}, [\"starts-with\", \"$Content-Type\", \"\"], [\"eq\", \"$x-amz-meta-a\", \"ü\"]";
    let fields =
        [("kEy", "foo/${filename}"), ("aCl", "private"), ("Content-Type", "text/plain"), ("x-amz-meta-A", "ü")];
    let object = post(conditions, &fields).unwrap().object;
    assert_eq!(object.key, "foo/b.txt");
    assert_eq!(object.description.headers.content_type.as_deref(), Some("text/plain"));
    assert_eq!(object.description.metadata.get("a").map(String::as_str), Some("ü"));
    for key in ["foo//a", "foo/../a", "foo?a&b=c#d", "foo%2Fa", "foo \u{1}"] {
        assert_eq!(post("", &[("key", key)]).unwrap().object.key, key);
    }
}

#[test]
fn what_the_policy_or_the_endpoint_does_not_allow_is_refused() {
    let code = |conditions, fields: &[(&str, &str)]| post(conditions, fields).map(|_| ()).unwrap_err();
    assert_eq!(code("", &[]), ErrorCode::InvalidArgument);
    assert_eq!(code("", &[("key", "bar")]), ErrorCode::AccessDenied);
    assert_eq!(code("", &[("key", "${filename}")]), ErrorCode::AccessDenied);
    assert_eq!(code("", &[("key", "foo"), ("bucket", "other")]), ErrorCode::AccessDenied);
    assert_eq!(code("", &[("key", "foo"), ("x-amz-meta-a", "b")]), ErrorCode::AccessDenied);
    let acl = ", {\"acl\": \"public-read\"}";
    assert_eq!(code(acl, &[("key", "foo"), ("acl", "public-read")]), ErrorCode::NotImplemented);
    let source = ", {\"x-amz-copy-source\": \"/photos/a\"}";
    assert_eq!(code(source, &[("key", "foo"), ("x-amz-copy-source", "/photos/a")]), ErrorCode::MalformedPOSTRequest);
    assert_eq!(code("", &[("key", &format!("foo{}", "a".repeat(1022)))]), ErrorCode::KeyTooLongError);
    // Before the name of the file is put in five thousand times.
    assert_eq!(code("", &[("key", &"${filename}".repeat(5000))]), ErrorCode::KeyTooLongError);
    let (fields, _) = outcome(&form(&[("key", "foo")], b"")).unwrap();
    assert_eq!(PostObject::read(&fields, "photos", NOW).unwrap_err().code(), ErrorCode::AccessDenied);
}

#[test]
fn the_file_is_verified() {
    let verify = |conditions: &str, fields: &[(&str, &str)]| {
        let post = post(conditions, &[&[("key", "foo")], fields].concat())?;
        let mut verifier = post.verifier(100).map_err(|error| error.code_of_sentence())?;
        verifier.push(Bytes::from_static(b"bar")).map_err(|error| error.code_of_sentence())?;
        verifier.finish().map(|digests| digests.checksum).map_err(|error| error.code_of_sentence())
    };
    assert_eq!(verify(", [\"content-length-range\", 3, 3]", &[]), Ok(None));
    assert_eq!(verify(", [\"content-length-range\", 0, 2]", &[]), Err(ErrorCode::EntityTooLarge));
    assert_eq!(verify(", [\"content-length-range\", 4, 1000]", &[]), Err(ErrorCode::EntityTooSmall));
    let crc32 = |value: &'static str| {
        verify(", [\"starts-with\", \"$x-amz-checksum-crc32\", \"\"]", &[("x-amz-checksum-crc32", value)])
    };
    assert_eq!(crc32("dv8E1g==").unwrap_err(), ErrorCode::BadDigest);
    assert_eq!(crc32("sailorjerry").unwrap_err(), ErrorCode::InvalidRequest);
    assert_eq!(crc32("dv+Mqg==").unwrap().unwrap().value, "dv+Mqg==");
    let md5 = ", [\"starts-with\", \"$content-md5\", \"\"]";
    assert_eq!(verify(md5, &[("Content-MD5", "N7UdGUp1E+RbVvZSTy1R8g==")]), Ok(None));
    assert_eq!(verify(md5, &[("Content-MD5", "")]), Err(ErrorCode::InvalidDigest));
}

#[test]
fn the_answer_is_what_the_form_asks_for() {
    let answer = |name: &str, value: &str| {
        let post =
            post(&format!(", [\"starts-with\", \"${name}\", \"\"]"), &[("key", "foo &"), (name, value)]).unwrap();
        let written = Written { etag: "e".into(), ..Written::default() };
        post.answer("http://host", "photos", &written)
    };
    for (value, status) in [("200", 200), ("204", 204), ("201", 201), ("404", 204), ("", 204)] {
        let answer = answer("success_action_status", value);
        assert_eq!(answer.status.as_u16(), status, "{value}");
        assert_eq!(answer.headers["etag"], "\"e\"");
        assert_eq!(answer.body.is_empty(), status != 201);
    }
    let document = String::from_utf8(answer("success_action_status", "201").body.to_vec()).unwrap();
    assert!(document.contains("<Bucket>photos</Bucket><Key>foo &amp;</Key><ETag>&quot;e&quot;</ETag>"), "{document}");
    let added = "bucket=photos&key=foo%20%26&etag=%22e%22";
    for (url, expected) in [
        ("http://host/page", format!("http://host/page?{added}")),
        ("https://host/page?a=b#c", format!("https://host/page?a=b&{added}#c")),
    ] {
        let answer = answer("success_action_redirect", url);
        assert_eq!((answer.status, &answer.headers[LOCATION]), (StatusCode::SEE_OTHER, &expected[..].parse().unwrap()));
    }
    for url in ["javascript:alert(1)", "/page", "http://", "ftp://host/", "http://host/a\nb"] {
        assert_eq!(answer("success_action_redirect", url).status, StatusCode::NO_CONTENT, "{url}");
    }
}

proptest! {
    #[test]
    fn a_form_is_read_however_it_is_cut(
        values in prop::collection::btree_map("[a-z]{1,8}", r"(\PC|\r|\n|-){0,20}", 0..5),
        file in prop::collection::vec(prop::sample::select(b"\r\n-xyz".to_vec()), 0..200),
        step in 1_usize..64,
    ) {
        let values: Vec<_> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let is_delimiter = |window: &[u8]| window == b"\r\n--xyz";
        prop_assume!(!values.iter().any(|(name, value)| *name == "file" || value.contains("\r\n--xyz")));
        prop_assume!(!file.windows(7).any(is_delimiter));
        let (fields, read) = read(&form(&values, &file), step).unwrap();
        prop_assert_eq!(fields.iter().collect::<Vec<_>>(), values);
        prop_assert_eq!(read, file);
    }
}

//! HTML forms: the outcome does not depend on how a form is cut, little is held in memory, and no policy allows a key or a
//! bucket that it does not name.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::Request;
use libfuzzer_sys::fuzz_target;
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::form::{FormEvent, FormFields, FormReader, PostObject, PostPolicy};
use storage_hub_s3_protocol::head::{RequestHead, VirtualHosts};
use storage_hub_s3_protocol::signature::{FormClaim, SignatureRules};

const NOW: i64 = 1_795_000_000;
const POLICY: &str = "{\"expiration\": \"2026-12-30T12:00:00Z\", \"conditions\": [{\"bucket\": \"photos\"}, \
                      [\"starts-with\", \"$key\", \"user/\"], [\"starts-with\", \"$Content-Type\", \"\"], \
                      [\"starts-with\", \"$x-amz-meta-a\", \"\"], [\"starts-with\", \"$acl\", \"\"]]}";

fuzz_target!(|input: (&str, &[u8], u8, Vec<(&str, &str)>, &str, &str)| {
    let (content_type, body, step, fields, file_name, policy) = input;
    // Most random types are none of forms.
    let content_type = if step % 4 == 0 { content_type } else { "multipart/form-data; boundary=x" };
    let step = 1 + usize::from(step);
    // A form as it comes.
    let whole = read(content_type, body, body.len().max(1));
    assert_eq!(read(content_type, body, step), whole);
    if let Ok((fields, file)) = &whole {
        assert!(file.len() <= body.len());
        post(fields);
    }
    let _ = PostPolicy::parse(&BASE64.encode(policy));

    // A form with these fields.
    let fields = fields.iter().filter(|(name, value)| {
        !name.is_empty()
            && !name.contains(['"', '\\'])
            && !name.bytes().any(|byte| byte.is_ascii_control())
            && !name.eq_ignore_ascii_case("file")
            && !value.contains("\r\n--x")
    });
    let policy = BASE64.encode(POLICY);
    let fields: Vec<_> = fields.copied().take(50).chain([("policy", policy.as_str())]).collect();
    let mut form = Vec::new();
    for (name, value) in &fields {
        form.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    let file_name: String = file_name.chars().filter(|letter| !letter.is_control() && *letter != '"').collect();
    form.extend(
        format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\r\n").bytes(),
    );
    let start = form.len();
    form.extend(body);
    form.extend(b"\r\n--x--");
    let Ok((read, file)) = read("multipart/form-data; boundary=x", &form, step) else { return };
    assert!(form[start..].starts_with(&file));
    for (name, value) in fields.iter().take(read.iter().count()) {
        assert_eq!(read.get(&name.to_ascii_lowercase()), Some(*value));
    }
    post(&read);
});

/// What becomes of the fields of a form.
fn post(fields: &FormFields) {
    let rules = SignatureRules { region: "us-east-1".to_owned(), now: NOW };
    let _ = FormClaim::read(|name| fields.get(name), &rules);
    let Ok(post) = PostObject::read(fields, "photos", NOW) else { return };
    let _ = post.verifier(1 << 30);
    if fields.get("policy") == Some(&BASE64.encode(POLICY)) {
        assert!(post.object.key.starts_with("user/"));
        assert!(PostObject::read(fields, "other", NOW).is_err());
    }
    let expected = fields.get("key").map(|key| key.replace("${filename}", fields.file_name()));
    assert_eq!(Some(post.object.key), expected);
}

fn read(content_type: &str, body: &[u8], step: usize) -> Result<(FormFields, Vec<u8>), Option<ErrorCode>> {
    let (request, ()) = Request::post("http://localhost/photos")
        .header("content-type", content_type)
        .body(())
        .map_err(|_| None)?
        .into_parts();
    let head = RequestHead::parse(&request, &VirtualHosts::default()).map_err(|error| Some(error.code()))?;
    let read = || -> S3Result<_> {
        let mut reader = FormReader::new(&head)?;
        let (mut fields, mut file) = (None, Vec::new());
        for piece in body.chunks(step) {
            for event in reader.push(Bytes::copy_from_slice(piece))? {
                match event {
                    FormEvent::Fields(read) => assert!(fields.replace(read).is_none()),
                    FormEvent::File(bytes) => {
                        assert!(fields.is_some() && !bytes.is_empty());
                        file.extend(bytes);
                    }
                }
            }
        }
        reader.finish()?;
        Ok((fields.expect("fields before the end of the file"), file))
    };
    read().map_err(|error| Some(error.code()))
}

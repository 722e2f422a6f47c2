//! HTML forms from the first byte to the last: the outcomes of ceph/s3-tests, and what real clients sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::form::{FormEvent, FormReader, PostObject};
use storage_hub_s3_protocol::signature::{FormClaim, SignatureRules};

use crate::recordings::recordings;
use crate::sent::{ACCESS_KEY, OneKey, SECRET, Sent};

const NOW: i64 = 1_795_000_000;

/// The key and the file of a form, or why it is refused.
fn receive(sent: &Sent) -> Result<(String, Vec<u8>), ErrorCode> {
    let received = || -> S3Result<_> {
        let head = sent.head()?;
        let bucket = head.target().bucket().unwrap();
        let mut reader = FormReader::new(&head)?;
        let (mut post, mut file) = (None, Vec::new());
        for event in reader.push(sent.body.clone())? {
            match event {
                FormEvent::Fields(fields) => {
                    let rules = SignatureRules { region: "us-east-1".to_owned(), now: sent.at };
                    let claim = FormClaim::read(|name| fields.get(name), &rules)?.ok_or(ErrorCode::AccessDenied)?;
                    claim.verify(&OneKey)?;
                    let object = PostObject::read(&fields, bucket, sent.at)?;
                    let verifier = object.verifier(1 << 30)?;
                    post = Some((object.object.key, verifier));
                }
                FormEvent::File(bytes) => {
                    let (_, verifier) = post.as_mut().unwrap();
                    file.extend(verifier.push(bytes)?.concat());
                }
            }
        }
        reader.finish()?;
        let (key, verifier) = post.unwrap();
        verifier.finish()?;
        Ok((key, file))
    };
    received().map_err(|error| error.code())
}

#[test]
fn recorded_forms_are_accepted() {
    let mut count = 0;
    for recording in recordings().into_iter().filter(|recording| recording.signature.ends_with("-form")) {
        let (key, file) = receive(&recording.sent).unwrap();
        assert!(key.starts_with("form/") && !key.contains('$') && !file.is_empty(), "{}: {key}", recording.file);
        count += 1;
    }
    assert!(count > 1);
}

/// The form that most of those tests begin with; each changes something of it.
struct Form {
    expiration: &'static str,
    conditions: Vec<String>,
    fields: Vec<(&'static str, String)>,
    file_name: &'static str,
    file: Vec<u8>,
}

impl Form {
    fn new() -> Self {
        let conditions = [
            r#"{"bucket": "photos"}"#,
            r#"["starts-with", "$key", "foo"]"#,
            r#"{"acl": "private"}"#,
            r#"["starts-with", "$Content-Type", "text/plain"]"#,
            r#"["content-length-range", 0, 1024]"#,
        ];
        let fields =
            [("key", "foo.txt"), ("AWSAccessKeyId", ACCESS_KEY), ("acl", "private"), ("Content-Type", "text/plain")];
        Self {
            expiration: r#""expiration": "2026-12-30T12:00:00Z""#,
            conditions: conditions.map(str::to_owned).to_vec(),
            fields: fields.map(|(name, value)| (name, value.to_owned())).to_vec(),
            file_name: "file",
            file: b"bar".to_vec(),
        }
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.fields.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.fields.push((name, value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| *known != name);
        self
    }

    /// Replaces a condition, or adds one.
    fn condition(mut self, at: usize, condition: &str) -> Self {
        match self.conditions.get_mut(at) {
            Some(replaced) => *replaced = condition.to_owned(),
            None => self.conditions.push(condition.to_owned()),
        }
        self
    }

    fn outcome(self) -> Result<(), ErrorCode> {
        let conditions = format!("\"conditions\": [{}]", self.conditions.join(", "));
        let policy = [self.expiration, &conditions].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        self.send(&format!("{{{}}}", policy.join(", ")))
    }

    fn send(self, policy: &str) -> Result<(), ErrorCode> {
        let policy = BASE64.encode(policy);
        let mut mac = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(policy.as_bytes());
        let mut fields = self.fields;
        let has = |name: &str| fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        let (has_policy, has_signature) = (has("policy"), has("signature"));
        if !has_policy {
            fields.push(("policy", policy));
        }
        if !has_signature {
            fields.push(("signature", BASE64.encode(mac.finalize().into_bytes())));
        }
        let mut body = String::new();
        for (name, value) in fields.iter().filter(|(_, value)| value != "(none)") {
            let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n");
            body += &format!("{head}{value}\r\n");
        }
        body += "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"";
        body += self.file_name;
        body += "\"\r\n\r\n";
        let body = [body.as_bytes(), &self.file, b"\r\n--xyz--\r\n"].concat();
        let headers = [("content-type", "multipart/form-data; boundary=xyz"), ("host", "localhost")];
        let (_, file) = receive(&Sent::new("POST", "/photos", &headers, &body, NOW))?;
        assert_eq!(file, self.file);
        Ok(())
    }
}

#[test]
fn the_forms_of_s3_tests_have_the_outcomes_that_they_expect() {
    let long = Form { file: b"foo".repeat(1024 * 1024), ..Form::new() };
    let from_name = Form { file_name: "foo.txt", ..Form::new() }.set("key", "${filename}");
    let escaped = r#"["starts-with", "$key", "\\$foo"]"#;
    let meta = r#"["starts-with", "$x-amz-meta-foo", "bar"]"#;
    let accepted = [
        ("authenticated", Form::new()),
        ("no content type", Form::new().without("Content-Type").condition(3, r#"{"bucket": "photos"}"#)),
        ("larger than a chunk", long.condition(4, r#"["content-length-range", 0, 5242880]"#)),
        ("key from the file name", from_name),
        ("ignored field", Form::new().set("x-ignore-foo", "bar")),
        (
            "letter case",
            Form::new()
                .set("kEy", "foo.txt")
                .set("aCl", "private")
                .condition(0, r#"{"bUcKeT": "photos"}"#)
                .condition(1, r#"["StArTs-WiTh", "$KeY", "foo"]"#)
                .condition(3, r#"["StArTs-WiTh", "$CoNtEnT-TyPe", "text/plain"]"#),
        ),
        ("escaped", Form::new().set("key", r"\$foo.txt").condition(1, escaped)),
        ("user metadata", Form::new().set("x-amz-meta-foo", "barclamp").condition(5, meta)),
        ("redirect", {
            Form::new()
                .set("success_action_redirect", "http://localhost/photos")
                .condition(5, r#"["eq", "$success_action_redirect", "http://localhost/photos"]"#)
        }),
    ];
    for (name, form) in accepted {
        assert_eq!(form.outcome(), Ok(()), "{name}");
    }
    let refused = [
        ("bad access key", Form::new().set("AWSAccessKeyId", "foo"), ErrorCode::InvalidAccessKeyId),
        ("bad signature", Form::new().set("signature", "zT5BxPXdZzv9"), ErrorCode::SignatureDoesNotMatch),
        ("no signature", Form::new().set("signature", "(none)"), ErrorCode::InvalidArgument),
        ("no policy", Form::new().set("policy", "(none)"), ErrorCode::InvalidArgument),
        ("no key", Form::new().without("key").condition(1, r#"{"bucket": "photos"}"#), ErrorCode::InvalidArgument),
        ("no condition for the bucket", Form::new().condition(0, r#"{"acl": "private"}"#), ErrorCode::AccessDenied),
        ("another bucket", Form::new().set("bucket", "other"), ErrorCode::AccessDenied),
        ("a condition for another bucket", Form::new().condition(0, r#"{"bucket": "other"}"#), ErrorCode::AccessDenied),
        ("a field is missing", Form::new().condition(5, meta), ErrorCode::AccessDenied),
        (
            "a field has another value",
            Form::new().set("x-amz-meta-foo", "barclamp").condition(5, r#"["eq", "$x-amz-meta-foo", ""]"#),
            ErrorCode::AccessDenied,
        ),
        (
            "expired",
            Form { expiration: r#""expiration": "2026-11-01T12:00:00Z""#, ..Form::new() },
            ErrorCode::AccessDenied,
        ),
        (
            "malformed date",
            Form { expiration: r#""expiration": "2026-12-30 12:00:00.123456+00:00""#, ..Form::new() },
            ErrorCode::InvalidPolicyDocument,
        ),
        ("no expiration", Form { expiration: "", ..Form::new() }, ErrorCode::InvalidPolicyDocument),
        (
            "letter case of the expiration",
            Form { expiration: r#""EXPIRATION": "2026-12-30T12:00:00Z""#, ..Form::new() },
            ErrorCode::InvalidPolicyDocument,
        ),
        ("too large", Form::new().condition(4, r#"["content-length-range", 0, 0]"#), ErrorCode::EntityTooLarge),
        ("too small", Form::new().condition(4, r#"["content-length-range", 512, 1000]"#), ErrorCode::EntityTooSmall),
        ("one length", Form::new().condition(4, r#"["content-length-range", 0]"#), ErrorCode::InvalidPolicyDocument),
        (
            "negative length",
            Form::new().condition(4, r#"["content-length-range", -1, 0]"#),
            ErrorCode::InvalidPolicyDocument,
        ),
        ("empty condition", Form::new().condition(5, "{}"), ErrorCode::InvalidPolicyDocument),
    ];
    for (name, form, code) in refused {
        assert_eq!(form.outcome(), Err(code), "{name}");
    }
    let policies = [
        r#"{"expiration": "2026-12-30T12:00:00Z"}"#,
        r#"{"expiration": "2026-12-30T12:00:00Z", "CONDITIONS": [{"bucket": "photos"}]}"#,
    ];
    for policy in policies {
        assert_eq!(Form::new().send(policy), Err(ErrorCode::InvalidPolicyDocument), "{policy}");
    }
    let anonymous = Form::new().without("AWSAccessKeyId").set("signature", "(none)").set("policy", "(none)");
    assert_eq!(anonymous.outcome(), Err(ErrorCode::AccessDenied));
}

//! What real clients sent: each request is verified at the time when it was signed, and none is after a change.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::operation::{BodyKind, Operation};
use storage_hub_s3_protocol::operation_name::OperationName;
use storage_hub_s3_protocol::signature::{FormClaim, SignatureRules};

use crate::sent::{OneKey, Sent};

/// A recorded request.
pub(crate) struct Recording {
    pub(crate) file: String,
    /// How it is signed, by `recordings.json`.
    pub(crate) signature: String,
    pub(crate) sent: Sent,
}

pub(crate) fn recordings() -> Vec<Recording> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let index: Value = serde_json::from_slice(&std::fs::read(folder.join("recordings.json")).unwrap()).unwrap();
    let read = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        let bytes = std::fs::read(folder.join(text("file"))).unwrap();
        let sent = parse(&bytes, entry["unix_seconds"].as_i64().unwrap());
        Recording { file: text("file"), signature: text("signature"), sent }
    };
    index.as_array().unwrap().iter().map(read).collect()
}

fn parse(bytes: &[u8], at: i64) -> Sent {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let mut lines = bytes[..end].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let start = std::str::from_utf8(lines.next().unwrap()).unwrap();
    let [method, target, "HTTP/1.1"] = *start.split(' ').collect::<Vec<_>>() else { unreachable!("{start}") };
    let header = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':').unwrap();
        (String::from_utf8(line[..colon].to_vec()).unwrap(), line[colon + 1..].trim_ascii().to_vec())
    };
    let headers = lines.map(header).collect();
    let body = bytes[end + 4..].to_vec().into();
    Sent { method: method.to_owned(), target: target.to_owned(), headers, body, at }
}

/// The fields of a form, with their places in the body.
fn fields(sent: &Sent) -> BTreeMap<String, String> {
    let (_, boundary) = sent.header("content-type").unwrap().split_once("boundary=").unwrap();
    let boundary = format!("--{}", boundary.trim_matches('"'));
    let body = String::from_utf8_lossy(&sent.body).into_owned();
    let parts = body.split(&boundary).filter_map(|part| part.split_once("\r\n\r\n"));
    let field = |(head, value): (&str, &str)| {
        let (_, rest) = head.split_once("name=\"")?;
        let (name, _) = rest.split_once('"')?;
        Some((name.to_ascii_lowercase(), value.strip_suffix("\r\n")?.to_owned()))
    };
    parts.filter_map(field).collect()
}

fn verify_form(fields: &BTreeMap<String, String>, at: i64) -> Result<(), ErrorCode> {
    let rules = SignatureRules { region: "us-east-1".to_owned(), now: at };
    let claim = FormClaim::read(|name| fields.get(name).map(String::as_str), &rules).map_err(|error| error.code())?;
    claim.ok_or(ErrorCode::AccessDenied)?.verify(&OneKey).map_err(|error| error.code())
}

#[test]
fn recorded_requests_are_verified() {
    let mut counts = BTreeMap::new();
    let mut refused = Vec::new();
    for Recording { file, signature, sent } in recordings() {
        *counts.entry(signature.clone()).or_insert(0) += 1;
        let (outcome, expected) = match signature.as_str() {
            "v2-presigned" if !["GET", "HEAD", "PUT"].contains(&sent.method.as_str()) => {
                (sent.verify(), Err(ErrorCode::InvalidRequest))
            }
            "v4-header" | "v4-presigned" | "v2-presigned" => (sent.verify(), Ok(())),
            "v4-form" | "v2-form" => (verify_form(&fields(&sent), sent.at), Ok(())),
            "v2-header" => (sent.verify(), Err(ErrorCode::InvalidRequest)),
            _ => (sent.verify(), Err(ErrorCode::AccessDenied)),
        };
        if outcome != expected {
            refused.push(format!("{file} ({signature}): {outcome:?}"));
        }
    }
    assert_eq!(refused, Vec::<String>::new());
    for signature in ["v4-header", "v4-presigned", "v2-presigned", "v4-form"] {
        assert!(counts.contains_key(signature), "{counts:?}");
    }
}

#[test]
fn no_recorded_request_is_verified_after_a_change() {
    // The requests of a client are alike, so that each byte is changed in one of them.
    for (number, Recording { file, signature, sent }) in recordings().into_iter().enumerate() {
        match signature.as_str() {
            "v4-header" | "v4-presigned" | "v2-presigned" => {
                for changed in sent.sampled_changes(number, 11) {
                    assert!(changed.verify().is_err(), "{file}: {changed:?}");
                }
            }
            "v4-form" | "v2-form" => {
                let fields = fields(&sent);
                let claim =
                    |name: &&String| name.starts_with("x-amz-") || ["policy", "signature"].contains(&name.as_str());
                for name in fields.keys().filter(claim).filter(|name| !name.starts_with("x-amz-meta-")) {
                    let mut changed = fields.clone();
                    changed.get_mut(name).unwrap().push('A');
                    assert!(verify_form(&changed, sent.at).is_err(), "{file}: {name}");
                }
            }
            _ => {}
        }
    }
}

/// The operation of a request with its document, or why it is refused.
fn operation(sent: &Sent) -> Result<Operation, ErrorCode> {
    let code = |error: storage_hub_s3_protocol::error::S3Error| error.code();
    let head = sent.head().map_err(code)?;
    let mut operation = Operation::parse(&head).map_err(code)?;
    if let BodyKind::Document { .. } = operation.body_kind() {
        operation.accept_document(&sent.decoded_body().map_err(code)?).map_err(code)?;
    }
    Ok(operation)
}

#[test]
fn recorded_requests_name_an_operation() {
    let mut refused = Vec::new();
    let mut names = std::collections::BTreeSet::new();
    for Recording { file, sent, .. } in recordings() {
        match operation(&sent) {
            Ok(operation) => _ = names.insert(operation.name()),
            Err(code) => refused.push(format!("{file}: {}", code.name())),
        }
    }
    assert_eq!(refused, Vec::<String>::new());
    use OperationName::{CompleteMultipartUpload, CopyObject, DeleteObjects, ListParts, PostObject, UploadPartCopy};
    for name in [CompleteMultipartUpload, CopyObject, DeleteObjects, ListParts, PostObject, UploadPartCopy] {
        assert!(names.contains(&name), "{name:?}");
    }
}

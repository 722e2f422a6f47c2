//! A table of requests, each with the answer of the hub's endpoint and, where that is another, of MinIO.
//!
//! `cases/requests.txt` has a line for each: what is prepared, who sends it, the request, its headers, its body, the hub's
//! answer, MinIO's answer (empty: the same; `-`: not compared), and why they differ. docs/s3-differences.md has the lines
//! that differ. An answer is its status, its code, and facts: headers (`etag="…"`), elements (`<Key>=a,b`) and the body.

mod answer;
mod line;

use std::path::Path;

use reqwest::Method;
use storage_hub_port_contract::services::{self, ROOT_PASSWORD, ROOT_USER};

use crate::hub::{Backend, Hub, unique};
use crate::s3::{Key, Request, S3};
use answer::Answer;
use line::Line;

/// An endpoint with two users.
struct Side {
    s3: S3,
    owner: Key,
    other: Option<Key>,
}

impl Side {
    /// Prepares a bucket, sends the request of a line, and returns the facts that are stated of the answer.
    async fn answer(&self, line: &Line, expected: &str) -> String {
        let bucket = unique("case");
        let mut fill = vec![("{b}".to_owned(), bucket.clone())];
        self.prepare(line, &bucket, &mut fill).await;
        let fill = |text: &str| fill.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        let mut request = Request::new(line.method(), fill(line.target())).body(fill(line.body));
        for (name, value) in line.headers() {
            match name {
                // The signer sends this header itself.
                "x-amz-content-sha256" => request.signed_payload = value,
                _ => request = request.header(name, fill(value)),
            }
        }
        let signed = match line.who {
            "owner" => self.s3.signed(&self.owner, request),
            "other" => self.s3.signed(self.other.as_ref().expect("another user"), request),
            "presigned" => {
                let (method, body) = (request.method.clone(), request.body.clone());
                let url = self.s3.presigned_url(&self.owner, request);
                http::Request::builder().method(method).uri(url).body(body).expect("a request")
            }
            _ => {
                let mut plain =
                    http::Request::builder().method(request.method).uri(format!("{}{}", self.s3.url, request.path));
                for (name, value) in request.headers {
                    plain = plain.header(name, value);
                }
                plain.body(request.body).expect("a request")
            }
        };
        Answer::of(signed).await.facts(&fill(expected)).replace(&bucket, "{b}")
    }

    async fn prepare(&self, line: &Line, bucket: &str, fill: &mut Vec<(String, String)>) {
        if line.preparation == "none" {
            return;
        }
        let send = async |method: Method, path: String, headers: &[(&'static str, &str)], body: &str| {
            let mut request = Request::new(method, path).body(body);
            for (name, value) in headers {
                request = request.header(name, *value);
            }
            let reply = self.s3.send(Some(&self.owner), request).await;
            assert!(reply.succeeded(), "{line:?}: {reply:?}");
            reply
        };
        send(Method::PUT, format!("/{bucket}"), &[], "").await;
        match line.preparation {
            "object" => {
                let headers = [("content-type", "text/plain"), ("x-amz-meta-color", "blue")];
                let reply = send(Method::PUT, format!("/{bucket}/key"), &headers, "0123456789").await;
                fill.push(("{e}".to_owned(), reply.etag.trim_matches('"').to_owned()));
            }
            "tree" => {
                for key in ["a/1", "a/2", "a/b/3", "b/1", "c", "d%20e"] {
                    send(Method::PUT, format!("/{bucket}/{key}"), &[], "x").await;
                }
            }
            "upload" | "multipart" => {
                let upload =
                    send(Method::POST, format!("/{bucket}/key?uploads="), &[("content-type", "text/plain")], "").await;
                let upload = upload.element("UploadId").expect("an upload").to_owned();
                let path = format!("/{bucket}/key?partNumber=1&uploadId={upload}");
                let part = send(Method::PUT, path, &[], "0123456789").await.etag.trim_matches('"').to_owned();
                if line.preparation == "multipart" {
                    let part = format!("<Part><PartNumber>1</PartNumber><ETag>{part}</ETag></Part>");
                    let document = format!("<CompleteMultipartUpload>{part}</CompleteMultipartUpload>");
                    send(Method::POST, format!("/{bucket}/key?uploadId={upload}"), &[], &document).await;
                }
                fill.extend([("{upload}".to_owned(), upload), ("{part}".to_owned(), part)]);
            }
            _ => {}
        }
    }
}

fn table() -> &'static str {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases/requests.txt");
    std::fs::read_to_string(path).expect("the table").leak()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_of_the_table_is_answered_as_it_says() {
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &[("limits.buckets_per_user", "0")]).await else { return };
    let (owner, other) = (hub.sign_up("owner@example.com").await, hub.sign_up("other@example.com").await);
    let side = Side { s3: hub.s3.clone(), owner: owner.key, other: Some(other.key) };
    compare(&side, |line| Some(line.hub)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn minio_differs_from_the_hub_where_the_table_says_so() {
    let Some(url) = services::minio() else { return };
    let root = Key { access: ROOT_USER.to_owned(), secret: ROOT_PASSWORD.to_owned(), session_token: None };
    let side = Side { s3: S3::new(url), owner: root, other: None };
    compare(&side, Line::of_minio).await;
}

async fn compare(side: &Side, expected: impl Fn(&Line) -> Option<&'static str>) {
    let mut wrong = Vec::new();
    for line in line::lines(table()) {
        let Some(expected) = expected(&line) else { continue };
        let answer = side.answer(&line, expected).await;
        if answer != expected {
            wrong.push(format!("{}\n  expected {expected}\n  answered {answer}", line.request()));
        }
    }
    assert!(wrong.is_empty(), "{} answers are others:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_is_large_and_its_differences_are_documented() {
    let lines: Vec<_> = line::lines(table()).collect();
    assert!(lines.len() >= 400, "{}", lines.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/s3-differences.md");
    let document = std::fs::read_to_string(path).expect("the document");
    let rows: Vec<_> = lines.iter().filter_map(Line::documented).collect();
    for row in &rows {
        assert!(document.contains(row), "docs/s3-differences.md must contain:\n{}", rows.join("\n"));
    }
    assert_eq!(document.lines().filter(|line| line.starts_with("| `")).count(), rows.len());
}

//! The folder of recordings: one file per request, and an index.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::http::Head;
use super::proxy::Request;

/// Requests with longer bodies are left out.
const MAX_BODY: usize = 16 * 1024;
/// After this many bytes of a client, its further requests are left out.
const MAX_CLIENT: usize = 180 * 1024;
const INDEX: &str = "recordings.json";

/// The folder and the entries of its index.
pub(super) struct Recordings {
    folder: PathBuf,
    index: Vec<Value>,
}

impl Recordings {
    /// Reads the index, if there is one.
    pub(super) fn open(folder: PathBuf) -> Result<Self> {
        let index = match fs::read(folder.join(INDEX)) {
            Ok(bytes) => serde_json::from_slice(&bytes).with_context(|| format!("{INDEX} is invalid"))?,
            Err(_) => Vec::new(),
        };
        Ok(Self { folder, index })
    }

    /// Replaces the recordings of a client, and returns how many there are.
    pub(super) fn write(&mut self, client: &str, version: &str, requests: Vec<Request>) -> Result<usize> {
        let folder = self.folder.join(client);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        self.index.retain(|entry| entry.get("client").and_then(Value::as_str) != Some(client));
        let (mut count, mut size) = (0, 0);
        for request in requests {
            let head = without_user_agent(&request.head, client);
            let bytes = [head.as_bytes(), b"\r\n\r\n", &request.body].concat();
            if request.body.len() > MAX_BODY || size + bytes.len() > MAX_CLIENT {
                continue;
            }
            count += 1;
            size += bytes.len();
            let file = format!("{count:02}-{}.http", operation(&request.head));
            fs::write(folder.join(&file), bytes)?;
            self.index.push(json!({
                "client": client,
                "version": version,
                "file": format!("{client}/{file}"),
                "signature": signature(&request),
                "unix_seconds": request.unix_seconds,
                "status": request.status,
            }));
        }
        Ok(count)
    }

    /// Writes the index.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.index.sort_by_key(|entry| entry.get("file").map(Value::to_string));
        let mut text = serde_json::to_string_pretty(&self.index)?;
        text.push('\n');
        fs::write(self.folder.join(INDEX), text).with_context(|| format!("cannot write {INDEX}"))
    }
}

// It tells the machine on which the recording was made. A signed one would have to stay.
fn without_user_agent(head: &Head, client: &str) -> String {
    let signed = head.header("authorization").unwrap_or_default().to_ascii_lowercase();
    let lines = head.text.split("\r\n").map(|line| {
        let name = line.split_once(':').map(|(name, _)| name).unwrap_or_default();
        let lower = name.to_ascii_lowercase();
        let is_signed = signed.contains(&format!(";{lower};")) || signed.contains(&format!(";{lower},"));
        match lower.as_str() {
            "user-agent" | "x-amz-user-agent" if !is_signed => format!("{name}: {client}"),
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\r\n")
}

/// How the request is signed.
fn signature(request: &Request) -> &'static str {
    let start = request.head.start();
    let target = start.get(1).copied().unwrap_or_default();
    match request.head.header("authorization") {
        Some(value) if value.starts_with("AWS4-") => "v4-header",
        Some(_) => "v2-header",
        None if target.contains("X-Amz-Signature=") => "v4-presigned",
        None if target.contains("Signature=") => "v2-presigned",
        None if start.first() == Some(&"POST") && contains(&request.body, b"AWS4-HMAC-SHA256") => "v4-form",
        None if start.first() == Some(&"POST") && contains(&request.body, b"AWSAccessKeyId") => "v2-form",
        None => "none",
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The operation, as the name of a file.
fn operation(head: &Head) -> String {
    let start = head.start();
    let method = start.first().map(|method| method.to_ascii_lowercase()).unwrap_or_default();
    let (path, query) = start.get(1).map(|target| target.split_once('?').unwrap_or((target, ""))).unwrap_or_default();
    let what = match path.trim_matches('/').split_once('/') {
        Some(_) => "object",
        None if path.trim_matches('/').is_empty() => "service",
        None => "bucket",
    };
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    let said = |name: &&str| SUB_RESOURCES.contains(name);
    let mut words = vec![method, what.to_owned()];
    words.extend(names.filter(said).map(str::to_ascii_lowercase));
    if head.header("x-amz-copy-source").is_some() {
        words.push("copy".to_owned());
    }
    words.join("-")
}

/// Parameters of the query that tell the operation.
const SUB_RESOURCES: [&str; 19] = [
    "acl",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "legal-hold",
    "lifecycle",
    "list-type",
    "location",
    "object-lock",
    "partNumber",
    "policy",
    "retention",
    "select",
    "tagging",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        Head { text: text.to_owned() }
    }

    #[test]
    fn a_recording_is_named_after_its_operation() {
        assert_eq!(operation(&head("GET / HTTP/1.1")), "get-service");
        assert_eq!(operation(&head("GET /b?list-type=2&prefix=a HTTP/1.1")), "get-bucket-list-type");
        assert_eq!(operation(&head("PUT /b/k HTTP/1.1\r\nx-amz-copy-source: /b/a")), "put-object-copy");
    }

    #[test]
    fn an_unsigned_user_agent_is_replaced() {
        let unsigned = "GET / HTTP/1.1\r\nUser-Agent: x (some machine)\r\nAuthorization: AWS4-HMAC-SHA256 SignedHeaders=host;x-amz-date, Signature=0";
        assert!(without_user_agent(&head(unsigned), "x").contains("\r\nUser-Agent: x\r\n"));
        let signed = unsigned.replace("host;", "host;user-agent;");
        assert_eq!(without_user_agent(&head(&signed), "x"), signed);
    }
}

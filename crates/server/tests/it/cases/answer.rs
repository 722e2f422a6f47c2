use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer as it was received.
pub(crate) struct Answer {
    status: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// Sends a request byte for byte: HTTP clients change paths with dots.
    pub(crate) async fn of(request: http::Request<Vec<u8>>) -> Self {
        let (parts, body) = request.into_parts();
        let authority = parts.uri.authority().expect("a host").as_str();
        let target = parts.uri.path_and_query().expect("a target");
        let mut sent = format!("{} {target} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n", parts.method);
        for (name, value) in &parts.headers {
            sent.push_str(&format!("{name}: {}\r\n", value.to_str().expect("text")));
        }
        if !body.is_empty() || matches!(parts.method.as_str(), "PUT" | "POST") {
            sent.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        let mut stream = TcpStream::connect(authority).await.expect("a connection");
        stream.write_all(&[format!("{sent}\r\n").as_bytes(), &body].concat()).await.expect("sent");
        let mut received = Vec::new();
        // A refusal may close the connection before all was sent.
        drop(stream.read_to_end(&mut received).await);
        let received = String::from_utf8_lossy(&received).into_owned();
        let (head, body) = received.split_once("\r\n\r\n").expect("an answer");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.get(9..12)).expect("a status").to_owned();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: Vec<_> = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
        let body = if chunked { dechunk(body) } else { body.to_owned() };
        Self { status, headers, body }
    }

    /// The status, the code of an error, and what the answer has of the expected facts.
    pub(crate) fn facts(&self, expected: &str) -> String {
        let mut facts = vec![self.status.clone()];
        if self.body.contains("<Error>") {
            facts.extend(self.elements("Code").into_iter().take(1));
            return facts.join(" ; ");
        }
        for fact in expected.split(" ; ").skip(1) {
            let Some((name, _)) = fact.split_once('=') else { continue };
            let value = match name.strip_prefix('<').and_then(|name| name.strip_suffix('>')) {
                Some(element) => self.elements(element).join(","),
                None if name == "body" => self.body.clone(),
                None => self
                    .headers
                    .iter()
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.clone())
                    .unwrap_or_default(),
            };
            facts.push(format!("{name}={value}"));
        }
        facts.join(" ; ")
    }

    fn elements(&self, name: &str) -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let found = self.body.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0));
        let found = found.filter(|text| !text.contains('<'));
        found.map(|text| text.replace("&#xA;", "\n").replace("&#10;", "\n").replace("&amp;", "&")).collect()
    }
}

fn dechunk(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        let Some(chunk) = rest.get(..size).filter(|chunk| !chunk.is_empty()) else { break };
        whole.push_str(chunk);
        body = rest.get(size + 2..).unwrap_or_default();
    }
    whole
}

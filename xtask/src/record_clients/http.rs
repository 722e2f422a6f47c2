//! As much of HTTP/1.1 as a proxy needs that passes heads on unchanged.

use std::io::{self, BufRead, Read as _, Write};

use anyhow::{Context as _, Result, ensure};

/// The longest head of a message.
const MAX_HEAD: u64 = 64 * 1024;

/// The start line and the headers of a message, as they were received.
pub(super) struct Head {
    /// Without the empty line at the end.
    pub(super) text: String,
}

impl Head {
    /// Reads a head. `None` if the connection was closed instead.
    pub(super) fn read(stream: &mut impl BufRead) -> Result<Option<Self>> {
        let mut bytes = Vec::new();
        let mut limited = stream.take(MAX_HEAD);
        loop {
            let length = limited.read_until(b'\n', &mut bytes)?;
            if length == 0 {
                ensure!(bytes.is_empty(), "the connection was closed within a head");
                return Ok(None);
            }
            if bytes.ends_with(b"\r\n\r\n") {
                bytes.truncate(bytes.len().saturating_sub(4));
                return Ok(Some(Self { text: String::from_utf8(bytes).context("a head is not UTF-8")? }));
            }
        }
    }

    /// The words of the start line.
    pub(super) fn start(&self) -> Vec<&str> {
        self.text.lines().next().unwrap_or_default().split(' ').collect()
    }

    /// The value of the first header of this name, which is given in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.text.lines().skip(1).filter_map(|line| line.split_once(':'));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    fn is_chunked(&self) -> bool {
        self.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    }

    /// Reads the body of a request, without its transfer encoding.
    pub(super) fn read_body(&self, stream: &mut impl BufRead) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        if self.is_chunked() {
            while let Some(chunk) = read_chunk(stream)? {
                body.extend(chunk);
            }
        } else if let Some(length) = self.header("content-length") {
            let length: u64 = length.parse()?;
            let got = stream.take(length).read_to_end(&mut body)?;
            ensure!(u64::try_from(got)? == length, "the connection was closed within a body");
        }
        Ok(body)
    }

    /// Writes the head, and a body in the transfer encoding that the head names.
    pub(super) fn write(&self, body: &[u8], stream: &mut impl Write) -> Result<()> {
        let mut bytes = format!("{}\r\n\r\n", self.text).into_bytes();
        if self.is_chunked() {
            if !body.is_empty() {
                write!(bytes, "{:x}\r\n", body.len())?;
                bytes.extend(body);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            bytes.extend(body);
        }
        stream.write_all(&bytes)?;
        Ok(stream.flush()?)
    }

    /// Whether a response with this head to a request of this method has a body that ends with the connection.
    pub(super) fn ends_with_connection(&self, method: &str) -> bool {
        self.may_have_body(method) && !self.is_chunked() && self.header("content-length").is_none()
    }

    fn may_have_body(&self, method: &str) -> bool {
        let start = self.start();
        method != "HEAD" && !matches!(start.get(1), Some(&("204" | "304")))
    }

    /// Passes a response on that has this head.
    pub(super) fn pass_on(&self, method: &str, from: &mut impl BufRead, to: &mut impl Write) -> Result<()> {
        if !self.may_have_body(method) {
            to.write_all(format!("{}\r\n\r\n", self.text).as_bytes())?;
        } else if self.ends_with_connection(method) {
            to.write_all(format!("{}\r\n\r\n", self.text).as_bytes())?;
            io::copy(from, to)?;
        } else {
            let body = self.read_body(from)?;
            self.write(&body, to)?;
        }
        Ok(to.flush()?)
    }
}

/// Reads a chunk. `None` at the last one, after the trailers.
fn read_chunk(stream: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let line = read_line(stream)?;
    let length = line.split(';').next().unwrap_or_default().trim();
    let length = u64::from_str_radix(length, 16).with_context(|| format!("`{line}` is not the length of a chunk"))?;
    if length == 0 {
        while !read_line(stream)?.is_empty() {}
        return Ok(None);
    }
    let mut chunk = Vec::new();
    stream.take(length).read_to_end(&mut chunk)?;
    read_line(stream)?;
    Ok(Some(chunk))
}

fn read_line(stream: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    ensure!(stream.take(MAX_HEAD).read_line(&mut line)? > 0, "the connection was closed within a body");
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_is_read_and_written_again() {
        let mut stream =
            b"PUT /b/k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n".as_slice();
        let head = Head::read(&mut stream).unwrap().unwrap();
        assert_eq!(head.start(), ["PUT", "/b/k", "HTTP/1.1"]);
        let body = head.read_body(&mut stream).unwrap();
        assert_eq!(body, b"abcde");
        let mut written = Vec::new();
        head.write(&body, &mut written).unwrap();
        assert!(written.ends_with(b"\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"));
    }

    #[test]
    fn a_response_to_head_has_no_body() {
        let mut stream = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n".as_slice();
        let head = Head::read(&mut stream).unwrap().unwrap();
        let mut written = Vec::new();
        head.pass_on("HEAD", &mut stream, &mut written).unwrap();
        assert_eq!(written, b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    }
}

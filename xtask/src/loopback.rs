//! HTTP requests to servers on this machine.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(30);

/// A free port.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr()?.port())
}

/// Polls until the condition holds. Fails if the condition does, or after 30 s.
pub(crate) fn wait_until(what: impl fmt::Display, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let started = Instant::now();
    while !holds()? {
        if started.elapsed() > TIMEOUT {
            bail!("{what} was not ready within {} s", TIMEOUT.as_secs());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Status and body of a response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Sends a GET request, or a POST request when there is a body, to a port of 127.0.0.1.
pub(crate) fn request(port: u16, path: &str, body: Option<&Value>) -> Result<Answer> {
    send(port, path, "", body)
}

/// Like [`request`], with a token of a session.
pub(crate) fn request_as(port: u16, token: &str, path: &str, body: Option<&Value>) -> Result<Answer> {
    send(port, path, &format!("Authorization: Bearer {token}\r\n"), body)
}

fn send(port: u16, path: &str, headers: &str, body: Option<&Value>) -> Result<Answer> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let head = format!("{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}");
    match body.map(Value::to_string) {
        None => write!(stream, "GET {head}\r\n")?,
        Some(body) => {
            let length = body.len();
            write!(stream, "POST {head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")?;
        }
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    parse(&answer).with_context(|| format!("{address}{path} did not respond with HTTP"))
}

fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_into_status_and_body() {
        let answer = parse("HTTP/1.1 201 Created\r\nA: b\r\n\r\n{}").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (201, "{}"));
        assert!(parse("SSH-2.0-OpenSSH").is_none());
    }

    #[test]
    fn waiting_ends_with_the_error_of_the_condition() {
        let error = wait_until("it", || bail!("it died")).unwrap_err();
        assert_eq!(error.to_string(), "it died");
    }
}

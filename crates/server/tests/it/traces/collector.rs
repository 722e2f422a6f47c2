//! A collector that stores what it receives, and decodes just enough of the protocol to read it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A collector on a port of its own.
pub(super) struct Collector {
    pub(super) url: String,
    taken: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// A span as it was received.
#[derive(Debug, Default)]
pub(super) struct Span {
    pub(super) trace: String,
    pub(super) id: String,
    /// Empty for the root of a trace.
    pub(super) parent: String,
    pub(super) name: String,
    pub(super) kind: u64,
    attributes: Vec<(String, String)>,
}

impl Span {
    pub(super) const SERVER: u64 = 2;

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

impl Collector {
    pub(super) async fn start() -> Self {
        let (listener, url) = listen().await;
        let taken: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let kept = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, kept.clone()));
            }
        });
        Self { url, taken }
    }

    /// The URL of a collector that accepts connections and never responds.
    pub(super) async fn start_hanging() -> String {
        let (listener, url) = listen().await;
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
        });
        url
    }

    /// A URL at which nothing listens.
    pub(super) async fn address_of_nobody() -> String {
        listen().await.1
    }

    /// Everything that was received.
    pub(super) fn text(&self) -> String {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.iter().map(|body| String::from_utf8_lossy(body).into_owned()).collect()
    }

    /// Every span that was received.
    pub(super) fn spans(&self) -> Vec<Span> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let resources = taken.iter().flat_map(|body| nested(body, 1));
        let scopes = resources.flat_map(|resource| nested(resource, 2));
        scopes.flat_map(|scope| nested(scope, 2)).map(span).collect()
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

/// Answers the requests of one connection.
async fn take(stream: TcpStream, taken: Arc<Mutex<Vec<Vec<u8>>>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            if first.is_empty() {
                first.clone_from(&line);
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line.is_empty() {
                break;
            }
        }
        assert!(first.starts_with("POST /v1/traces "), "{first}");
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("a body");
        taken.lock().unwrap_or_else(PoisonError::into_inner).push(body);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.expect("a connection");
    }
}

fn span(bytes: &[u8]) -> Span {
    let hex = |number| first(bytes, number).iter().map(|byte| format!("{byte:02x}")).collect();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let attributes = nested(bytes, 9).map(|pair| (text(first(pair, 1)), text(first(first(pair, 2), 1)))).collect();
    let kind = fields(bytes).into_iter().find_map(|(number, field)| match field {
        Field::Number(kind) if number == 6 => Some(kind),
        _ => None,
    });
    let kind = kind.unwrap_or_default();
    Span { trace: hex(1), id: hex(2), parent: hex(4), name: text(first(bytes, 5)), kind, attributes }
}

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn nested(message: &[u8], number: u64) -> impl Iterator<Item = &[u8]> {
    fields(message).into_iter().filter_map(move |(found, field)| match field {
        Field::Bytes(bytes) if found == number => Some(bytes),
        _ => None,
    })
}

fn first(message: &[u8], number: u64) -> &[u8] {
    nested(message, number).next().unwrap_or_default()
}

/// The fields of a Protocol Buffers message, with their numbers.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let field = match tag & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => Field::Bytes(take_bytes(&mut bytes, 8)),
            2 => {
                let length = varint(&mut bytes);
                Field::Bytes(take_bytes(&mut bytes, usize::try_from(length).expect("a length")))
            }
            5 => Field::Bytes(take_bytes(&mut bytes, 4)),
            other => panic!("wire type {other}"),
        };
        fields.push((tag >> 3, field));
    }
    fields
}

fn take_bytes<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take_bytes(bytes, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

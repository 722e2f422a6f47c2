//! The server on a real socket.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use storage_hub_adapter_http::serve;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::harness::Parts;
use crate::running_on::GatedUnitOfWork;

struct Server {
    address: SocketAddr,
    runtime: Runtime,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<std::io::Result<()>>>,
}

impl Server {
    fn start(parts: Parts) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut options = parts.options;
        options.workers = 2.try_into().unwrap();
        let stopped = async {
            let _ = stopped.await;
        };
        let served = serve(listener, parts.ports, options, runtime.handle().clone(), stopped);
        let served = runtime.spawn(served);
        Self { address, runtime, stop: Some(stop), served: Some(served) }
    }

    /// Sends bytes and reads until the server closes the connection.
    fn talk(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer);
        let waited = end.is_err_and(|error| [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()));
        assert!(!waited, "the connection is still open");
        String::from_utf8(answer).unwrap()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
            self.runtime.block_on(self.served.take().unwrap()).unwrap().unwrap();
        }
    }
}

fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

const SIGN_UP: &str = r#"{"email":"a@example.com","password":"password123"}"#;

#[test]
fn the_server_answers_on_a_socket_and_stops_on_shutdown() {
    let mut server = Server::start(Parts::new());
    let answer = server.talk(&post("/api/users/signup", SIGN_UP));
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    let answer = server.talk(&post("/api/users/signup", SIGN_UP));
    assert!(answer.starts_with("HTTP/1.1 409 Conflict\r\n"), "{answer}");
    server.stop();
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn a_client_that_disconnected_before_its_response_may_repeat_the_request() {
    let mut parts = Parts::new();
    let gate = GatedUnitOfWork::install(&mut parts);
    gate.shut();
    let server = Server::start(parts);
    let mut stream = server.connect();
    stream.write_all(&post("/api/users/signup", SIGN_UP)).unwrap();
    server.runtime.block_on(gate.waiting.notified());
    stream.shutdown(Shutdown::Write).unwrap();
    // Once the server has closed its side too, it has noticed that the client is gone.
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    gate.open();
    for status in ["HTTP/1.1 201 Created\r\n", "HTTP/1.1 409 Conflict\r\n"] {
        // While the first request still runs, its repetition is answered 503: the clock of the tests leaps over every wait.
        let mut answers = std::iter::repeat_with(|| server.talk(&post("/api/users/signup", SIGN_UP)));
        let answer = answers.find(|answer| !answer.starts_with("HTTP/1.1 503 ")).unwrap();
        assert!(answer.starts_with(status), "{answer}");
    }
}

#[test]
fn a_head_is_answered_without_a_body() {
    let server = Server::start(Parts::new());
    let answer = server.talk(b"HEAD /health HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    assert!(answer.contains("content-length: 99\r\n"), "{answer}");
}

#[test]
fn a_body_with_a_too_large_content_length_is_refused_before_it_arrives() {
    let server = Server::start(Parts::new());
    let head = "POST /api/users/signup HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n\
                Content-Length: 1000000000\r\n\r\n";
    let answer = server.talk(head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413 Payload Too Large\r\n"), "{answer}");
    assert!(answer.contains(r#""error":"Request too large""#), "{answer}");
}

#[test]
fn a_chunked_body_over_the_limit_is_refused() {
    let server = Server::start(Parts::new());
    let mut request = b"POST /api/users/signup HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\
                        Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        .to_vec();
    request.extend_from_slice(format!("8000\r\n{}\r\n0\r\n\r\n", " ".repeat(0x8000)).as_bytes());
    let answer = server.talk(&request);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn a_chunked_body_that_never_ends_does_not_keep_a_connection() {
    let server = Server::start(Parts::new());
    let begun = "Host: hub\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n";
    let table =
        [("GET /health", "HTTP/1.1 200 "), ("GET /nothing", "HTTP/1.1 404 "), ("POST /api/buckets", "HTTP/1.1 401 ")];
    for (line, status) in table {
        let answer = server.talk(format!("{line} HTTP/1.1\r\n{begun}").as_bytes());
        assert!(answer.starts_with(status), "{answer}");
    }
}

#[test]
fn a_body_that_does_not_arrive_in_time_is_answered_408() {
    let mut parts = Parts::new();
    parts.options.time_limit = Duration::from_millis(100);
    let server = Server::start(parts);
    let head = "POST /api/users/signup HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n\
                Content-Length: 50\r\n\r\n{";
    let answer = server.talk(head.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains(r#""error":"Request timeout""#), "{answer}");
}

#[test]
fn malformed_request_lines_are_answered_4xx() {
    let server = Server::start(Parts::new());
    let long = "a".repeat(60_000);
    let lines: [&[u8]; 6] = [
        b"GET /api/buckets/%ff%fe%fd HTTP/1.1\r\n",
        b"GET /api/buckets/%zz HTTP/1.1\r\n",
        b"GET /api/buckets/\xc3\xbc\xc3\xbc\xc3\xbc HTTP/1.1\r\n",
        b"GET // HTTP/1.1\r\n",
        b"GET http://[ HTTP/1.1\r\n",
        &[b"GET /api/buckets/", long.as_bytes(), b" HTTP/1.1\r\n"].concat(),
    ];
    for line in lines {
        let answer = server.talk(&[line, b"Host: hub\r\nConnection: close\r\n\r\n"].concat());
        assert!(answer.starts_with("HTTP/1.1 4"), "{:?}: {answer}", String::from_utf8_lossy(line));
    }
}

#[test]
fn a_request_in_progress_is_answered_before_the_server_stops() {
    let mut parts = Parts::new();
    let gate = GatedUnitOfWork::install(&mut parts);
    gate.shut();
    let mut server = Server::start(parts);
    let mut stream = server.connect();
    stream.write_all(&post("/api/users/signup", SIGN_UP)).unwrap();
    server.runtime.block_on(gate.waiting.notified());
    let (address, mut answer) = (server.address, String::new());
    thread::scope(|scope| {
        scope.spawn(|| server.stop());
        while TcpStream::connect(address).is_ok() {
            thread::yield_now();
        }
        gate.open();
        stream.read_to_string(&mut answer).unwrap();
    });
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_that_does_not_read_its_answer_loses_the_connection() {
    let mut parts = Parts::new();
    parts.options.write_timeout = Duration::from_millis(300);
    let server = Server::start(parts);
    // Connections that were opened before the server started do not have the limit.
    server.talk(b"GET /health HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
    let mut stream = server.connect();
    let client = stream.local_addr().unwrap();
    assert!(is_connected(server.address, client));
    // The answer is larger than what the socket of the client takes in.
    stream.write_all(b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: hub\r\n\r\n").unwrap();
    let started = std::time::Instant::now();
    while is_connected(server.address, client) {
        assert!(started.elapsed() < Duration::from_secs(30), "the connection is still open");
        thread::sleep(Duration::from_millis(20));
    }
    let mut answer = Vec::new();
    assert!(stream.read_to_end(&mut answer).is_err(), "the connection was reset before the end of the answer");
}

/// Whether the system has a socket of the server's side of this connection.
#[cfg(target_os = "linux")]
fn is_connected(server: SocketAddr, client: SocketAddr) -> bool {
    let hex = |address: SocketAddr| match address {
        SocketAddr::V4(address) => format!("{:08X}:{:04X}", u32::from_ne_bytes(address.ip().octets()), address.port()),
        SocketAddr::V6(_) => panic!("the server listens on IPv4"),
    };
    let pair = format!(" {} {} ", hex(server), hex(client));
    std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&pair)
}

//! The proxy between the clients and MinIO, with and without TLS.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::http::Head;
use super::{PORT, TLS_PORT};

/// A proxy that runs until this program ends.
pub(super) struct Proxy {
    requests: Arc<Mutex<Vec<Request>>>,
}

/// A request that a client sent.
pub(super) struct Request {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
    /// When its head arrived, in seconds since 1970.
    pub(super) unix_seconds: u64,
    /// The status of MinIO's response.
    pub(super) status: u16,
}

impl Proxy {
    /// Listens on both ports, and writes the certificate of the TLS port to a file.
    pub(super) fn start(upstream: SocketAddr, certificate: &Path) -> Result<Self> {
        let requests = Arc::default();
        let tls = Arc::new(tls(certificate)?);
        let plain = Arc::clone(&requests);
        listen(PORT, move |stream| serve(BufReader::new(stream), upstream, &plain))?;
        let encrypted = Arc::clone(&requests);
        listen(TLS_PORT, move |stream| {
            let connection = ServerConnection::new(Arc::clone(&tls))?;
            serve(BufReader::new(StreamOwned::new(connection, stream)), upstream, &encrypted)
        })?;
        Ok(Self { requests })
    }

    /// The requests since the last call.
    pub(super) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn tls(certificate: &Path) -> Result<ServerConfig> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    fs::write(certificate, made.cert.pem())?;
    let key = made.signing_key.serialize_der().try_into().map_err(anyhow::Error::msg)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key)?)
}

fn listen(port: u16, handle: impl Fn(TcpStream) -> Result<()> + Send + Sync + 'static) -> Result<()> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| format!("port {port} is not free"))?;
    let handle = Arc::new(handle);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let handle = Arc::clone(&handle);
            thread::spawn(move || {
                // A client may close a connection at any time.
                let _ = stream
                    .set_read_timeout(Some(Duration::from_secs(60)))
                    .map_err(Into::into)
                    .and_then(|()| handle(stream));
            });
        }
    });
    Ok(())
}

fn serve<S: Read + Write>(
    mut client: BufReader<S>,
    upstream: SocketAddr,
    requests: &Mutex<Vec<Request>>,
) -> Result<()> {
    while let Some(head) = Head::read(&mut client)? {
        let unix_seconds = now()?;
        if head.header("expect").is_some() {
            client.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            client.get_mut().flush()?;
        }
        let body = head.read_body(&mut client)?;
        let mut server = BufReader::new(TcpStream::connect(upstream)?);
        head.write(&body, server.get_mut())?;
        let answer = final_head(&mut server)?;
        let status = answer.start().get(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let method = head.start().first().map(ToString::to_string).unwrap_or_default();
        // Before the response, because the client may end as soon as it has it.
        requests.lock().unwrap_or_else(PoisonError::into_inner).push(Request { head, body, unix_seconds, status });
        answer.pass_on(&method, &mut server, client.get_mut())?;
        if answer.ends_with_connection(&method) {
            return Ok(());
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the clients sign the time of the machine")]
fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

fn final_head(server: &mut impl BufRead) -> Result<Head> {
    loop {
        let head = Head::read(server)?.context("MinIO closed the connection")?;
        if !matches!(head.start().get(1), Some(status) if status.starts_with('1')) {
            return Ok(head);
        }
    }
}

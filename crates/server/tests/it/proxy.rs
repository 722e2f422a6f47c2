//! A proxy between the hub and its store or its database that can fail on demand.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// The treatment of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// They are passed through.
    Pass,
    /// They are closed immediately, including open ones.
    Refuse,
    /// They are accepted and never answered; open ones stay silent.
    Hang,
    /// They are passed through a few bytes at a time, so that no response is complete in time.
    Slow,
    /// They are passed through up to the middle of the next response and then closed.
    CutMidAnswer,
}

/// Number of bytes that a slow proxy passes before it pauses.
const DRIP: usize = 16;
const PAUSE: Duration = Duration::from_millis(500);

/// A proxy on a port of its own.
pub(crate) struct Proxy {
    address: std::net::SocketAddr,
    mode: Arc<AtomicU8>,
    changed: tokio::sync::watch::Sender<()>,
}

impl Proxy {
    pub(crate) async fn start(target: &str) -> Self {
        let target = target.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mode = Arc::new(AtomicU8::new(Mode::Pass as u8));
        let (changed, change) = tokio::sync::watch::channel(());
        let shared = mode.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, target.clone(), shared.clone(), change.clone()));
            }
        });
        Self { address, mode, changed }
    }

    /// Its address, without a scheme.
    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.store(mode as u8, Ordering::SeqCst);
        let _ = self.changed.send(());
    }
}

async fn serve(
    mut connection: TcpStream,
    target: String,
    mode: Arc<AtomicU8>,
    mut change: tokio::sync::watch::Receiver<()>,
) {
    change.mark_unchanged();
    let is = |wanted: Mode| mode.load(Ordering::SeqCst) == wanted as u8;
    if !is(Mode::Refuse) && !is(Mode::Hang) {
        let Ok(mut server) = TcpStream::connect(&target).await else { return };
        let ((from_client, to_client), (from_server, to_server)) = (connection.split(), server.split());
        let questions = pump(from_client, to_server, &mode, false);
        let answers = pump(from_server, to_client, &mode, true);
        let mut both = std::pin::pin!(async { tokio::try_join!(questions, answers) });
        while !is(Mode::Refuse) && !is(Mode::Hang) {
            tokio::select! {
                _ = &mut both => return,
                _ = change.changed() => {}
            }
        }
    }
    if is(Mode::Hang) {
        // Keeps the connection open and silent until the mode changes again.
        drop(change.changed().await);
    }
}

async fn pump(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, mode: &AtomicU8, is_answer: bool) -> io::Result<()> {
    let is = |wanted: Mode| mode.load(Ordering::SeqCst) == wanted as u8;
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        let chunk = &buffer[..read];
        if is_answer && is(Mode::CutMidAnswer) {
            to.write_all(&chunk[..read / 2]).await?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut rest = chunk;
        while is(Mode::Slow) && !rest.is_empty() {
            let (piece, after) = rest.split_at(DRIP.min(rest.len()));
            tokio::time::sleep(PAUSE).await;
            to.write_all(piece).await?;
            rest = after;
        }
        to.write_all(rest).await?;
    }
}

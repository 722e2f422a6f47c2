//! A proxy between the hub and its store that can fail on demand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// What becomes of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// They go through.
    Pass,
    /// They are closed at once; those that are open too.
    Refuse,
    /// They are taken and never answered; those that are open stay silent.
    Hang,
}

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
    if is(Mode::Pass) {
        let Ok(mut server) = TcpStream::connect(&target).await else { return };
        tokio::select! {
            _ = copy_bidirectional(&mut connection, &mut server) => return,
            _ = change.changed() => {}
        }
    }
    if is(Mode::Hang) {
        // Held open and silent until the mode changes once more.
        drop(change.changed().await);
    }
}

//! Certificates from files, read anew when the files change.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::signal::unix::{SignalKind, signal};

/// How often the files are looked at.
const LOOK_AFTER: Duration = Duration::from_secs(2);

/// A certificate and its key in two files. Connections that are there keep the one that they began with.
pub(crate) struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads the files; none where none are configured.
    ///
    /// # Errors
    /// When there is no certificate or no key in them, or they do not belong together.
    pub(crate) fn open(chain: Option<&Path>, key: Option<&Path>) -> anyhow::Result<Option<Arc<Self>>> {
        let (Some(chain), Some(key)) = (chain, key) else { return Ok(None) };
        let current = RwLock::new(Arc::new(read(chain, key)?));
        Ok(Some(Arc::new(Self { chain: chain.to_owned(), key: key.to_owned(), current })))
    }

    /// What a server does with it.
    ///
    /// # Errors
    /// Never with the protocols that are compiled in.
    pub(crate) fn server_config(self: &Arc<Self>) -> anyhow::Result<rustls::ServerConfig> {
        let builder = rustls::ServerConfig::builder_with_provider(Arc::new(provider()));
        let builder = builder.with_safe_default_protocol_versions().context("TLS cannot be set up")?;
        Ok(builder.with_no_client_auth().with_cert_resolver(self.clone()))
    }

    /// Reads the files anew when they have changed, or at SIGHUP. Those that do not fit leave all as it was.
    pub(crate) async fn follow(self: Arc<Self>) {
        let Ok(mut hang_up) = signal(SignalKind::hangup()) else {
            tracing::error!("SIGHUP cannot be listened for; certificates are not read anew");
            return;
        };
        let mut seen = self.stamps();
        loop {
            let asked = tokio::select! {
                _ = hang_up.recv() => true,
                () = tokio::time::sleep(LOOK_AFTER) => false,
            };
            let stamps = self.stamps();
            if asked || stamps != seen {
                seen = stamps;
                self.reload();
            }
        }
    }

    fn reload(&self) {
        let path = self.chain.display();
        match read(&self.chain, &self.key) {
            Ok(key) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
                tracing::info!(%path, "the certificate was read anew");
            }
            Err(error) => {
                tracing::error!(%path, error = format!("{error:#}"), "the new certificate does not fit; the old one stays");
            }
        }
    }

    /// What changes when the files do.
    fn stamps(&self) -> [Option<(u64, i64, i64, u64)>; 2] {
        [&self.chain, &self.key].map(|path| {
            let data = fs::metadata(path).ok()?;
            Some((data.ino(), data.mtime(), data.mtime_nsec(), data.size()))
        })
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.chain.display())
    }
}

fn provider() -> CryptoProvider {
    ring::default_provider()
}

fn read(chain: &Path, key: &Path) -> anyhow::Result<CertifiedKey> {
    let certificates = CertificateDer::pem_file_iter(chain).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = certificates.with_context(|| format!("the certificate {} cannot be read", chain.display()))?;
    anyhow::ensure!(!certificates.is_empty(), "{} has no certificate; it is to be in PEM", chain.display());
    let private = PrivateKeyDer::from_pem_file(key);
    let private = private.with_context(|| format!("the private key {} cannot be read", key.display()))?;
    CertifiedKey::from_der(certificates, private, &provider())
        .with_context(|| format!("{} and {} do not fit together", chain.display(), key.display()))
}

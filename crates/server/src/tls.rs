//! TLS certificates from files, which are reloaded when the files change.

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

use crate::config::Config;

/// Time between two checks whether the files have changed.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// A certificate and its key in two files. Open connections keep the certificate that they began with.
pub(crate) struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads the files; `None` when none are configured.
    ///
    /// # Errors
    /// When they contain no certificate or no key, or do not belong together.
    pub(crate) fn open(chain: Option<&Path>, key: Option<&Path>) -> anyhow::Result<Option<Arc<Self>>> {
        let (Some(chain), Some(key)) = (chain, key) else { return Ok(None) };
        let current = RwLock::new(Arc::new(read(chain, key)?));
        Ok(Some(Arc::new(Self { chain: chain.to_owned(), key: key.to_owned(), current })))
    }

    /// The configuration of a server that uses the certificate.
    ///
    /// # Errors
    /// Never with the protocols that are compiled in.
    pub(crate) fn server_config(self: &Arc<Self>) -> anyhow::Result<rustls::ServerConfig> {
        let builder = rustls::ServerConfig::builder_with_provider(Arc::new(provider()));
        let builder = builder.with_safe_default_protocol_versions().context("TLS cannot be set up")?;
        Ok(builder.with_no_client_auth().with_cert_resolver(self.clone()))
    }

    /// Reloads the files when they have changed, and at SIGHUP. Invalid files leave the certificate as it was.
    pub(crate) async fn follow(self: Arc<Self>) {
        let Ok(mut hang_up) = signal(SignalKind::hangup()) else {
            tracing::error!("cannot receive SIGHUP; TLS certificates are not reloaded");
            return;
        };
        let mut seen = self.stamps();
        loop {
            let requested = tokio::select! {
                _ = hang_up.recv() => true,
                () = tokio::time::sleep(CHECK_INTERVAL) => false,
            };
            let stamps = self.stamps();
            if requested || stamps != seen {
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
                tracing::info!(tls.certificate = %path, "reloaded the TLS certificate {path}");
            }
            Err(error) => {
                tracing::error!(
                    tls.certificate = %path,
                    error = format!("{error:#}"),
                    "could not reload the TLS certificate {path}; the previous one stays in use"
                );
            }
        }
    }

    /// Values that change when the files do.
    fn stamps(&self) -> [Option<(u64, i64, i64, u64)>; 2] {
        [&self.chain, &self.key].map(|path| {
            let data = fs::metadata(path).ok()?;
            Some((data.ino(), data.mtime(), data.mtime_nsec(), data.size()))
        })
    }
}

/// The certificates of both endpoints.
pub(crate) struct Certificates {
    /// That of the REST API.
    pub(crate) api: Option<Arc<Certificate>>,
    /// That of the embedded store's endpoint.
    pub(crate) s3: Option<Arc<Certificate>>,
}

impl Certificates {
    /// Reads the configured files.
    ///
    /// # Errors
    /// Those of [`Certificate::open`], with the key.
    pub(crate) fn open(config: &Config) -> anyhow::Result<Self> {
        let (api, s3) = (&config.api, &config.s3);
        let api = Certificate::open(api.tls_cert_file.as_deref(), api.tls_key_file.as_deref());
        let s3 = Certificate::open(s3.tls_cert_file.as_deref(), s3.tls_key_file.as_deref());
        Ok(Self { api: api.context("api.tls_cert_file")?, s3: s3.context("s3.tls_cert_file")? })
    }

    /// Keeps both up to date in the background.
    pub(crate) fn follow(&self) {
        for certificate in [&self.api, &self.s3].into_iter().flatten() {
            tokio::spawn(certificate.clone().follow());
        }
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
    anyhow::ensure!(!certificates.is_empty(), "{} contains no certificate in PEM format", chain.display());
    let private = PrivateKeyDer::from_pem_file(key);
    let private = private.with_context(|| format!("the private key {} cannot be read", key.display()))?;
    CertifiedKey::from_der(certificates, private, &provider())
        .with_context(|| format!("{} and {} do not belong together", chain.display(), key.display()))
}

//! Options of [`PgRecords`](crate::PgRecords) and the errors of creating it.

use std::num::NonZeroUsize;
use std::time::Duration;

/// Options of the connection pool. Durations above 4 s count as 4 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PgOptions {
    /// Maximum number of connections. Up to 4 of them, but no more than half, are shared by reads of one statement;
    /// each of the others serves one transaction at a time. The default is 10.
    pub pool_size: NonZeroUsize,
    /// Maximum time that a call waits for a connection, whether pooled or new. The default is 3 s.
    pub acquire_timeout: Duration,
    /// Maximum time that the server works on a statement. The default is 3 s. Two thirds of it is the maximum time
    /// that a statement waits for a lock.
    pub statement_timeout: Duration,
}

impl PgOptions {
    /// Maximum duration of a call, whatever the server does.
    pub(crate) const CALL: Duration = Duration::from_secs(4);

    pub(crate) fn acquire_timeout(&self) -> Duration {
        self.acquire_timeout.min(Self::CALL)
    }

    pub(crate) fn statement_timeout(&self) -> Duration {
        self.statement_timeout.clamp(Duration::from_millis(3), Self::CALL)
    }

    pub(crate) fn lock_timeout(&self) -> Duration {
        self.statement_timeout() * 2 / 3
    }
}

impl Default for PgOptions {
    fn default() -> Self {
        Self {
            pool_size: NonZeroUsize::MIN.saturating_add(9),
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(3),
        }
    }
}

/// [`PgRecords`](crate::PgRecords) could not be created. No variant contains the URL, because it may hold a password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is malformed.
    #[error("database URL must look like `postgres://user:password@host:port/database?sslmode=…`")]
    Url(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The `sslmode` is unknown.
    #[error("sslmode must be disable, prefer, require, verify-ca or verify-full, got {0:?}")]
    SslMode(String),
    /// The certificates of authorities cannot be read.
    #[error("cannot read the certificates of authorities for the database ({0})")]
    Certificates(String),
    /// There is no Tokio runtime that could drive connections.
    #[error("a Tokio runtime is needed to connect to the database")]
    NoRuntime,
    /// The connection pool cannot be created.
    #[error("cannot create the connection pool")]
    Pool(#[source] Box<dyn std::error::Error + Send + Sync>),
}

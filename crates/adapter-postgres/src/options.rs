use std::num::NonZeroUsize;
use std::time::Duration;

/// How [`PgRecords`](crate::PgRecords) uses the database. None of the times counts for more than 4 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PgOptions {
    /// How many connections there are at most: up to 4 of them, but no more than half, are shared by all reads of one
    /// statement, the others are for a transaction each. The default is 10.
    pub pool_size: NonZeroUsize,
    /// How long a call waits for a connection, be it one that others use or one that is made. The default is 3 s.
    pub acquire_timeout: Duration,
    /// How long the server works on a statement before it gives it up. The default is 3 s. It waits for another
    /// transaction's lock for two thirds of that.
    pub statement_timeout: Duration,
}

impl PgOptions {
    /// How long a call takes at most, whatever the server does.
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

/// Why [`PgRecords`](crate::PgRecords) could not be made. The URL, which may hold a password, is in none of them.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is malformed.
    #[error("the URL of the database is not of the form postgres://user:password@host:port/database?sslmode=…")]
    Url(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A way to use TLS that is not known.
    #[error("sslmode={0:?} is not known; use disable, prefer, require, verify-ca or verify-full")]
    SslMode(String),
    /// The certificates that servers are to be checked against cannot be read.
    #[error("the certificates that the database is checked against cannot be read ({0})")]
    Certificates(String),
    /// There is no Tokio runtime to drive connections on.
    #[error("the database can be connected to from within a Tokio runtime only")]
    NoRuntime,
    /// The pool of connections cannot be made.
    #[error("the pool of connections cannot be made")]
    Pool(#[source] Box<dyn std::error::Error + Send + Sync>),
}

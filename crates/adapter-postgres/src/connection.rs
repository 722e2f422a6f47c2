//! Connections: how they are opened, with TLS and the session's settings, and when the pool reuses one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel_async::AsyncPgConnection;
use percent_encoding::percent_decode_str;
use storage_hub_core::ports::{RecordError, Source};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::messages::is_english;
use crate::tls::{self, Trust};
use crate::{ConnectError, PgOptions};

/// Opens connections and decides which ones can be reused.
///
/// They are driven on the runtime that was current when the connector was created, because a caller's own runtime may
/// end while the connection is in the pool.
#[derive(Clone)]
pub(crate) struct Connector {
    config: Arc<Config>,
    tls: Option<MakeRustlsConnect>,
    settings: Arc<str>,
    pub(crate) runtime: Handle,
}

/// A connection and whether the server has closed it.
pub(crate) struct Connection {
    pub(crate) statements: AsyncPgConnection,
    closed: Arc<AtomicBool>,
}

impl Connection {
    /// Whether the server is known to have closed it.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

impl Connector {
    pub(crate) fn new(url: &str, options: &PgOptions) -> Result<Self, ConnectError> {
        let runtime = Handle::try_current().map_err(|_| ConnectError::NoRuntime)?;
        let (url, ssl) = SslParameters::split_off(url);
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| ConnectError::Url(error.into()))?;
        // libpq's other form, a string of keys and values, can only name the driver's own modes.
        let (mode, trust) = ssl.mode()?.unwrap_or((config.get_ssl_mode(), Trust::Anyone));
        let tls = match mode {
            SslMode::Disable => None,
            _ => Some(tls::connector(&trust, ssl.root_certificates.as_deref())?),
        };
        if config.get_application_name().is_none() {
            config.application_name("storage-hub");
        }
        config.ssl_mode(mode).tcp_user_timeout(PgOptions::CALL).keepalives_idle(Duration::from_secs(30));
        config.connect_timeout(options.acquire_timeout());
        Ok(Self { config: Arc::new(config), tls, settings: session_settings(options).into(), runtime })
    }

    /// Opens a connection with the settings of the pool.
    pub(crate) async fn connect(&self) -> Result<Connection, RecordError> {
        self.connect_with(self.settings.clone()).await
    }

    /// Opens a connection without a statement timeout.
    pub(crate) async fn connect_unbounded(&self) -> Result<Connection, RecordError> {
        self.connect_with("SET statement_timeout = 0".into()).await
    }

    async fn connect_with(&self, settings: Arc<str>) -> Result<Connection, RecordError> {
        let connector = self.clone();
        let connecting = self.runtime.spawn(async move {
            let Self { config, tls, runtime, .. } = connector;
            let limit = PgOptions::CALL;
            let connecting = async {
                match tls {
                    Some(tls) => establish(&config, tls, &settings, &runtime).await,
                    None => establish(&config, NoTls, &settings, &runtime).await,
                }
            };
            tokio::time::timeout(limit, connecting).await?
        });
        // A caller that stops waiting must not leave a connection behind.
        let _abort = AbortWhenDropped(connecting.abort_handle());
        connecting.await.map_err(Source::from).and_then(|made| made).map_err(RecordError::Unavailable)
    }
}

async fn establish<T>(config: &Config, tls: T, settings: &str, runtime: &Handle) -> Result<Connection, Source>
where
    T: tokio_postgres::tls::MakeTlsConnect<tokio_postgres::Socket> + Send,
    T::Stream: Send + 'static,
{
    let (client, driver) = config.connect(tls).await?;
    let closed = Arc::new(AtomicBool::new(false));
    let noted = NoteWhenDropped(closed.clone());
    runtime.spawn(async move {
        let _noted = noted;
        if let Err(error) = driver.await {
            tracing::debug!(%error, "the connection to the database ended");
        }
    });
    apply(&client, settings).await?;
    let statements = AsyncPgConnection::try_from(client).await?;
    Ok(Connection { statements, closed })
}

/// Applies the settings of the session, and asks for English messages where they are not.
async fn apply(client: &Client, settings: &str) -> Result<(), tokio_postgres::Error> {
    let answers = client.simple_query(&format!("{settings}; SHOW lc_messages")).await?;
    let last = answers.iter().rev().find_map(|answer| match answer {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    // Only then, because the server logs each refusal. Without the right to it the session goes on in that language;
    // `doctor` reports it.
    if !last.is_some_and(is_english)
        && let Err(error) = client.batch_execute("SET lc_messages = 'C'").await
    {
        tracing::debug!(%error, "the database refused to report errors in English");
    }
    Ok(())
}

/// The statements that every connection of the pool starts with.
fn session_settings(options: &PgOptions) -> String {
    let (statement, lock) = (options.statement_timeout().as_millis(), options.lock_timeout().as_millis());
    // Without the idle timeout, a transaction whose client disappeared silently would keep its locks. Superusers take
    // English messages (see `messages`) whatever the name of the locale, because `LANGUAGE` on the server can override
    // it.
    format!(
        "SET statement_timeout = {statement}; SET lock_timeout = {lock}; \
         SET idle_in_transaction_session_timeout = 15000; SET default_transaction_isolation = 'read committed'; \
         SELECT set_config('lc_messages', 'C', false) FROM pg_roles WHERE rolname = current_user AND rolsuper"
    )
}

impl Manager for Connector {
    type Type = Connection;
    type Error = RecordError;

    async fn create(&self) -> Result<Connection, RecordError> {
        self.connect().await
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<RecordError> {
        // Do not ping: the first statement finds a closed connection, and is retried on another one.
        if connection.is_closed() { Err(RecycleError::message("closed")) } else { Ok(()) }
    }
}

struct AbortWhenDropped(AbortHandle);

impl Drop for AbortWhenDropped {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct NoteWhenDropped(Arc<AtomicBool>);

impl Drop for NoteWhenDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// The TLS parameters of a URL, in libpq's terms, of which the driver knows only some.
#[derive(Debug, Default, PartialEq, Eq)]
struct SslParameters {
    mode: Option<String>,
    root_certificates: Option<String>,
}

impl SslParameters {
    fn split_off(url: &str) -> (String, Self) {
        let mut found = Self::default();
        let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), found) };
        let rest: Vec<_> = query
            .split('&')
            .filter(|parameter| {
                match parameter.split_once('=') {
                    Some(("sslmode", mode)) => found.mode = Some(mode.to_owned()),
                    Some(("sslrootcert", path)) => {
                        found.root_certificates = Some(percent_decode_str(path).decode_utf8_lossy().into_owned())
                    }
                    _ => return true,
                }
                false
            })
            .collect();
        let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
        (url, found)
    }

    fn mode(&self) -> Result<Option<(SslMode, Trust)>, ConnectError> {
        Ok(Some(match self.mode.as_deref() {
            None => return Ok(None),
            Some("disable") => (SslMode::Disable, Trust::Anyone),
            Some("prefer") => (SslMode::Prefer, Trust::Anyone),
            Some("require") => (SslMode::Require, Trust::Anyone),
            Some("verify-ca") => (SslMode::Require, Trust::Authority),
            Some("verify-full") => (SslMode::Require, Trust::Name),
            Some(other) => return Err(ConnectError::SslMode(other.to_owned())),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_into_what_the_driver_knows_and_what_it_does_not() {
        let split = SslParameters::split_off;
        assert_eq!(split("postgres://h/d"), ("postgres://h/d".to_owned(), SslParameters::default()));
        let (url, ssl) = split("postgres://h/d?sslmode=verify-full&options=-c%20a%3Db&sslrootcert=%2Fca.pem");
        assert_eq!(url, "postgres://h/d?options=-c%20a%3Db");
        assert_eq!((ssl.mode.as_deref(), ssl.root_certificates.as_deref()), (Some("verify-full"), Some("/ca.pem")));
        assert_eq!(split("postgres://h/d?sslmode=disable").0, "postgres://h/d");
    }

    #[test]
    fn an_unknown_sslmode_is_refused() {
        let mode = |text: &str| SslParameters { mode: Some(text.to_owned()), root_certificates: None }.mode();
        assert!(matches!(mode("verify-full"), Ok(Some((SslMode::Require, Trust::Name)))));
        assert!(matches!(mode("allow"), Err(ConnectError::SslMode(found)) if found == "allow"));
    }
}

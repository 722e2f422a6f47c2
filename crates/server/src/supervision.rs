//! What ends a server that runs: records or a store that are not, or not any more, those that this process may work on.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;

use crate::config::Config;
use crate::wiring::identity::verify_later;
use crate::wiring::records::SchemaProbe;
use crate::wiring::store::StoreClaim;

/// How often the migrations of the records are looked at.
const SCHEMA_INTERVAL: Duration = Duration::from_secs(2);
/// How long a server that must end still answers `/ready` with 503, so that a balancer takes it out first.
const NOT_READY: Duration = Duration::from_secs(2);
/// How long requests may go on after that. With the times above it is less than 10 s.
const DRAIN: Duration = Duration::from_secs(4);

/// Why a server must end; empty as long as it may go on.
#[derive(Default)]
pub(crate) struct Ending {
    /// What `/ready` says.
    pub(crate) unready: Arc<OnceLock<&'static str>>,
    /// The whole reason, for the operator.
    reason: OnceLock<String>,
}

impl Ending {
    /// The whole reason.
    pub(crate) fn reason(&self) -> Option<anyhow::Error> {
        self.reason.get().map(|reason| anyhow::anyhow!("{reason}"))
    }
}

/// Watches until the server must end: then says so in `ending`, has the server stop, and gives it a moment.
///
/// # Errors
/// The reason, always: it resolves only then.
pub(crate) async fn watch(
    config: &Config,
    claim: Option<Arc<StoreClaim>>,
    schema: SchemaProbe,
    ending: &Ending,
    stop: &watch::Sender<bool>,
) -> anyhow::Error {
    let (shown, reason) = tokio::select! {
        reason = newer_schema(schema) => ("The records were migrated by a newer release; this server ends", reason),
        reason = foreign_store(config, claim) => ("The store belongs to other records; this server ends", reason),
    };
    let _ = ending.unready.set(shown);
    let _ = ending.reason.set(format!("{reason:#}"));
    tracing::error!(reason = format!("{reason:#}"), "the server must end");
    tokio::time::sleep(NOT_READY).await;
    let _ = stop.send(true);
    tokio::time::sleep(DRAIN).await;
    reason
}

/// Resolves once a newer release has migrated the records. A database that is away says nothing about it.
async fn newer_schema(schema: SchemaProbe) -> anyhow::Error {
    loop {
        tokio::time::sleep(SCHEMA_INTERVAL).await;
        if let Ok(state) = schema().await
            && let Err(newer) = state.refuse_newer()
        {
            return anyhow::Error::from(newer).context("the records changed under this server");
        }
    }
}

/// Resolves when a store that was away at the start turns out to be another one.
async fn foreign_store(config: &Config, claim: Option<Arc<StoreClaim>>) -> anyhow::Error {
    if let Some(claim) = claim
        && let Err(fault) = verify_later(config, &claim).await
    {
        return fault;
    }
    std::future::pending().await
}

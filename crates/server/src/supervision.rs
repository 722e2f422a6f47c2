//! Ends a running server whose records or store are no longer, or turn out not to be, those that it may use.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::watch;

use crate::config::Config;
use crate::wiring::identity::verify_later;
use crate::wiring::records::SchemaProbe;
use crate::wiring::store::StoreClaim;

/// Time between two checks of the migrations of the records.
const SCHEMA_INTERVAL: Duration = Duration::from_secs(2);
/// Time for which a server that must end still answers `/ready` with 503, so that a load balancer removes it first.
const NOT_READY: Duration = Duration::from_secs(2);
/// Time that running requests get after that. Together with the times above it is less than 10 s.
const DRAIN: Duration = Duration::from_secs(4);

/// Why a server must end; empty while it may continue.
#[derive(Default)]
pub(crate) struct Ending {
    /// The message of `/ready`.
    pub(crate) unready: Arc<OnceLock<&'static str>>,
    /// The complete reason, for the operator.
    reason: OnceLock<String>,
}

impl Ending {
    /// The complete reason.
    pub(crate) fn reason(&self) -> Option<anyhow::Error> {
        self.reason.get().map(|reason| anyhow::anyhow!("{reason}"))
    }
}

/// Waits until the server must end, records the reason in `ending`, stops the server, and returns the reason after the
/// time that running requests get.
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
    tracing::error!(error = format!("{reason:#}"), "the server must end");
    tokio::time::sleep(NOT_READY).await;
    let _ = stop.send(true);
    tokio::time::sleep(DRAIN).await;
    reason
}

/// Resolves when a newer release has migrated the records. An unreachable database is checked again.
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

/// Resolves when a store that was unreachable at the start turns out to belong to other records.
async fn foreign_store(config: &Config, claim: Option<Arc<StoreClaim>>) -> anyhow::Error {
    if let Some(claim) = claim
        && let Err(fault) = verify_later(config, &claim).await
    {
        return fault;
    }
    std::future::pending().await
}

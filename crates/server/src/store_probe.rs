//! Keeps what the gateway knows about its store: reads what any replica found, and renews it once a day.

use std::time::Duration;

use anyhow::Context as _;
use storage_hub_adapter_gateway::{Gateway, ProbeResult};
use storage_hub_core::context::Ports;
use storage_hub_core::domain::StoreProbe;
use storage_hub_core::use_cases::store_probe::{complete_probe, find_probe, is_due, lease_probe, release_probe};
use tokio::sync::watch;

/// Time between two looks at the records.
const INTERVAL: Duration = Duration::from_secs(60);
/// The same while nothing is known, because writes are refused until then.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// Time that a start waits for the first result. After that it serves, and writes are refused until there is one.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// Whether a result that is not due is renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// Only when it is a day old, or missing.
    WhenDue,
    /// At once.
    Now,
}

/// Lets the gateway offer what the records say about its store.
///
/// # Errors
/// When the records cannot be read.
pub(crate) async fn apply(ports: &Ports, gateway: &Gateway) -> anyhow::Result<Option<StoreProbe>> {
    let known = find_probe(ports).await?;
    accept(gateway, known.as_ref());
    Ok(known)
}

fn accept(gateway: &Gateway, probe: Option<&StoreProbe>) {
    match probe.map(|probe| ProbeResult::parse(&probe.result)) {
        None => {}
        Some(Ok(result)) => gateway.accept_probe(result),
        Some(Err(error)) => tracing::warn!(%error, "could not read the result of the store's probe"),
    }
}

/// Applies what is known, and probes the store if it is time and no other process is doing so.
///
/// # Errors
/// When the records cannot be read or written, or the store does not respond. What was known stays in use.
pub(crate) async fn renew(ports: &Ports, gateway: &Gateway, renewal: Renewal) -> anyhow::Result<()> {
    let known = apply(ports, gateway).await.context("the records cannot be read")?;
    if renewal == Renewal::WhenDue && !is_due(ports, known.as_ref()) {
        return Ok(());
    }
    let Some(lease) = lease_probe(ports).await? else { return Ok(()) };
    match gateway.probe().await {
        Ok(result) => {
            let written = complete_probe(ports, lease, result.to_text()).await;
            accept(gateway, written.context("the result of the store's probe cannot be written")?.as_ref());
            tracing::info!(store.features = result.to_text(), "probed the store");
            Ok(())
        }
        Err(error) => {
            release_probe(ports, lease).await?;
            Err(error).context("the store cannot be probed")
        }
    }
}

/// Starts the task that keeps the result fresh until the server stops, and waits a while for the first result.
pub(crate) async fn follow(ports: Ports, gateway: Gateway, stopped: watch::Receiver<bool>) {
    let (known, mut first) = watch::channel(false);
    tokio::spawn(async move {
        while !*stopped.borrow() {
            if let Err(error) = renew(&ports, &gateway, Renewal::WhenDue).await {
                tracing::warn!(error = format!("{error:#}"), "could not probe the store; retrying");
            }
            let _ = known.send(true);
            let is_known = gateway.probe_result().is_some();
            tokio::time::sleep(if is_known { INTERVAL } else { RETRY_INTERVAL }).await;
        }
    });
    // A probe that is cut off would leave its lease behind, so only the waiting ends.
    let _ = tokio::time::timeout(START_TIMEOUT, first.wait_for(|known| *known)).await;
}

/// Describes a result in a sentence.
pub(crate) fn describe(result: &ProbeResult) -> String {
    let features = [
        ("conditional writes", result.conditional_writes),
        ("conditional copies", result.conditional_copies),
        ("conditional completions", result.conditional_completions),
        ("conditional deletions", result.conditional_deletes),
        ("versioning", result.versioning),
        ("tags", result.tags),
        ("object lock", result.object_lock),
        ("lifecycle rules", result.lifecycle),
        ("backslashes in keys", result.backslashes),
        ("object attributes", result.attributes),
    ];
    let names = |wanted: bool| {
        let names: Vec<_> = features.iter().filter(|(_, has)| *has == wanted).map(|(name, _)| *name).collect();
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    };
    let checksums = match result.checksums.as_slice() {
        [] => "no checksums".to_owned(),
        algorithms => algorithms.join(", "),
    };
    let cut = match result.cut_uploads_leave_nothing {
        true => "uploads that are cut off leave nothing",
        false => "uploads that are cut off may replace the object that was there",
    };
    format!("the store has: {}; it lacks: {}; it verifies {checksums}; {cut}", names(true), names(false))
}

mod emails;
mod isolation;
mod scratch;
mod throwaway;

use std::process::ExitCode;

use anyhow::Context as _;
use storage_hub_adapter_gateway::Gateway;
use storage_hub_core::context::Enforcement;
use storage_hub_core::use_cases::reconcile::{Unknown, find_unknown};

use super::output::print_line;
use crate::cli;
use crate::config::{Config, Loaded};
use crate::store_probe::{self, Renewal};
use crate::wiring::{Assembled, Purpose, assemble, identity, keys, records};

/// Checks everything that the hub depends on, prints a line for each check, and exits with 1 when one fails.
pub(crate) async fn run(loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let config = &loaded.config;
    let mut report = Report { failed: 0 };
    report
        .add("configuration", cli::config::check(loaded).map(|()| format!("valid; {}", cli::config::file(loaded))))?;
    for warning in &loaded.warnings {
        print_line!("warning configuration: {warning}")?;
    }
    let inspected = match identity::inspect(config).await {
        Ok(inspected) if inspected.is_empty() => return Err(identity::no_hub(config)),
        Ok(inspected) => inspected,
        Err(error) => {
            report.add("database", Err(error))?;
            return report.end();
        }
    };
    let verified = inspected.verify(config).map(|verified| match verified.hub_id {
        Some(hub_id) => format!("records and store belong to hub {hub_id}"),
        None => "there is no hub id yet; the next start gives one".to_owned(),
    });
    let belongs = verified.is_ok();
    report.add("identity", verified)?;
    if !belongs {
        return report.end();
    }
    let migrated = match inspected.migrations().iter().find(|(_, state)| !state.pending.is_empty()) {
        None => Ok("reachable and up to date".to_owned()),
        Some((name, state)) => {
            let count = state.pending.len();
            Err(anyhow::anyhow!("{name} lacks {count} migrations; run storage-hub migrate"))
        }
    };
    let ready = migrated.is_ok();
    report.add("database", migrated)?;
    if !ready {
        return report.end();
    }
    if let Some(messages) = records::check_messages(config).await {
        report.add("database messages", messages)?;
    }
    let hub = match assemble(config, Purpose::Tool).await {
        Ok(hub) => hub,
        Err(error) => {
            report.add("keys and store", Err(error))?;
            return report.end();
        }
    };
    report.add("keys", keys::check_all(&hub.ports, &hub.key_fingerprint).await)?;
    report.add("accounts", emails::describe(&hub.ports).await)?;
    let store = ping(&hub).await.context("the store does not respond as expected");
    let reachable = store.is_ok();
    report.add("store", store.map(|()| hub.summary.clone()))?;
    if reachable {
        report.add("contents", contents(&hub).await)?;
        report.add("clock", clock(config).await)?;
        if let Some(gateway) = &hub.gateway {
            let region = gateway.client().connection().region();
            report.add("region", Ok(format!("the store accepts signatures for {region}")))?;
            report.add("features", features(&hub, gateway).await)?;
        }
        report.add("isolation", isolation(config, &hub).await)?;
    }
    let (api, s3) = (config.api_public_url(), config.s3_public_url());
    report.add("public URLs", Ok(format!("people are told {api} for the API, and {s3} for S3")))?;
    report.end()
}

/// What the store has and the records do not.
async fn contents(hub: &Assembled) -> anyhow::Result<String> {
    let Unknown { buckets, other_buckets, principals } = find_unknown(&hub.ports).await?;
    let unknown: Vec<_> = buckets.iter().chain(&principals).map(String::as_str).collect();
    if !unknown.is_empty() {
        anyhow::bail!(
            "the store has {} buckets and {} users that the records do not know: {}; are the records an older copy?",
            buckets.len(),
            principals.len(),
            unknown.join(", ")
        );
    }
    match other_buckets {
        0 => Ok("the records know everything in the store".to_owned()),
        others => Ok(format!("the records know every user of the store; {others} buckets may belong to others")),
    }
}

async fn ping(hub: &Assembled) -> anyhow::Result<()> {
    if let Some(claim) = &hub.claim {
        claim.verify().await?;
    }
    Ok(hub.ports.store.ping().await?)
}

/// Probes the store again, and tells what it can do.
async fn features(hub: &Assembled, gateway: &Gateway) -> anyhow::Result<String> {
    store_probe::renew(&hub.ports, gateway, Renewal::Now).await?;
    let result = gateway.probe_result().context("another process is probing the store; retry in a moment")?;
    Ok(store_probe::describe(&result))
}

/// A store refuses signatures whose time is off by more than 15 minutes.
async fn clock(config: &Config) -> anyhow::Result<String> {
    match throwaway::clock_offset(config).await? {
        None => Ok("the store uses this machine's clock".to_owned()),
        Some(seconds) if seconds.abs() <= 60 => Ok(format!("{seconds} s apart from the store's")),
        Some(seconds) => anyhow::bail!(
            "{seconds} s apart from the store's; synchronize both by NTP: above 900 s the store refuses every request"
        ),
    }
}

async fn isolation(config: &Config, hub: &Assembled) -> anyhow::Result<String> {
    match &hub.ports.enforcement {
        Enforcement::InProcess => scratch::try_isolation(config, hub.gateway.as_ref()).await,
        Enforcement::Policies(principals) => throwaway::try_isolation(config, &hub.ports, principals.as_ref()).await,
    }
}

/// Counts failed checks.
struct Report {
    failed: usize,
}

impl Report {
    fn add(&mut self, what: &str, outcome: anyhow::Result<String>) -> anyhow::Result<()> {
        match outcome {
            Ok(text) => print_line!("ok      {what}: {text}"),
            Err(error) => {
                self.failed += 1;
                print_line!("FAILED  {what}: {error:#}")
            }
        }
    }

    fn end(self) -> anyhow::Result<ExitCode> {
        if self.failed == 0 {
            print_line!("all is well")?;
            return Ok(ExitCode::SUCCESS);
        }
        print_line!("{} checks failed", self.failed)?;
        Ok(ExitCode::FAILURE)
    }
}

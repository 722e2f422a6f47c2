mod isolation;
mod scratch;
mod throwaway;

use std::process::ExitCode;

use anyhow::Context as _;
use storage_hub_core::context::Enforcement;

use super::output::print_line;
use crate::cli;
use crate::config::{Config, Loaded};
use crate::wiring::{Assembled, Purpose, assemble, keys, records};

/// Checks everything that the hub depends on, prints a line for each check, and exits with 1 when one fails.
pub(crate) async fn run(loaded: &Loaded) -> anyhow::Result<ExitCode> {
    let config = &loaded.config;
    let mut report = Report { failed: 0 };
    report
        .add("configuration", cli::config::check(loaded).map(|()| format!("valid; {}", cli::config::file(loaded))))?;
    for warning in &loaded.warnings {
        print_line!("warning configuration: {warning}")?;
    }
    let pending = records::pending_migrations(config).await;
    let migrated = pending.and_then(|pending| match pending.len() {
        0 => Ok("reachable and up to date".to_owned()),
        count => anyhow::bail!("{count} migrations are pending; run storage-hub migrate"),
    });
    let ready = migrated.is_ok();
    report.add("database", migrated)?;
    if !ready {
        return report.end();
    }
    let hub = match assemble(config, Purpose::Tool).await {
        Ok(hub) => hub,
        Err(error) => {
            report.add("keys and store", Err(error))?;
            return report.end();
        }
    };
    report.add("keys", keys::check_all(&hub.ports, &hub.key_fingerprint).await)?;
    let store = hub.ports.store.ping().await.context("the store does not respond as expected");
    let reachable = store.is_ok();
    report.add("store", store.map(|()| hub.summary.clone()))?;
    if reachable {
        report.add("clock", clock(config).await)?;
        report.add("isolation", isolation(config, &hub).await)?;
    }
    report.end()
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
        Enforcement::InProcess => scratch::try_isolation(config).await,
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

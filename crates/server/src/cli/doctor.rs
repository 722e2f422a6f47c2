mod isolation;
mod scratch;
mod throwaway;

use std::process::ExitCode;

use anyhow::Context as _;
use storage_hub_core::context::Enforcement;

use crate::config::Config;
use crate::wiring::{Assembled, Purpose, assemble, keys, records};

/// Checks what the hub stands on, one line each, and exits with 1 when something is wrong.
#[allow(clippy::print_stdout, reason = "this is the command line")]
pub(crate) async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let mut report = Report { failed: 0 };
    report.add("configuration", Ok("it fits together".to_owned()));
    let pending = records::pending_migrations(config).await;
    let migrated = pending.and_then(|pending| match pending.len() {
        0 => Ok("reachable and up to date".to_owned()),
        count => anyhow::bail!("{count} migrations are pending; run storage-hub migrate"),
    });
    let ready = migrated.is_ok();
    report.add("database", migrated);
    if !ready {
        return Ok(report.end());
    }
    let hub = match assemble(config, Purpose::Tool).await {
        Ok(hub) => hub,
        Err(error) => {
            report.add("keys and store", Err(error));
            return Ok(report.end());
        }
    };
    report.add("keys", keys::check_all(&hub.ports, &hub.key_fingerprint).await);
    let store = hub.ports.store.ping().await.context("the store does not answer as it should");
    let reachable = store.is_ok();
    report.add("store", store.map(|()| hub.summary.clone()));
    if reachable {
        report.add("clock", clock(config).await);
        report.add("isolation", isolation(config, &hub).await);
    }
    Ok(report.end())
}

/// Signatures say when they were made, and a store refuses those that are off by more than 15 minutes.
async fn clock(config: &Config) -> anyhow::Result<String> {
    match throwaway::clock_offset(config).await? {
        None => Ok("the store has this machine's clock".to_owned()),
        Some(seconds) if seconds.abs() <= 60 => Ok(format!("{seconds} s off the store's")),
        Some(seconds) => anyhow::bail!("{seconds} s off the store's; set both by NTP: beyond 900 s no request passes"),
    }
}

async fn isolation(config: &Config, hub: &Assembled) -> anyhow::Result<String> {
    match &hub.ports.enforcement {
        Enforcement::InProcess => scratch::try_isolation(config).await,
        Enforcement::Policies(principals) => throwaway::try_isolation(config, &hub.ports, principals.as_ref()).await,
    }
}

struct Report {
    failed: usize,
}

#[allow(clippy::print_stdout, reason = "this is the command line")]
impl Report {
    fn add(&mut self, what: &str, outcome: anyhow::Result<String>) {
        match outcome {
            Ok(text) => println!("ok      {what}: {text}"),
            Err(error) => {
                self.failed += 1;
                println!("FAILED  {what}: {error:#}");
            }
        }
    }

    fn end(self) -> ExitCode {
        println!("{}", if self.failed == 0 { "all is well" } else { "something is wrong; see above" });
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

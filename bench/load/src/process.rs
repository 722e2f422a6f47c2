//! What Linux tells about a process.

use std::time::Duration;

use anyhow::{Context as _, Result};

/// User and system time.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(") ").context("a process")?;
    let ticks: u64 = fields.split(' ').skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    // Linux reports hundredths of a second on every architecture.
    Ok(Duration::from_millis(ticks * 10))
}

/// A figure of its memory (`VmRSS`, `VmHWM`), in MiB.
pub(crate) fn memory(pid: u32, what: &str) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).context("a process")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib / 1024.0)
}

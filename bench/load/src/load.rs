//! Load over bounded connections and time, and the figures from it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::future::try_join_all;

use crate::http::Connection;
use crate::hub::Hub;

/// The figures of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// Requests per second.
    pub(crate) rate: f64,
    /// The server's CPU time per request, in milliseconds.
    pub(crate) cpu: f64,
    /// The 99th percentile of the latency, in milliseconds.
    pub(crate) p99: f64,
}

/// Sends the request repeatedly on each connection until the time is up.
pub(crate) async fn closed_loop(hub: &Hub, connections: usize, time: Duration, request: &[u8]) -> Result<Turn> {
    let mut open = Vec::new();
    for _ in 0..connections {
        open.push(Connection::open(&hub.address).await?);
    }
    let (cpu, started) = (hub.cpu()?, Instant::now());
    let deadline = started + time;
    let tasks = open.iter_mut().map(|connection| async move {
        let mut latencies = Vec::new();
        while Instant::now() < deadline {
            let sent = Instant::now();
            let status = connection.status(request).await?;
            ensure!(status == 200, "{status}");
            latencies.push(sent.elapsed());
        }
        Ok(latencies)
    });
    let latencies = try_join_all(tasks).await?.concat();
    turn(hub, started, cpu, latencies)
}

/// Sends this number of requests per second, regardless of whether earlier ones were answered. There are as many
/// connections, opened beforehand, and each sends one request per second.
pub(crate) async fn open_loop(hub: &Hub, rate: u32, time: Duration, request: &[u8]) -> Result<Turn> {
    let mut open = Vec::new();
    for _ in 0..rate {
        open.push(Connection::open(&hub.address).await?);
    }
    let (cpu, started) = (hub.cpu()?, Instant::now());
    let tasks = (0..rate).zip(&mut open).map(|(number, connection)| async move {
        let mut latencies = Vec::new();
        for second in 0..time.as_secs() {
            let due = started + Duration::from_secs(second) + Duration::from_secs(1) * number / rate;
            tokio::time::sleep_until(due.into()).await;
            let status = connection.status(request).await?;
            ensure!(status == 200, "{status}");
            // Measured from the scheduled time, so that a late generator does not improve the result.
            latencies.push(due.elapsed());
        }
        Ok(latencies)
    });
    let latencies = try_join_all(tasks).await?.concat();
    turn(hub, started, cpu, latencies)
}

fn turn(hub: &Hub, started: Instant, cpu: Duration, mut latencies: Vec<Duration>) -> Result<Turn> {
    let elapsed = started.elapsed();
    ensure!(!latencies.is_empty(), "nothing was answered");
    latencies.sort_unstable();
    let count = latencies.len();
    let p99 = latencies.get(count * 99 / 100).copied().unwrap_or_default();
    Ok(Turn {
        rate: count as f64 / elapsed.as_secs_f64(),
        cpu: millis(hub.cpu()?.saturating_sub(cpu)) / count as f64,
        p99: millis(p99),
    })
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The median.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

//! Requests for objects: rates, and CPU time per request or per GiB.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use futures::future::try_join_all;

use super::requests::{Request, UNSIGNED, hash, sign};
use super::servers::{NGINX_FILE, Server};
use super::wire::Wire;
use crate::load::median;
use crate::process;
use crate::report::Report;

/// The number of keys on a page.
const PAGE: usize = 200;
const GIB: f64 = (1_u64 << 30) as f64;
/// Objects of this size and above are limited by bytes, not by requests.
const LARGE: usize = 1 << 20;
/// What is compared with servers: files that are written and synced, without any server.
const DISK: &str = "disk";

/// What is measured with objects of one size.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    size: usize,
    connections: usize,
    /// Number of objects that are put and deleted.
    objects: usize,
    /// Number of requests that read.
    reads: usize,
    /// Whether to measure HEAD, LIST and DELETE too.
    all: bool,
}

/// Every plan.
pub(crate) const PLANS: [Plan; 4] = [
    Plan { name: "4 KiB, 8 connections", size: 4 << 10, connections: 8, objects: 2_000, reads: 6_000, all: true },
    Plan { name: "4 KiB, 64 connections", size: 4 << 10, connections: 64, objects: 4_000, reads: 6_000, all: true },
    Plan { name: "1 MiB, 8 connections", size: 1 << 20, connections: 8, objects: 200, reads: 600, all: false },
    Plan { name: "64 MiB, 4 connections", size: NGINX_FILE, connections: 4, objects: 8, reads: 24, all: false },
];

/// The figures of one operation in one run.
#[derive(Clone, Copy)]
struct Figures {
    rate: f64,
    /// Seconds of the server's CPU per request.
    cpu: f64,
    /// The part of a core that this program used.
    generator: f64,
}

/// Figures of all runs, by operation and server.
type Results = BTreeMap<(&'static str, &'static str), Vec<Figures>>;

/// Measures and reports these plans.
pub(crate) async fn compare(
    plans: &[&Plan],
    hub: &Server,
    minio: &Server,
    nginx: &[Server],
    runs: usize,
    report: &mut Report,
) -> Result<()> {
    for &plan in plans {
        let mut results = Results::new();
        // The first run warms caches and connections of the stores up.
        for run in 0..=runs {
            let mut these = Results::new();
            for server in [hub, minio] {
                measure(plan, server, &mut these).await?;
            }
            if plan.size >= LARGE {
                these.insert(("PUT", DISK), vec![write_files(plan)?]);
            }
            for server in nginx.iter().filter(|_| plan.size == NGINX_FILE) {
                download(plan, server, "/file", &mut these).await?;
            }
            for (key, figures) in these.into_iter().filter(|_| run > 0) {
                results.entry(key).or_default().extend(figures);
            }
        }
        show(plan, &results, report);
    }
    Ok(())
}

/// Puts, reads and deletes objects.
async fn measure(plan: &Plan, server: &Server, results: &mut Results) -> Result<()> {
    let body = vec![b'x'; plan.size];
    // Clients leave large bodies unsigned where they can, and the hash of a small one costs little.
    let hashed = if plan.size > 1 << 16 { UNSIGNED.to_owned() } else { hash(&body) };
    let none = hash(b"");
    let keys: Vec<String> = (0..plan.objects).map(|number| format!("/key-{number:06}")).collect();
    let puts = keys.iter().map(|key| sign(server, "PUT", key, "", &hashed, Some(plan.size)));
    run(plan, server, "PUT", &puts.collect::<Result<Vec<_>>>()?, &body, &[200], results).await?;
    let read = |method: &'static str| {
        let keys = keys.iter().cycle().take(plan.reads);
        keys.map(|key| sign(server, method, key, "", &none, None)).collect::<Result<Vec<_>>>()
    };
    run(plan, server, "GET", &read("GET")?, b"", &[200], results).await?;
    if plan.all {
        run(plan, server, "HEAD", &read("HEAD")?, b"", &[200], results).await?;
        let query = format!("list-type=2&max-keys={PAGE}");
        let lists = (0..plan.reads / 20).map(|_| sign(server, "GET", "", &query, &none, None));
        run(plan, server, "LIST", &lists.collect::<Result<Vec<_>>>()?, b"", &[200], results).await?;
    }
    let deletes = keys.iter().map(|key| sign(server, "DELETE", key, "", &none, None));
    let mut ignored = Results::new();
    let results = if plan.all { results } else { &mut ignored };
    run(plan, server, "DELETE", &deletes.collect::<Result<Vec<_>>>()?, b"", &[200, 204], results).await
}

/// Reads one object repeatedly.
async fn download(plan: &Plan, server: &Server, key: &str, results: &mut Results) -> Result<()> {
    let gets = (0..plan.reads).map(|_| sign(server, "GET", key, "", &hash(b""), None));
    run(plan, server, "GET", &gets.collect::<Result<Vec<_>>>()?, b"", &[200], results).await
}

/// Writes and syncs as many files as objects are put, by as many threads as there are connections: what the disk allows.
fn write_files(plan: &Plan) -> Result<Figures> {
    let folder = tempfile::tempdir()?;
    let body = vec![b'x'; plan.size];
    let next = AtomicUsize::new(0);
    let own = std::process::id();
    let (cpu, started) = (process::cpu(own)?, Instant::now());
    let write = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= plan.objects {
                return Ok(());
            }
            let mut file = File::create(folder.path().join(number.to_string()))?;
            file.write_all(&body)?;
            file.sync_all()?;
        }
    };
    std::thread::scope(|threads| {
        let writers: Vec<_> = (0..plan.connections).map(|_| threads.spawn(write)).collect();
        writers.into_iter().try_for_each(|writer| writer.join().map_err(|_| anyhow!("a writer panicked"))?)
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let used = process::cpu(own)?.saturating_sub(cpu).as_secs_f64();
    let count = plan.objects as f64;
    Ok(Figures { rate: count / seconds, cpu: used / count, generator: used / seconds })
}

async fn run(
    plan: &Plan,
    server: &Server,
    operation: &'static str,
    requests: &[Request],
    body: &[u8],
    expected: &[u16],
    results: &mut Results,
) -> Result<()> {
    let mut wires = Vec::new();
    for _ in 0..plan.connections {
        wires.push(Wire::open(&server.address).await?);
    }
    let next = Cell::new(0);
    let own = std::process::id();
    let (cpu, generator, started) = (process::cpu(server.pid)?, process::cpu(own)?, Instant::now());
    try_join_all(wires.iter_mut().map(|wire| async {
        while let Some(request) = requests.get(next.replace(next.get() + 1)) {
            let (status, length) = wire.exchange(&request.head, body, request.has_body).await?;
            ensure!(expected.contains(&status), "{}: {operation}: {status}", server.name);
            ensure!(
                operation != "GET" || length == u64::try_from(plan.size)?,
                "{}: {length} bytes were received",
                server.name
            );
        }
        Ok(())
    }))
    .await?;
    let seconds = started.elapsed().as_secs_f64();
    let count = requests.len() as f64;
    let figures = Figures {
        rate: count / seconds,
        cpu: (process::cpu(server.pid)?.saturating_sub(cpu)).as_secs_f64() / count,
        generator: (process::cpu(own)?.saturating_sub(generator)).as_secs_f64() / seconds,
    };
    results.entry((operation, server.name)).or_default().push(figures);
    Ok(())
}

fn show(plan: &Plan, results: &Results, report: &mut Report) {
    let large = plan.size >= LARGE;
    let of = |operation, server, value: fn(&Figures) -> f64| {
        results.get(&(operation, server)).map(|figures| median(figures.iter().map(value).collect()))
    };
    for operation in ["PUT", "GET", "HEAD", "LIST", "DELETE"] {
        let what = format!("{operation}, {}", plan.name);
        let mut rates = BTreeMap::new();
        let mut costs = BTreeMap::new();
        for server in ["hub", "MinIO", "nginx, sendfile off", "nginx, sendfile on"] {
            let Some(rate) = of(operation, server, |figures| figures.rate) else { continue };
            let cpu = of(operation, server, |figures| figures.cpu).unwrap_or(f64::NAN);
            let generator = of(operation, server, |figures| figures.generator).unwrap_or(f64::NAN);
            report.note(server, &what, rate, "/s");
            if large {
                report.note(server, &format!("{what}: CPU per GiB"), cpu * GIB / plan.size as f64, "s");
            } else {
                report.note(server, &format!("{what}: CPU per request"), cpu * 1000.0, "ms");
            }
            report.note(server, &format!("{what}: generator's part of a core"), generator, "");
            rates.insert(server, rate);
            costs.insert(server, cpu);
        }
        let ratio = |of: &BTreeMap<&str, f64>, other: &str| Some(of.get("hub")? / of.get(other)?);
        if let Some(disk) = of(operation, DISK, |figures| figures.rate) {
            report.note(DISK, &format!("{what}: files written and synced"), disk, "/s");
            for server in ["hub", "MinIO"] {
                let part = rates.get(server).map_or(f64::NAN, |rate| rate / disk);
                report.note(server, &format!("{what}: part of the disk's rate"), part, "");
            }
        }
        if let Some(ratio) = ratio(&rates, "MinIO") {
            report.least("hub / MinIO", &format!("{what}: rate"), ratio, "", 1.2);
        }
        if let Some(ratio) = ratio(&costs, "MinIO") {
            report.note("hub / MinIO", &format!("{what}: CPU"), ratio, "");
        }
        if let Some(ratio) = ratio(&costs, "nginx, sendfile off") {
            report.most("hub / nginx", &format!("{what}: CPU, sendfile off"), ratio, "", 1.5);
        }
        if let Some(ratio) = ratio(&costs, "nginx, sendfile on") {
            report.note("hub / nginx", &format!("{what}: CPU, sendfile on"), ratio, "");
        }
    }
}

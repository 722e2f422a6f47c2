//! The scenarios, run on each pair of records and store.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::{Either, select};
use serde_json::json;

use crate::Plan;
use crate::http::{Connection, request};
use crate::hub::{Backend, Hub, PASSWORD, Person};
use crate::load::{Turn, closed_loop, median, open_loop};
use crate::report::Report;
use crate::store_calls::{self, StoreCalls};

const CONNECTIONS: usize = 64;
const PAIR_CONNECTIONS: usize = 4;
/// Enough to keep every core hashing, and few enough that nobody waits longer than the time limit.
const LOGIN_CONNECTIONS: usize = 16;

/// Measures everything that the plan selects.
pub(crate) async fn run(plan: &Plan, mut hub: Hub, report: &mut Report) -> Result<()> {
    let person = hub.sign_up("reader").await?;
    hub.create_buckets(&person, &unique("read"), 20).await?;
    reads(plan, &hub, &person, report).await?;
    logins(plan, &hub, &person, report).await?;
    pairs(plan, &hub, report).await?;
    report.most(hub.backend.name(), "resident after the run", hub.resident()?, "MiB", 60.0);
    hub.stop();
    let mut starts = Vec::new();
    for _ in 0..Plan::TURNS {
        starts.push(hub.run().await?.as_secs_f64());
        hub.stop();
    }
    report.most(hub.backend.name(), "from start to the first answer", median(starts), "s", 0.15);
    Ok(())
}

async fn reads(plan: &Plan, hub: &Hub, person: &Person, report: &mut Report) -> Result<()> {
    let first = hub.call("GET", "/api/buckets?limit=1", Some(&person.token), None).await?;
    let bucket = first.pointer("/data/0/name").and_then(|name| name.as_str()).unwrap_or_default().to_owned();
    let token = Some(person.token.as_str());
    let policy = format!("/api/buckets/{bucket}/policy");
    for (what, path, token, goal) in [
        ("GET /health", "/health", None, 40_000.0),
        ("GET /api/buckets (20 buckets)", "/api/buckets", token, 10_000.0),
        ("GET /api/buckets/{name}/policy", policy.as_str(), token, 10_000.0),
    ] {
        if !plan.wants(what) {
            continue;
        }
        let request = request("GET", path, token, None);
        closed_loop(hub, CONNECTIONS, Duration::from_secs(2), &request).await?;
        let mut turns = Vec::new();
        for _ in 0..Plan::TURNS {
            turns.push(closed_loop(hub, CONNECTIONS, plan.turn, &request).await?);
        }
        let of = |value: fn(&Turn) -> f64| median(turns.iter().map(value).collect());
        let name = hub.backend.name();
        report.least(name, what, of(|turn| turn.rate), "/s", goal);
        report.most(name, &format!("{what}: CPU of the server"), of(|turn| turn.cpu), "ms", 0.12);
        report.note(name, &format!("{what}: p99"), of(|turn| turn.p99), "ms");
    }
    Ok(())
}

/// Logins, compared with bcrypt alone on all cores, and lists during them.
async fn logins(plan: &Plan, hub: &Hub, person: &Person, report: &mut Report) -> Result<()> {
    let name = hub.backend.name();
    let body = json!({"email": person.email, "password": PASSWORD}).to_string();
    let login = request("POST", "/api/users/login", None, Some(&body));
    if plan.wants("logins") {
        let (mut alone, mut served, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..Plan::TURNS {
            let bare = bcrypt_alone(plan.turn).await?;
            let rate = closed_loop(hub, LOGIN_CONNECTIONS, plan.turn, &login).await?.rate;
            alone.push(bare);
            served.push(rate);
            ratios.push(rate / bare);
        }
        report.note(name, "bcrypt alone, cost 10, all cores", median(alone), "/s");
        report.note(name, "logins", median(served), "/s");
        report.least(name, "logins / bcrypt alone", median(ratios), "", 0.97);
    }
    let what = "GET /api/buckets at 100/s while 8 connections log in: p99";
    if plan.wants(what) {
        let list = request("GET", "/api/buckets", Some(&person.token), None);
        let mut p99 = Vec::new();
        for _ in 0..Plan::TURNS {
            let storm = Box::pin(closed_loop(hub, 8, plan.turn + Duration::from_secs(2), &login));
            let lists = Box::pin(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                open_loop(hub, 100, plan.turn, &list).await
            });
            match select(storm, lists).await {
                Either::Right((lists, storm)) => {
                    p99.push(lists?.p99);
                    storm.await?;
                }
                Either::Left((storm, lists)) => {
                    storm?;
                    p99.push(lists.await?.p99);
                }
            }
        }
        report.most(name, what, median(p99), "ms", 5.0);
    }
    Ok(())
}

/// Hashes per second on one thread per core, with the server's crate and cost.
async fn bcrypt_alone(time: Duration) -> Result<f64> {
    let threads = std::thread::available_parallelism()?.get();
    let hashing = (0..threads).map(|_| {
        tokio::task::spawn_blocking(move || {
            let started = Instant::now();
            let mut count = 0_u32;
            while started.elapsed() < time {
                bcrypt::hash(PASSWORD, 10)?;
                count += 1;
            }
            Ok::<_, bcrypt::BcryptError>(f64::from(count) / started.elapsed().as_secs_f64())
        })
    });
    let mut sum = 0.0;
    for thread in futures::future::try_join_all(hashing).await? {
        sum += thread?;
    }
    Ok(sum)
}

/// Creating and deleting buckets, compared with the same calls of the store made directly.
async fn pairs(plan: &Plan, hub: &Hub, report: &mut Report) -> Result<()> {
    let name = hub.backend.name();
    for (what, users) in
        [("create+delete pairs, 4 connections, one user", 1), ("create+delete pairs, 4 connections, four users", 4)]
    {
        if !plan.wants(what) {
            continue;
        }
        let mut people = Vec::new();
        for number in 0..users {
            people.push(hub.sign_up(&unique(&format!("maker-{number}"))).await?);
        }
        pair_turn(hub, &people, Duration::from_secs(1)).await?;
        let (mut rates, mut alone, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        let (mut made, mut shares) = (Vec::new(), Vec::new());
        for _ in 0..Plan::TURNS {
            let before = hub.store_calls().await?;
            let rate = pair_turn(hub, &people, plan.turn).await?;
            rates.push(rate);
            if hub.backend == Backend::PostgresMinio {
                let calls = StoreCalls::between(&before, &hub.store_calls().await?);
                let bare = store_calls::raw_pairs(&calls, PAIR_CONNECTIONS, plan.turn).await?;
                alone.push(bare);
                ratios.push(rate / bare);
                made.push(calls.per_pair());
                shares.push(calls.seconds_per_pair() * rate / PAIR_CONNECTIONS as f64);
            }
        }
        report.note(name, what, median(rates), "/s");
        if hub.backend == Backend::PostgresMinio {
            report.note(name, &format!("{what}: store calls a pair"), median(made), "");
            report.note(name, &format!("{what}: part of the time that is within them"), median(shares), "");
            report.note(name, &format!("{what}: the same calls alone"), median(alone), "/s");
            report.least(name, &format!("{what}: ratio"), median(ratios), "", 0.85);
        }
    }
    Ok(())
}

async fn pair_turn(hub: &Hub, people: &[Person], time: Duration) -> Result<f64> {
    let started = Instant::now();
    let deadline = started + time;
    let workers = (0..PAIR_CONNECTIONS).map(|number| async move {
        let mut connection = Connection::open(&hub.address).await?;
        let mut count = 0_u32;
        let Some(person) = people.get(number % people.len()) else { return Ok(0) };
        while Instant::now() < deadline {
            let bucket = unique("pair");
            let body = json!({"name": bucket}).to_string();
            let create = request("POST", "/api/buckets", Some(&person.token), Some(&body));
            connection.send(&create).await?.expect(201)?;
            let delete = request("DELETE", &format!("/api/buckets/{bucket}"), Some(&person.token), None);
            connection.send(&delete).await?.expect(200)?;
            count += 1;
        }
        anyhow::Ok(count)
    });
    let counts = futures::future::try_join_all(workers).await?;
    Ok(f64::from(counts.iter().sum::<u32>()) / started.elapsed().as_secs_f64())
}

fn unique(name: &str) -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    format!("{name}-{}", &id[..12])
}

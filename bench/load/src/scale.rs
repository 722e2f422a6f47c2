//! Compares the cost of each endpoint with 1,000,000 buckets and 100,000 users to that with 1,000 buckets.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use serde_json::json;
use tokio_postgres::NoTls;

use crate::Plan;
use crate::http::{Connection, request};
use crate::hub::{Backend, Hub, Person};
use crate::load::{closed_loop, median};
use crate::report::Report;

const USERS: i64 = 100_000;
const BUCKETS: i64 = 1_000_000;
/// The prefix of ids that sort after all ids of the server, so that the first user stays a real one.
const LATE_ID: &str = "ffffffff";

/// Measures reads, and creating and deleting, before and after the records grow.
pub(crate) async fn run(plan: &Plan, server: &Path, backend: Backend, report: &mut Report) -> Result<()> {
    let hub = Hub::start(server, backend).await?;
    let person = hub.sign_up("scale").await?;
    hub.create_buckets(&person, &format!("scale-{}", &person.id[..8]), 20).await?;
    grow(&hub, 0, 100, 1_000 - 20).await?;
    let small = measure(plan, &hub, &person).await?;
    grow(&hub, 100, USERS, BUCKETS).await?;
    let large = measure(plan, &hub, &person).await?;
    for ((what, small), (_, large)) in small.into_iter().zip(large) {
        report.most(hub.backend.name(), &format!("{what}: time at 1 M buckets / at 1,000"), large / small, "", 1.3);
    }
    Ok(())
}

/// Milliseconds per request, for each endpoint.
async fn measure(plan: &Plan, hub: &Hub, person: &Person) -> Result<Vec<(&'static str, f64)>> {
    let listed = hub.call("GET", "/api/buckets", Some(&person.token), None).await?;
    let bucket = listed.pointer("/data/0/name").and_then(|name| name.as_str()).context("a bucket")?.to_owned();
    let mut times = Vec::new();
    for (what, path) in [
        ("GET /api/buckets", "/api/buckets".to_owned()),
        ("GET /api/buckets/{name}", format!("/api/buckets/{bucket}")),
        ("GET /api/buckets/{name}/policy", format!("/api/buckets/{bucket}/policy")),
        ("GET /api/users/me", "/api/users/me".to_owned()),
        ("GET /api/users/me/credentials", "/api/users/me/credentials".to_owned()),
    ] {
        let request = request("GET", &path, Some(&person.token), None);
        closed_loop(hub, 8, Duration::from_secs(1), &request).await?;
        let mut rates = Vec::new();
        for _ in 0..Plan::TURNS {
            rates.push(1000.0 / closed_loop(hub, 8, plan.turn, &request).await?.rate);
        }
        times.push((what, median(rates)));
    }
    times.push(("create+delete", pairs(plan, hub, person).await?));
    Ok(times)
}

async fn pairs(plan: &Plan, hub: &Hub, person: &Person) -> Result<f64> {
    let mut connection = Connection::open(&hub.address).await?;
    let mut times = Vec::new();
    for turn in 0..Plan::TURNS {
        let (started, mut count) = (std::time::Instant::now(), 0_u32);
        while started.elapsed() < plan.turn {
            let name = format!("scale-pair-{turn}-{count}-{}", started.elapsed().as_nanos());
            let body = json!({"name": name}).to_string();
            connection.send(&request("POST", "/api/buckets", Some(&person.token), Some(&body))).await?.expect(201)?;
            let delete = request("DELETE", &format!("/api/buckets/{name}"), Some(&person.token), None);
            connection.send(&delete).await?.expect(200)?;
            count += 1;
        }
        times.push(started.elapsed().as_secs_f64() * 1000.0 / f64::from(count));
    }
    Ok(median(times))
}

/// Inserts users and buckets directly into the database, as the server would write them.
async fn grow(hub: &Hub, from: i64, users: i64, buckets: i64) -> Result<()> {
    match &hub.database {
        Some(database) => grow_postgres(database, from, users, buckets).await,
        None => grow_sqlite(&hub.records_file(), from, users, buckets),
    }
}

fn grow_sqlite(file: &Path, from: i64, users: i64, buckets: i64) -> Result<()> {
    let file = file.to_str().context("a path that is text")?;
    let mut connection = SqliteConnection::establish(file)?;
    let id = |what: &str, number: &str| format!("printf('{LATE_ID}-{what}-4000-8000-%012x', {number})");
    let user = id("0001", "n");
    let owner = id("0001", &format!("{from} + n % {}", users - from));
    let (bucket, first) = (id("0002", "n"), from * 1_000_000);
    let numbers = |first: i64, last: i64| {
        format!("WITH RECURSIVE c (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM c WHERE n < {last})")
    };
    let (people, names) = (numbers(from, users - 1), numbers(first, first + buckets - 1));
    // Entries in the order of their keys, because a table without row ids inserts these fastest.
    connection.batch_execute(&format!(
        "PRAGMA busy_timeout = 60000; PRAGMA synchronous = OFF; BEGIN IMMEDIATE; \
         {people} INSERT INTO users SELECT {user}, 'u' || n || '@scale.example', '', x'', '[]', 'user_scale_' || n, \
         1, 0, 0, 1, 0 FROM c; \
         {people} INSERT INTO shards SELECT 'author-' || {user}, 0, 0, 1 FROM c; \
         {names} INSERT INTO buckets SELECT {bucket}, 'scale-grown-' || {from} || '-' || n, {owner}, 'active', 1, 1, 0 \
         FROM c; \
         {names} INSERT INTO bucket_entries SELECT {bucket}, 'author-' || {owner}, 'manage', 0 FROM c; \
         {names} INSERT INTO bucket_entries SELECT {bucket}, 'admin', 'manage', NULL FROM c; COMMIT; ANALYZE"
    ))?;
    Ok(())
}

async fn grow_postgres(database: &str, from: i64, users: i64, buckets: i64) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(database, NoTls).await?;
    tokio::spawn(connection);
    let id =
        |what: &str, number: &str| format!("overlay(md5('{what}' || {number}) placing '{LATE_ID}' from 1 for 8)::uuid");
    let user = id("user", "u");
    let owner = id("user", &format!("({from} + b % {})", users - from));
    let bucket = id("bucket", "b");
    client
        .batch_execute(&format!(
            "INSERT INTO users (id, email, password_hash, sealed_secret, grants, access_key, enabled, token_epoch, \
             revoke_sessions, answered, created_at) SELECT {user}, 'u' || u || '@scale.example', '', '', '{{}}', \
             'user_scale_' || u, true, 0, false, true, now() FROM generate_series({from}::bigint, {users} - 1) u; \
             INSERT INTO shards (\"grant\", number, bytes, written) SELECT 'author-' || {user}, 0, 0, true \
             FROM generate_series({from}::bigint, {users} - 1) u; \
             INSERT INTO buckets (id, name, owner_id, state, seen_absent, answered, created_at) SELECT {bucket}, \
             'scale-grown-' || {from} || '-' || b, {owner}, 'active', true, true, now() \
             FROM generate_series({from}::bigint * 1000000, {from}::bigint * 1000000 + {buckets} - 1) b; \
             INSERT INTO bucket_entries (bucket_id, \"grant\", access, shard) SELECT id, 'author-' || owner_id, \
             'manage', 0 FROM buckets WHERE name LIKE 'scale-grown-{from}-%'; \
             INSERT INTO bucket_entries (bucket_id, \"grant\", access, shard) SELECT id, 'admin', 'manage', NULL \
             FROM buckets WHERE name LIKE 'scale-grown-{from}-%'"
        ))
        .await?;
    // Separately, because it cannot run in a transaction.
    Ok(client.batch_execute("VACUUM ANALYZE").await?)
}

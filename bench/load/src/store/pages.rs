//! A page of a bucket with a million keys, compared with one of a bucket with a thousand.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Text;
use diesel::{Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query};

use super::requests::{hash, sign};
use super::servers::{Server, hub_server};
use super::wire::Wire;
use crate::hub::Hub;
use crate::load::median;
use crate::process;
use crate::report::Report;

const PAGES: usize = 200;
const PAGE: usize = 200;

/// Fills two buckets by SQL and measures lists of both.
pub(crate) async fn compare(mut hub: Hub, runs: usize, report: &mut Report) -> Result<()> {
    let mut servers = Vec::new();
    for (bucket, keys) in [("pages-small", 1_000), ("pages-large", 1_000_000)] {
        let server = hub_server(&hub, bucket).await?;
        let put = sign(&server, "PUT", "/seed", "", &hash(b"x"), Some(1))?;
        let (status, _) = Wire::open(&server.address).await?.exchange(&put.head, b"x", true).await?;
        ensure!(status == 200, "the seed was answered {status}");
        servers.push((server, keys));
    }
    hub.stop();
    for (server, keys) in &servers {
        fill(&hub, &server.bucket, *keys)?;
    }
    hub.run().await?;
    for (server, _) in &mut servers {
        server.address.clone_from(&hub.s3_address);
        server.pid = hub.pid()?;
    }
    let mut figures = vec![(Vec::new(), Vec::new()); servers.len()];
    for run in 0..=runs {
        for ((server, keys), (seconds, cpu)) in servers.iter().zip(&mut figures) {
            let (second, cost) = pages(server, *keys).await?;
            if run > 0 {
                seconds.push(second);
                cpu.push(cost);
            }
        }
    }
    let mut medians = figures.into_iter().map(|(seconds, cpu)| (median(seconds), median(cpu)));
    let (small, large) = medians.next().zip(medians.next()).context("two buckets")?;
    report.note("hub", "page of 200 keys, bucket of 1,000", small.0 * 1000.0, "ms");
    report.note("hub", "page of 200 keys, bucket of 1,000,000", large.0 * 1000.0, "ms");
    report.most("hub", "page: time at 1,000,000 keys / at 1,000", large.0 / small.0, "", 1.5);
    report.most("hub", "page: CPU at 1,000,000 keys / at 1,000", large.1 / small.1, "", 1.5);
    Ok(())
}

/// Seconds, and seconds of CPU, per page, at places spread over the bucket.
async fn pages(server: &Server, keys: usize) -> Result<(f64, f64)> {
    let mut wire = Wire::open(&server.address).await?;
    let requests = (0..PAGES).map(|number| {
        let after = number * (keys - PAGE) / PAGES;
        let query = format!("list-type=2&max-keys={PAGE}&start-after=k-{after:07}");
        sign(server, "GET", "", &query, &hash(b""), None)
    });
    let requests = requests.collect::<Result<Vec<_>>>()?;
    let (cpu, started) = (process::cpu(server.pid)?, Instant::now());
    for request in &requests {
        let (status, length) = wire.exchange(&request.head, b"", true).await?;
        ensure!(status == 200 && length > 10_000, "a page was answered {status} with {length} bytes");
    }
    let count = PAGES as f64;
    let cpu = process::cpu(server.pid)?.saturating_sub(cpu).as_secs_f64();
    Ok((started.elapsed().as_secs_f64() / count, cpu / count))
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Copies the row of the first object under other keys. Lists do not read the blobs, which do not exist.
fn fill(hub: &Hub, bucket: &str, keys: usize) -> Result<()> {
    let mut connection = SqliteConnection::establish(&hub.index_file().to_string_lossy())?;
    let columns: Vec<Column> = sql_query("SELECT name FROM pragma_table_info('objects')").load(&mut connection)?;
    let columns: Vec<String> = columns.into_iter().map(|column| column.name).filter(|name| name != "id").collect();
    let values = columns.iter().map(|name| match name.as_str() {
        "key" => "CAST(printf('k-%07d', n) AS BLOB)".to_owned(),
        "blob" => "blob || '-' || n".to_owned(),
        name => format!("\"{name}\""),
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let columns = columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    connection.batch_execute(&format!(
        "PRAGMA busy_timeout = 60000; PRAGMA synchronous = OFF; BEGIN IMMEDIATE; \
         WITH RECURSIVE c (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < {keys} - 1) \
         INSERT INTO objects ({columns}) SELECT {values} FROM objects, c WHERE bucket_id = \
         (SELECT id FROM buckets WHERE name = '{bucket}') AND key = CAST('seed' AS BLOB); COMMIT; ANALYZE"
    ))?;
    Ok(())
}

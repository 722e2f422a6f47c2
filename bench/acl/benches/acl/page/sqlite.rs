use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Integer, Text};
use diesel::sqlite::Sqlite;
use storage_hub_acl_diesel::CheckAclBy as _;
use storage_hub_bench_acl::{Comparison, Goal, Report, Stopwatch};
use storage_hub_core::acl::Subject;

use super::{ROWS, Reader, SMALL, TEAMS, Tables, articles, index, newest, readers};

const PART: &str = "SQLite";

/// `check_acl_page` on a small and on a large table.
pub(crate) fn run(tables: &Tables, stopwatch: &mut Stopwatch, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut small = fill(&folder.path().join("small.db"), SMALL)?;
    let mut large = fill(&folder.path().join("large.db"), tables.rows)?;
    for reader in &readers()? {
        let Reader { name, subject } = reader;
        if tables.plans {
            print_plan(&mut small, &format!("{SMALL} rows"), reader)?;
            print_plan(&mut large, &format!("{} rows", tables.rows), reader)?;
        }
        ensure!(index_page(&mut large, subject)? == plain_page(&mut large, subject)?, "{name}: another page");
        let Comparison { first, second, ratio } = stopwatch.compare(
            (&format!("SQLite, small: {name}"), || index_page(&mut small, subject).is_ok()),
            (&format!("SQLite, large: {name}"), || index_page(&mut large, subject).is_ok()),
        )?;
        report.note(PART, format!("join table, {name}: page of the small one"), first / 1e3, "us");
        report.note(PART, format!("join table, {name}: page of the large one"), second / 1e3, "us");
        report.goal(PART, format!("join table, {name}: large / small"), ratio, "times", Goal::AtMost(super::SAME));
    }
    Ok(())
}

fn fill(file: &Path, rows: u32) -> Result<SqliteConnection> {
    println!("-- filling SQLite with {rows} rows");
    let mut connection = SqliteConnection::establish(file.to_str().context("a file name is not UTF-8")?)?;
    connection.batch_execute(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; BEGIN; \
         CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT NOT NULL, printed_at INTEGER NOT NULL); \
         CREATE TABLE article_grants (article_id INTEGER NOT NULL, \"grant\" TEXT NOT NULL, \
         printed_at INTEGER NOT NULL, PRIMARY KEY (article_id, \"grant\")) WITHOUT ROWID; \
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows}) \
         INSERT INTO articles SELECT n, 'article ' || n, n FROM numbers; \
         INSERT INTO article_grants SELECT id, 'all', printed_at FROM articles; \
         INSERT INTO article_grants SELECT id, 'team-' || id % {TEAMS}, printed_at FROM articles; \
         INSERT INTO article_grants SELECT id, 'half', printed_at FROM articles WHERE id % 2 = 0; \
         INSERT INTO article_grants SELECT id, 'few', printed_at FROM articles WHERE id % 250 = 0; \
         INSERT INTO article_grants VALUES (1, 'oldest', 1); \
         CREATE INDEX article_grants_page ON article_grants (\"grant\", printed_at, article_id); ANALYZE; COMMIT"
    ))?;
    Ok(connection)
}

fn index_page(connection: &mut SqliteConnection, subject: &Subject) -> Result<Vec<i64>> {
    let query = articles::table.check_acl_page((articles::printed_at, articles::id), index(), subject, newest());
    Ok(query.select(articles::id).load(connection)?)
}

fn plain_page(connection: &mut SqliteConnection, subject: &Subject) -> Result<Vec<i64>> {
    let query = articles::table.check_acl_by(articles::id, index(), subject);
    let query = query.order((articles::printed_at.desc(), articles::id.desc())).limit(ROWS.into());
    Ok(query.select(articles::id).load(connection)?)
}

fn print_plan(connection: &mut SqliteConnection, size: &str, Reader { name, subject }: &Reader) -> Result<()> {
    let query = articles::table.check_acl_page((articles::printed_at, articles::id), index(), subject, newest());
    let rows: Vec<(i32, i32, i32, String)> = Explained(query.select(articles::id)).load(connection)?;
    println!("\nSQLite, join table, {name}, {size}: check_acl_page");
    let mut depths = std::collections::HashMap::from([(0, 0)]);
    for (id, parent, _, detail) in rows {
        let depth = depths.get(&parent).copied().unwrap_or_default() + 1;
        depths.insert(id, depth);
        println!("{}{detail}", "  ".repeat(depth));
    }
    Ok(())
}

/// EXPLAIN QUERY PLAN of a query.
#[derive(QueryId)]
struct Explained<Q>(Q);

impl<Q> Query for Explained<Q> {
    type SqlType = (Integer, Integer, Integer, Text);
}

impl<Q> diesel::RunQueryDsl<SqliteConnection> for Explained<Q> {}

impl<Q: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Explained<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("EXPLAIN QUERY PLAN ");
        self.0.walk_ast(out.reborrow())
    }
}

use anyhow::{Context as _, Result, ensure};
use diesel::pg::Pg;
use diesel::prelude::{ExpressionMethods as _, PgArrayExpressionMethods as _, QueryDsl as _, QueryResult};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use storage_hub_acl_diesel::{CheckAcl as _, CheckAclBy as _};
use storage_hub_bench_acl::{Comparison, Goal, Report, Stopwatch};
use storage_hub_core::acl::Subject;
use tokio::runtime::Runtime;

use super::{ROWS, Reader, SMALL, TEAMS, Tables, articles, index, newest, readers};

const PART: &str = "PostgreSQL";
const URL: &str = "STORAGE_HUB_TEST_POSTGRES";

diesel::table! {
    tagged (id) { id -> BigInt, title -> Text, printed_at -> BigInt, grants -> Array<Text>, }
}

pub(crate) fn run(tables: &Tables, stopwatch: &mut Stopwatch, report: &mut Report) -> Result<()> {
    let url = std::env::var(URL).with_context(|| format!("no {URL}; run it by cargo xtask bench-acl"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut small = Database::fill(&runtime, &url, "bench_acl_small", SMALL)?;
    let mut large = Database::fill(&runtime, &url, "bench_acl_large", tables.rows)?;
    for reader in &readers()? {
        if tables.plans {
            small.print_plans(&format!("{SMALL} rows"), reader)?;
            large.print_plans(&format!("{} rows", tables.rows), reader)?;
        }
        array(&mut large, reader, stopwatch, report)?;
        join_table((&mut small, &mut large), reader, stopwatch, report)?;
    }
    small.drop_tables()?;
    large.drop_tables()
}

/// `check_acl` and the bare operator, on the large table.
fn array(large: &mut Database<'_>, reader: &Reader, stopwatch: &mut Stopwatch, report: &mut Report) -> Result<()> {
    let Reader { name, subject } = reader;
    let expected = large.bare_page(subject)?;
    ensure!(large.checked_page(subject)? == expected, "{name}: another page");
    let large = std::cell::RefCell::new(large);
    let Comparison { first, second, ratio } = stopwatch.compare(
        (&format!("text[], bare: {name}"), || large.borrow_mut().bare_page(subject).is_ok()),
        (&format!("text[], check_acl: {name}"), || large.borrow_mut().checked_page(subject).is_ok()),
    )?;
    report.note(PART, format!("text[], {name}: the bare &&"), first / 1e3, "us");
    report.note(PART, format!("text[], {name}: check_acl"), second / 1e3, "us");
    report.goal(PART, format!("text[], {name}: check_acl / &&"), ratio, "times", Goal::AtMost(1.3));
    Ok(())
}

/// `check_acl_page` on the small and on the large table.
fn join_table(
    (small, large): (&mut Database<'_>, &mut Database<'_>),
    reader: &Reader,
    stopwatch: &mut Stopwatch,
    report: &mut Report,
) -> Result<()> {
    let Reader { name, subject } = reader;
    ensure!(large.index_page(subject)? == large.bare_page(subject)?, "{name}: another page by the join table");
    let Comparison { first, second, ratio } = stopwatch.compare(
        (&format!("join table, small: {name}"), || small.index_page(subject).is_ok()),
        (&format!("join table, large: {name}"), || large.index_page(subject).is_ok()),
    )?;
    report.note(PART, format!("join table, {name}: page of the small one"), first / 1e3, "us");
    report.note(PART, format!("join table, {name}: page of the large one"), second / 1e3, "us");
    report.goal(PART, format!("join table, {name}: large / small"), ratio, "times", Goal::AtMost(super::SAME));
    Ok(())
}

/// A connection to a schema of its own.
struct Database<'r> {
    runtime: &'r Runtime,
    connection: AsyncPgConnection,
    schema: &'static str,
}

impl<'r> Database<'r> {
    fn fill(runtime: &'r Runtime, url: &str, schema: &'static str, rows: u32) -> Result<Self> {
        println!("-- filling PostgreSQL with {rows} rows");
        let mut connection = runtime.block_on(AsyncPgConnection::establish(url))?;
        // Plan each page again, because otherwise only one of the two tables might get a generic plan.
        let tables = format!(
            "SET plan_cache_mode = force_custom_plan; \
             DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; SET search_path TO {schema}; \
             CREATE TABLE tagged (id bigint PRIMARY KEY, title text NOT NULL, printed_at bigint NOT NULL, \
             grants text[] NOT NULL); \
             CREATE TABLE articles (id bigint PRIMARY KEY, title text NOT NULL, printed_at bigint NOT NULL); \
             CREATE TABLE article_grants (article_id bigint NOT NULL, \"grant\" text NOT NULL, \
             printed_at bigint NOT NULL, PRIMARY KEY (article_id, \"grant\")); \
             INSERT INTO tagged SELECT n, 'article ' || n, n, ARRAY['all', 'team-' || n % {TEAMS}] \
             || CASE WHEN n % 2 = 0 THEN ARRAY['half'] ELSE '{{}}' END \
             || CASE WHEN n % 250 = 0 THEN ARRAY['few'] ELSE '{{}}' END \
             || CASE WHEN n = 1 THEN ARRAY['oldest'] ELSE '{{}}' END FROM generate_series(1, {rows}) n; \
             INSERT INTO articles SELECT id, title, printed_at FROM tagged; \
             INSERT INTO article_grants SELECT id, unnest(grants), printed_at FROM tagged; \
             CREATE INDEX tagged_grants ON tagged USING gin (grants); \
             CREATE INDEX tagged_page ON tagged (printed_at, id); \
             CREATE INDEX article_grants_page ON article_grants (\"grant\", printed_at, article_id)"
        );
        runtime.block_on(connection.batch_execute(&tables))?;
        for table in ["tagged", "articles", "article_grants"] {
            runtime.block_on(connection.batch_execute(&format!("VACUUM ANALYZE {table}")))?;
        }
        Ok(Self { runtime, connection, schema })
    }

    fn drop_tables(mut self) -> Result<()> {
        let sql = format!("DROP SCHEMA {} CASCADE", self.schema);
        Ok(self.runtime.block_on(self.connection.batch_execute(&sql))?)
    }

    fn bare_page(&mut self, subject: &Subject) -> Result<Vec<i64>> {
        let words: Vec<&str> = subject.grants().iter().map(AsRef::as_ref).collect();
        let query = tagged::table.filter(tagged::grants.overlaps_with(words));
        let query = query.order((tagged::printed_at.desc(), tagged::id.desc())).limit(ROWS.into()).select(tagged::id);
        Ok(self.runtime.block_on(query.load(&mut self.connection))?)
    }

    fn checked_page(&mut self, subject: &Subject) -> Result<Vec<i64>> {
        let query = tagged::table.check_acl(tagged::grants, subject);
        let query = query.order((tagged::printed_at.desc(), tagged::id.desc())).limit(ROWS.into()).select(tagged::id);
        Ok(self.runtime.block_on(query.load(&mut self.connection))?)
    }

    fn index_page(&mut self, subject: &Subject) -> Result<Vec<i64>> {
        let query = articles::table.check_acl_page((articles::printed_at, articles::id), index(), subject, newest());
        Ok(self.runtime.block_on(query.select(articles::id).load(&mut self.connection))?)
    }

    fn print_plans(&mut self, size: &str, Reader { name, subject }: &Reader) -> Result<()> {
        let words: Vec<String> = subject.grants().iter().map(ToString::to_string).collect();
        let bare = tagged::table.filter(tagged::grants.overlaps_with(words));
        let bare = bare.order((tagged::printed_at.desc(), tagged::id.desc())).limit(ROWS.into()).select(tagged::id);
        self.print_plan(&format!("text[], {name}, {size}: the bare &&"), bare)?;
        let checked = tagged::table.check_acl(tagged::grants, subject);
        let checked =
            checked.order((tagged::printed_at.desc(), tagged::id.desc())).limit(ROWS.into()).select(tagged::id);
        self.print_plan(&format!("text[], {name}, {size}: check_acl"), checked)?;
        let page = articles::table.check_acl_page((articles::printed_at, articles::id), index(), subject, newest());
        self.print_plan(&format!("join table, {name}, {size}: check_acl_page"), page.select(articles::id))
    }

    fn print_plan<Q>(&mut self, title: &str, query: Q) -> Result<()>
    where
        Q: QueryFragment<Pg> + QueryId + Send + 'static,
    {
        let lines: Vec<String> = self.runtime.block_on(Explained(query).load(&mut self.connection))?;
        // A hundred grants would make the plan unreadable.
        let lines = lines.iter().map(|line| line.chars().take(140).collect::<String>());
        println!("\nPostgreSQL, {title}\n{}", lines.collect::<Vec<_>>().join("\n"));
        Ok(())
    }
}

/// EXPLAIN ANALYZE of a query.
#[derive(QueryId)]
struct Explained<Q>(Q);

impl<Q> Query for Explained<Q> {
    type SqlType = Text;
}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Explained<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) ");
        self.0.walk_ast(out.reborrow())
    }
}

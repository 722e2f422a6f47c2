//! A PostgreSQL database per test.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use serde_json::Value;
use storage_hub_port_contract::services;
use uuid::Uuid;

/// Without autovacuum, which would change the statistics and the visibility map between two plans that a test compares.
const TABLES: &str = "\
    CREATE TABLE authors (id bigint PRIMARY KEY, name text NOT NULL);\
    INSERT INTO authors VALUES (1, 'Ann'), (2, 'Bob');\
    CREATE TABLE articles (id bigint PRIMARY KEY, author_id bigint NOT NULL REFERENCES authors, title text NOT NULL,\
        printed_at bigint NOT NULL, grants text[] NOT NULL) WITH (autovacuum_enabled = false);\
    CREATE INDEX articles_grants ON articles USING gin (grants);\
    CREATE TABLE article_grants (article_id bigint NOT NULL, \"grant\" text NOT NULL, printed_at bigint NOT NULL,\
        PRIMARY KEY (article_id, \"grant\")) WITH (autovacuum_enabled = false);\
    CREATE INDEX article_grants_page ON article_grants (\"grant\", printed_at, article_id);";

/// A database with the tables of the magazine; dropped by [`Magazine::close`].
pub(crate) struct Magazine {
    pub(crate) connection: AsyncPgConnection,
    server: String,
    name: String,
}

impl Magazine {
    /// `None` without a server.
    pub(crate) async fn open() -> Option<Self> {
        let server = services::postgres()?;
        let name = format!("storage_hub_test_{}", Uuid::new_v4().simple());
        let mut admin = AsyncPgConnection::establish(&server).await.unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (host, _) = server.rsplit_once('/').unwrap();
        let mut connection = AsyncPgConnection::establish(&format!("{host}/{name}")).await.unwrap();
        connection.batch_execute(TABLES).await.unwrap();
        Some(Self { connection, server, name })
    }

    /// Drops the database.
    pub(crate) async fn close(self) {
        let Self { connection, server, name } = self;
        drop(connection);
        let mut admin = AsyncPgConnection::establish(&server).await.unwrap();
        admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    }

    /// Runs statements without values.
    pub(crate) async fn run(&mut self, statements: &str) {
        self.connection.batch_execute(statements).await.unwrap();
    }

    /// The plan of the query, with the rows and blocks that it read.
    pub(crate) async fn plan<Q>(&mut self, query: Q) -> Plan
    where
        Q: QueryFragment<Pg> + QueryId + Send + 'static,
    {
        let rows: Vec<String> = Explained(query).load(&mut self.connection).await.unwrap();
        let plans: Value = serde_json::from_str(&rows.concat()).unwrap();
        Plan(plans[0]["Plan"].clone())
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
        out.push_sql("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ");
        self.0.walk_ast(out.reborrow())
    }
}

/// A plan in the JSON of PostgreSQL.
#[derive(Debug)]
pub(crate) struct Plan(Value);

impl Plan {
    /// The blocks that were read, from memory or disk.
    pub(crate) fn blocks(&self) -> i64 {
        ["Shared Hit Blocks", "Shared Read Blocks"].iter().map(|key| self.0[key].as_i64().unwrap()).sum()
    }

    /// The rows that were read from tables and indexes, including those that a filter removed.
    pub(crate) fn rows(&self) -> f64 {
        let mut rows = 0.0;
        self.visit(&mut |node| {
            if node["Relation Name"].is_string() {
                let number = |key: &str| node[key].as_f64().unwrap_or_default();
                let removed = number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
                rows += (number("Actual Rows") + removed) * number("Actual Loops");
            }
        });
        rows
    }

    /// Every node's kind, with the index that it uses, in the order of the tree.
    pub(crate) fn nodes(&self) -> Vec<String> {
        let mut nodes = Vec::new();
        self.visit(&mut |node| {
            let kind = node["Node Type"].as_str().unwrap();
            let index = node["Index Name"].as_str().map(|name| format!(" {name}")).unwrap_or_default();
            nodes.push(format!("{kind}{index}"));
        });
        nodes
    }

    fn visit(&self, visitor: &mut dyn FnMut(&Value)) {
        visit(&self.0, visitor);
    }
}

fn visit(node: &Value, visitor: &mut dyn FnMut(&Value)) {
    visitor(node);
    for child in node["Plans"].as_array().into_iter().flatten() {
        visit(child, visitor);
    }
}

//! An in-memory SQLite database per test.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::{Connection as _, RunQueryDsl as _, SqliteConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Integer, Text};
use diesel::sqlite::Sqlite;

use crate::magazine::{Article, articles};

const TABLES: &str = "\
    CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\
    INSERT INTO authors VALUES (1, 'Ann'), (2, 'Bob');\
    CREATE TABLE articles (id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES authors, title TEXT NOT NULL,\
        printed_at INTEGER NOT NULL);\
    CREATE TABLE article_grants (article_id INTEGER NOT NULL, \"grant\" TEXT NOT NULL, printed_at INTEGER NOT NULL,\
        PRIMARY KEY (article_id, \"grant\")) WITHOUT ROWID;\
    CREATE INDEX article_grants_page ON article_grants (\"grant\", printed_at, article_id);";

/// A database with the tables of the magazine.
pub(crate) fn magazine() -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection.batch_execute(TABLES).unwrap();
    connection
}

pub(crate) fn refill(connection: &mut SqliteConnection, made: &[Article]) {
    connection.batch_execute("DELETE FROM articles; DELETE FROM article_grants").unwrap();
    for article in made {
        articles::insert().values(article.row()).execute(connection).unwrap();
        let grants = diesel::insert_into(articles::article_grants::table).values(article.grant_rows());
        grants.execute(connection).unwrap();
    }
}

/// The plan of the query, one line per step.
pub(crate) fn plan<Q>(connection: &mut SqliteConnection, query: Q) -> Vec<String>
where
    Q: QueryFragment<Sqlite> + QueryId,
{
    let rows: Vec<(i32, i32, i32, String)> = Explained(query).load(connection).unwrap();
    rows.into_iter().map(|(_, _, _, detail)| detail).collect()
}

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

//! The articles in SQLite. Their table is guarded, so a query without the check does not compile.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use storage_hub_acl_diesel::{Direction, Page};
use storage_hub_core::acl::{Grant, GrantSet, Subject};

const TABLES: &str = "\
    CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT NOT NULL, author_id TEXT NOT NULL, parent_id INTEGER,\
        printed_at INTEGER NOT NULL);\
    CREATE TABLE article_grants (article_id INTEGER NOT NULL REFERENCES articles, \"grant\" TEXT NOT NULL,\
        printed_at INTEGER NOT NULL, PRIMARY KEY (article_id, \"grant\")) WITHOUT ROWID;\
    CREATE INDEX article_grants_page ON article_grants (\"grant\", printed_at, article_id);";

/// Maximum number of parents that are followed.
const GENERATIONS: usize = 16;
const PAGE: u16 = 20;

storage_hub_acl_diesel::guarded_table! {
    /// What the magazine prints.
    pub(crate) mod articles, grants in article_grants (article_id, grant, printed_at), by (printed_at, id) {
        diesel::table! {
            articles (id) {
                id -> BigInt,
                title -> Text,
                author_id -> Text,
                parent_id -> Nullable<BigInt>,
                printed_at -> BigInt,
            }
        }
        diesel::table! {
            article_grants (article_id, grant) { article_id -> BigInt, grant -> Text, printed_at -> BigInt, }
        }
    }
}

use articles::article_grants;

type Row = (i64, String, String, Option<i64>, i64);

/// The article after which the next page begins.
#[derive(Deserialize)]
pub(crate) struct After {
    printed_at: Option<i64>,
    id: Option<i64>,
}

pub(crate) fn open() -> Result<SqliteConnection, Box<dyn std::error::Error>> {
    let mut connection = SqliteConnection::establish(":memory:")?;
    connection.batch_execute(TABLES)?;
    Ok(connection)
}

/// The subject of the service itself, which decides after reading. Every article carries `admin`, because the options
/// require it.
pub(crate) fn service() -> Subject {
    Subject::new(&[Grant::admin()].into_iter().collect::<GrantSet>(), None)
}

/// One page of the articles that the subject may see, the newest first.
pub(crate) fn list(connection: &mut SqliteConnection, subject: &Subject, after: After) -> QueryResult<Vec<Value>> {
    let page = match (after.printed_at, after.id) {
        (Some(printed_at), Some(id)) => Page::after(printed_at, id, PAGE, Direction::Descending),
        _ => Page::first(PAGE, Direction::Descending),
    };
    let rows: Vec<Row> = articles::page_visible_to(subject, page).load(connection)?;
    rows.into_iter().map(|row| document(connection, &row)).collect()
}

/// One article with its parents, if the subject may see it. It reads all parents, and leaves the decision on them to
/// the check.
pub(crate) fn find(connection: &mut SqliteConnection, subject: &Subject, id: i64) -> QueryResult<Option<Value>> {
    let found = articles::visible_to(subject).filter(articles::id.eq(id)).first::<Row>(connection).optional()?;
    let Some(row) = found else { return Ok(None) };
    let mut line = vec![document(connection, &row)?];
    let mut next = row.3;
    while let Some(parent) = next.filter(|_| line.len() < GENERATIONS) {
        let row: Row = articles::visible_to(&service()).filter(articles::id.eq(parent)).first(connection)?;
        line.push(document(connection, &row)?);
        next = row.3;
    }
    // The oldest ancestor first: each is nested in its child.
    Ok(line.into_iter().rev().reduce(|parent, mut child| {
        if let Value::Object(fields) = &mut child {
            fields.insert("parent".to_owned(), parent);
        }
        child
    }))
}

/// Inserts an article whose grants are already stamped, and returns its id.
pub(crate) fn insert(
    connection: &mut SqliteConnection,
    id: Option<i64>,
    author: &str,
    parent: Option<i64>,
    document: &Value,
) -> QueryResult<i64> {
    connection.transaction(|connection| {
        let title = document.get("title").and_then(Value::as_str).unwrap_or("Untitled");
        let printed_at = id.unwrap_or(100);
        let row = (
            id.map(|id| articles::id.eq(id)),
            articles::title.eq(title),
            articles::author_id.eq(author),
            articles::parent_id.eq(parent),
            articles::printed_at.eq(printed_at),
        );
        articles::insert().values(row).execute(connection)?;
        let id: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>("last_insert_rowid()"))
            .get_result(connection)?;
        let grants = document.get("grants").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for grant in grants {
            diesel::insert_into(article_grants::table)
                .values((
                    article_grants::article_id.eq(id),
                    article_grants::grant.eq(grant),
                    article_grants::printed_at.eq(printed_at),
                ))
                .execute(connection)?;
        }
        Ok(id)
    })
}

fn document(connection: &mut SqliteConnection, (id, title, author, _, printed_at): &Row) -> QueryResult<Value> {
    let grants = article_grants::table.filter(article_grants::article_id.eq(id)).order(article_grants::grant);
    let grants: Vec<String> = grants.select(article_grants::grant).load(connection)?;
    Ok(json!({"id": id, "title": title, "author": {"id": author}, "printedAt": printed_at, "grants": grants}))
}

//! One filtered page, beside the bare query and beside the same page of a small table.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use anyhow::Result;
use storage_hub_acl_diesel::{Direction, GrantIndex, Page};
use storage_hub_core::acl::{GrantSet, Subject};

/// What is to be done with the tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables {
    /// How many rows the large ones have.
    pub(crate) rows: u32,
    /// Whether the plans are printed.
    pub(crate) plans: bool,
}

/// How many rows the small tables have.
const SMALL: u32 = 10_000;
/// How many rows a page has.
const ROWS: u16 = 20;
/// How many times as long a page of the large table may take: that the index is one or two blocks deeper shows, no more.
const SAME: f64 = 1.5;
/// How many teams there are: every row is of one.
const TEAMS: u32 = 100;

diesel::table! {
    articles (id) { id -> BigInt, title -> Text, printed_at -> BigInt, }
}
diesel::table! {
    article_grants (article_id, grant) { article_id -> BigInt, grant -> Text, printed_at -> BigInt, }
}
diesel::allow_tables_to_appear_in_same_query!(articles, article_grants);

type Index = GrantIndex<article_grants::article_id, article_grants::grant, article_grants::printed_at>;

fn index() -> Index {
    GrantIndex::new(article_grants::article_id, article_grants::grant, article_grants::printed_at)
}

const fn newest() -> Page<i64, i64> {
    Page::first(ROWS, Direction::Descending)
}

/// Who asks, and of how many rows.
struct Reader {
    name: &'static str,
    subject: Subject,
}

fn readers() -> Result<Vec<Reader>> {
    let teams: Vec<String> = (0..TEAMS).map(|team| format!("team-{team}")).collect();
    let reader = |name, grants: &[&str]| -> Result<Reader> {
        Ok(Reader { name, subject: Subject::new(&GrantSet::parse(grants)?, None) })
    };
    Ok(vec![
        reader("no row", &["nobody"])?,
        reader("the oldest row alone", &["oldest"])?,
        reader("1 row of 250", &["few"])?,
        reader("1 row of 2", &["half"])?,
        reader("every row", &["all"])?,
        Reader { name: "every row, by 100 grants", subject: Subject::new(&GrantSet::parse(&teams)?, None) },
    ])
}

//! One filtered page, compared with the bare query and with the same page of a small table.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use anyhow::Result;
use storage_hub_acl_diesel::{Direction, GrantIndex, Page};
use storage_hub_core::acl::{GrantSet, Subject};

/// The parameters of the pages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables {
    /// Number of rows of the large tables.
    pub(crate) rows: u32,
    /// Whether to print the plans.
    pub(crate) plans: bool,
}

/// Number of rows of the small tables.
const SMALL: u32 = 10_000;
/// Number of rows per page.
const ROWS: u16 = 20;
/// Maximum ratio of a page of the large table to one of the small: one or two more levels of the index may show.
const SAME: f64 = 1.5;
/// Number of teams; every row belongs to one.
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

/// The subjects, and how many rows each sees.
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

//! A magazine: articles, their authors and their grants, the same in both databases.

use diesel::prelude::Insertable;
use storage_hub_acl_diesel::GrantIndex;
use storage_hub_core::acl::{Grant, Subject};

diesel::table! {
    authors (id) { id -> BigInt, name -> Text, }
}

/// Tables to which the traits are applied directly, without the macro.
pub(crate) mod open {
    diesel::table! {
        articles (id) {
            id -> BigInt,
            author_id -> BigInt,
            title -> Text,
            printed_at -> BigInt,
            grants -> Array<Text>,
        }
    }
    diesel::table! {
        article_grants (article_id, grant) { article_id -> BigInt, grant -> Text, printed_at -> BigInt, }
    }
    use super::authors;
    diesel::joinable!(articles -> authors (author_id));
    diesel::allow_tables_to_appear_in_same_query!(articles, authors, article_grants);
}

storage_hub_acl_diesel::guarded_table! {
    /// The same tables, guarded, with the grants in the join table.
    pub(crate) mod articles, grants in article_grants (article_id, grant, printed_at), by (printed_at, id) {
        diesel::table! {
            articles (id) { id -> BigInt, author_id -> BigInt, title -> Text, printed_at -> BigInt, }
        }
        diesel::table! {
            article_grants (article_id, grant) { article_id -> BigInt, grant -> Text, printed_at -> BigInt, }
        }
        use super::super::authors;
        diesel::joinable!(articles -> authors (author_id));
        diesel::allow_tables_to_appear_in_same_query!(articles, authors);
    }
}

/// What is inserted into the guarded table.
#[derive(Insertable)]
#[diesel(table_name = articles)]
pub(crate) struct ArticleRow {
    id: i64,
    author_id: i64,
    title: String,
    printed_at: i64,
}

/// What is inserted into the join table.
#[derive(Insertable)]
#[diesel(table_name = articles::article_grants)]
pub(crate) struct GrantRow {
    article_id: i64,
    grant: String,
    printed_at: i64,
}

/// The join table's columns, for the tables that are not guarded.
pub(crate) type OpenIndex =
    GrantIndex<open::article_grants::article_id, open::article_grants::grant, open::article_grants::printed_at>;

pub(crate) fn open_index() -> OpenIndex {
    use open::article_grants::{article_id, grant, printed_at};
    GrantIndex::new(article_id, grant, printed_at)
}

/// One article of a random magazine.
#[derive(Clone, Debug)]
pub(crate) struct Article {
    pub(crate) id: i64,
    pub(crate) printed_at: i64,
    pub(crate) grants: Vec<Grant>,
}

impl Article {
    pub(crate) fn words(&self) -> Vec<String> {
        self.grants.iter().map(ToString::to_string).collect()
    }

    /// Its row in the guarded table.
    pub(crate) fn row(&self) -> ArticleRow {
        let title = format!("article {}", self.id);
        ArticleRow { id: self.id, author_id: 1 + self.id % 2, title, printed_at: self.printed_at }
    }

    /// Its rows in the join table.
    pub(crate) fn grant_rows(&self) -> Vec<GrantRow> {
        let rows = self.words().into_iter();
        rows.map(|grant| GrantRow { article_id: self.id, grant, printed_at: self.printed_at }).collect()
    }
}

/// A subject with this grant and a number of others.
pub(crate) fn holder_of(word: &str, and_others: usize) -> Subject {
    let others = (0..and_others).map(|number| Grant::parse(format!("other-{number:06}")).unwrap());
    Subject::new(&others.chain([Grant::parse(word).unwrap()]).collect(), None)
}

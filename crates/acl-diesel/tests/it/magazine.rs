//! A magazine: articles, their authors and their grants, the same in both databases.

use diesel::prelude::Insertable;
use proptest::collection::{btree_set, vec};
use proptest::prelude::{Just, Strategy};
use proptest::sample::select;
use storage_hub_acl_diesel::GrantIndex;
use storage_hub_core::acl::{Grant, GrantSet, Subject};

diesel::table! {
    authors (id) { id -> BigInt, name -> Text, }
}

/// Tables that are read as the ACL's traits are used without the macro.
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

fn pool() -> Vec<Grant> {
    ["public", "admin", "author-1", "Team", "team", "größe", "it's \"quoted\"", "a\\b{}"]
        .map(|word| Grant::parse(word).unwrap())
        .into()
}

/// Articles in the order of their ids; many are printed at the same time.
pub(crate) fn articles_of_any_kind() -> impl Strategy<Value = Vec<Article>> {
    vec((0_i64..6, btree_set(select(pool()), 0..5)), 0..24).prop_map(|articles| {
        let numbered = articles.into_iter().zip(1..);
        numbered
            .map(|((printed_at, grants), id)| Article { id, printed_at, grants: grants.into_iter().collect() })
            .collect()
    })
}

pub(crate) fn subjects() -> impl Strategy<Value = Subject> {
    let own = btree_set(select(pool()), 0..4).prop_map(|own| own.into_iter().collect::<GrantSet>());
    let signed_in = (own, select(vec![None, Some("1"), Some("2")])).prop_map(|(own, id)| Subject::new(&own, id));
    proptest::prop_oneof![1 => Just(Subject::anonymous()), 5 => signed_in]
}

/// The ids of what core says the subject may see, in the order of their ids.
pub(crate) fn visible(articles: &[Article], subject: &Subject) -> Vec<i64> {
    let seen = articles.iter().filter(|article| article.grants.iter().any(|grant| subject.holds(grant)));
    seen.map(|article| article.id).collect()
}

/// The same in the order in which they were printed, and of those of one time in the order of their ids.
pub(crate) fn visible_in_order(articles: &[Article], subject: &Subject, newest_first: bool) -> Vec<(i64, i64)> {
    let seen = visible(articles, subject);
    let mut keys: Vec<_> = articles.iter().map(|article| (article.printed_at, article.id)).collect();
    keys.retain(|(_, id)| seen.contains(id));
    keys.sort_unstable();
    if newest_first {
        keys.reverse();
    }
    keys
}

/// Somebody with so many grants, one of them this.
pub(crate) fn holder_of(word: &str, and_others: usize) -> Subject {
    let others = (0..and_others).map(|number| Grant::parse(format!("other-{number:06}")).unwrap());
    Subject::new(&others.chain([Grant::parse(word).unwrap()]).collect(), None)
}

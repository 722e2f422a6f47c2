use std::cell::RefCell;

use diesel::dsl::{count_star, sql};
use diesel::prelude::{
    AsChangeset, ExpressionMethods as _, NullableExpressionMethods as _, QueryDsl as _, Queryable, RunQueryDsl as _,
    Selectable, SelectableHelper as _, SqliteConnection,
};
use diesel::sql_types::Bool;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use storage_hub_acl_diesel::{Direction, Page};
use storage_hub_core::acl::{GrantSet, Subject};

use crate::documents::{Case, cases};
use crate::magazine::{Article, articles, authors, holder_of};
use crate::sqlite::{magazine, refill};

/// How many random magazines.
const CASES: u32 = 128;

#[test]
fn exactly_the_rows_are_found_whose_documents_the_filter_matches_and_the_check_lets_through() {
    let connection = RefCell::new(magazine());
    TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() })
        .run(&cases(), |case| finds_what_core_shows(&mut connection.borrow_mut(), &case))
        .unwrap_or_else(|failure| panic!("{failure}"));
}

fn finds_what_core_shows(connection: &mut SqliteConnection, case: &Case) -> Result<(), TestCaseError> {
    let subject = &case.subject;
    refill(connection, &case.articles());
    let joined = articles::visible_to(subject).order(articles::id).select(articles::id);
    proptest::prop_assert_eq!(joined.load::<i64>(connection).unwrap(), case.visible());
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut pages: Vec<(i64, i64)> = Vec::new();
        let mut page = Page::first(3, direction);
        loop {
            let query = articles::page_visible_to(subject, page).select((articles::printed_at, articles::id));
            let found: Vec<(i64, i64)> = query.load(connection).unwrap();
            proptest::prop_assert!(found.len() <= 3);
            let Some((key, id)) = found.last().copied() else { break };
            pages.extend(found);
            page = Page::after(key, id, 3, direction);
        }
        proptest::prop_assert_eq!(pages, case.visible_in_order(direction), "{:?}", direction);
    }
    Ok(())
}

fn three_articles() -> SqliteConnection {
    let article = |id, words: &[&str]| Article {
        id,
        printed_at: 10 - id,
        grants: words.iter().map(|word| word.parse().unwrap()).collect(),
    };
    let mut connection = magazine();
    refill(&mut connection, &[article(1, &["admin", "public"]), article(2, &["admin", "team"]), article(3, &[])]);
    connection
}

#[test]
fn no_subject_sees_what_is_public_and_what_has_no_grants_is_seen_by_nobody() {
    let connection = &mut three_articles();
    let everything = ["admin", "team"].into_iter().map(|word| word.parse().unwrap()).collect::<GrantSet>();
    for (subject, expected) in [
        (Subject::anonymous(), vec![1]),
        (Subject::new(&GrantSet::default(), None), vec![1]),
        (Subject::new(&everything, None), vec![1, 2]),
        (holder_of("team", 40_000), vec![1, 2]),
        (holder_of("other", 40_000), vec![1]),
    ] {
        let joined = articles::visible_to(&subject).order(articles::id).select(articles::id);
        assert_eq!(joined.load::<i64>(connection).unwrap(), expected);
        let page = articles::page_visible_to(&subject, Page::<i64, i64>::first(5, Direction::Descending));
        assert_eq!(page.select(articles::id).load::<i64>(connection).unwrap(), expected);
    }
}

#[test]
fn the_filter_composes_with_joins_filters_limits_and_boxed_queries() {
    let connection = &mut three_articles();
    let admin = holder_of("admin", 0);
    let joined = articles::visible_to(&admin).inner_join(authors::table).filter(authors::name.eq("Bob"));
    assert_eq!(joined.select(articles::title).load::<String>(connection).unwrap(), ["article 1"]);
    let boxed = articles::visible_to(&admin).into_boxed().order(articles::id.desc()).limit(1);
    assert_eq!(boxed.select(articles::id).load::<i64>(connection).unwrap(), [2]);

    let left = articles::visible_to(&admin).left_join(authors::table).order(articles::author_id).offset(1).limit(9);
    let left = left.then_order_by(articles::id).select((articles::id, authors::name.nullable()));
    assert_eq!(left.load::<(i64, Option<String>)>(connection).unwrap(), [(1, Some("Bob".to_owned()))]);
    assert_eq!(articles::visible_to(&admin).count().first::<i64>(connection).unwrap(), 2);
    assert_eq!(
        articles::visible_to(&admin).select(articles::author_id).distinct().load::<i64>(connection).unwrap().len(),
        2
    );
    let groups = articles::visible_to(&admin).group_by(articles::author_id).select((articles::author_id, count_star()));
    assert_eq!(groups.load::<(i64, i64)>(connection).unwrap(), [(1, 1), (2, 1)]);
    let written = articles::visible_to(&holder_of("team", 0)).filter(articles::id.ne(1)).select(articles::author_id);
    let writers = authors::table.filter(written.contains(authors::id)).select(authors::name);
    assert_eq!(writers.load::<String>(connection).unwrap(), ["Ann"]);
    assert_eq!(
        articles::visible_to(&admin).order(articles::id).select(Shown::as_select()).first(connection).unwrap().title,
        "article 1"
    );
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct Shown {
    title: String,
}

#[derive(AsChangeset)]
#[diesel(table_name = articles)]
struct Change {
    title: &'static str,
}

#[test]
fn an_or_in_raw_sql_stays_below_the_check() {
    let connection = &mut three_articles();
    let nobody = Subject::anonymous();
    let or = || sql::<Bool>("articles.id = 1 OR articles.id = 2");
    let seen = articles::visible_to(&nobody).filter(or()).select(articles::id);
    assert_eq!(seen.load::<i64>(connection).unwrap(), [1]);
    let boxed = articles::visible_to(&nobody).into_boxed().filter(or()).select(articles::id);
    assert_eq!(boxed.load::<i64>(connection).unwrap(), [1]);
    let update = articles::update_visible_to(&nobody).filter(or()).set(Change { title: "new" }).filter(or());
    assert_eq!(update.execute(connection).unwrap(), 1);
    assert_eq!(articles::delete_visible_to(&nobody).filter(or()).execute(connection).unwrap(), 1);
    let left = articles::visible_to(&holder_of("admin", 0)).select(articles::title);
    assert_eq!(left.load::<String>(connection).unwrap(), ["article 2"]);
}

#[test]
fn only_what_the_subject_sees_is_updated_and_deleted() {
    let connection = &mut three_articles();
    let nobody = Subject::anonymous();
    let update = articles::update_visible_to(&nobody).set(articles::title.eq("new"));
    assert_eq!(update.execute(connection).unwrap(), 1);
    let unseen = articles::update_visible_to(&nobody).filter(articles::id.eq(2)).set(articles::title.eq("new"));
    assert_eq!(unseen.execute(connection).unwrap(), 0);
    let delete = articles::delete_visible_to(&nobody).filter(articles::id.ge(1));
    assert_eq!(delete.execute(connection).unwrap(), 1);
    let row = (articles::id.eq(4), articles::author_id.eq(1), articles::title.eq("added"), articles::printed_at.eq(6));
    let added = articles::insert().values(row);
    assert_eq!(added.execute(connection).unwrap(), 1);
    let admin = articles::visible_to(&holder_of("admin", 0)).select(articles::title);
    assert_eq!(admin.load::<String>(connection).unwrap(), ["article 2"]);
}

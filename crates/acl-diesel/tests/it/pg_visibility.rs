use diesel::prelude::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, TextExpressionMethods as _};
use diesel_async::RunQueryDsl as _;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use storage_hub_acl_diesel::{CheckAcl as _, CheckAclBy as _, Direction, Page};
use storage_hub_core::acl::{GrantSet, Subject};
use tokio::runtime::Handle;

use crate::documents::{Case, cases};
use crate::magazine::{Article, articles, authors, holder_of, open, open_index};
use crate::pg::Magazine;

/// How many random magazines.
const CASES: u32 = 48;

async fn refill(magazine: &mut Magazine, made: &[Article]) {
    magazine.run("TRUNCATE articles, article_grants").await;
    for article in made {
        diesel::insert_into(open::articles::table)
            .values((
                open::articles::id.eq(article.id),
                open::articles::author_id.eq(1 + article.id % 2),
                open::articles::title.eq(format!("article {}", article.id)),
                open::articles::printed_at.eq(article.printed_at),
                open::articles::grants.eq(article.words()),
            ))
            .execute(&mut magazine.connection)
            .await
            .unwrap();
        let grants = diesel::insert_into(articles::article_grants::table).values(article.grant_rows());
        grants.execute(&mut magazine.connection).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_rows_are_found_whose_documents_the_filter_matches_and_the_check_lets_through() {
    let Some(mut magazine) = Magazine::open().await else { return };
    let check = |case: Case| {
        let run = async {
            let subject = &case.subject;
            refill(&mut magazine, &case.articles()).await;
            let connection = &mut magazine.connection;
            let expected = case.visible();
            let array = open::articles::table.check_acl(open::articles::grants, subject);
            let array = array.order(open::articles::id).select(open::articles::id);
            proptest::prop_assert_eq!(array.load::<i64>(connection).await.unwrap(), expected.clone(), "array");
            let joined = articles::visible_to(subject).order(articles::id).select(articles::id);
            proptest::prop_assert_eq!(joined.load::<i64>(connection).await.unwrap(), expected, "join table");
            for direction in [Direction::Ascending, Direction::Descending] {
                let mut pages: Vec<(i64, i64)> = Vec::new();
                let mut page = Page::first(3, direction);
                loop {
                    let query = articles::page_visible_to(subject, page).select((articles::printed_at, articles::id));
                    let found: Vec<(i64, i64)> = query.load(connection).await.unwrap();
                    proptest::prop_assert!(found.len() <= 3);
                    let Some((key, id)) = found.last().copied() else { break };
                    pages.extend(found);
                    page = Page::after(key, id, 3, direction);
                }
                proptest::prop_assert_eq!(pages, case.visible_in_order(direction), "{:?}", direction);
            }
            Ok::<(), TestCaseError>(())
        };
        tokio::task::block_in_place(|| Handle::current().block_on(run))
    };
    let check = std::cell::RefCell::new(check);
    TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() })
        .run(&cases(), |case| (check.borrow_mut())(case))
        .unwrap_or_else(|failure| panic!("{failure}"));
    magazine.close().await;
}

async fn three_articles() -> Option<Magazine> {
    let mut magazine = Magazine::open().await?;
    let article = |id, words: &[&str]| Article {
        id,
        printed_at: 10 - id,
        grants: words.iter().map(|word| word.parse().unwrap()).collect(),
    };
    refill(&mut magazine, &[article(1, &["admin", "public"]), article(2, &["admin", "team"]), article(3, &[])]).await;
    Some(magazine)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_subject_sees_what_is_public_and_what_has_no_grants_is_seen_by_nobody() {
    let Some(mut magazine) = three_articles().await else { return };
    let everything = ["admin", "team"].into_iter().map(|word| word.parse().unwrap()).collect::<GrantSet>();
    for (subject, expected) in [
        (Subject::anonymous(), vec![1]),
        (Subject::new(&GrantSet::default(), None), vec![1]),
        (Subject::new(&everything, None), vec![1, 2]),
        (holder_of("team", 40_000), vec![1, 2]),
        (holder_of("other", 40_000), vec![1]),
    ] {
        let connection = &mut magazine.connection;
        let array = open::articles::table.check_acl(open::articles::grants, &subject).order(open::articles::id);
        assert_eq!(array.select(open::articles::id).load::<i64>(connection).await.unwrap(), expected);
        let joined = articles::visible_to(&subject).order(articles::id).select(articles::id);
        assert_eq!(joined.load::<i64>(connection).await.unwrap(), expected);
        let page = articles::page_visible_to(&subject, Page::<i64, i64>::first(5, Direction::Descending));
        assert_eq!(page.select(articles::id).load::<i64>(connection).await.unwrap(), expected);
    }
    magazine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_filter_composes_with_joins_filters_limits_and_boxed_queries() {
    let Some(mut magazine) = three_articles().await else { return };
    let admin = holder_of("admin", 0);
    let connection = &mut magazine.connection;

    let array = open::articles::table
        .inner_join(authors::table)
        .check_acl(open::articles::grants, &admin)
        .filter(authors::name.eq("Ann").or(authors::name.eq("Bob")))
        .order(open::articles::id.desc())
        .limit(1)
        .select((open::articles::id, authors::name));
    assert_eq!(array.load::<(i64, String)>(connection).await.unwrap(), [(2, "Ann".to_owned())]);
    let boxed = open::articles::table.into_boxed().check_acl(open::articles::grants, &admin);
    let boxed = boxed.filter(open::articles::title.like("%1"));
    assert_eq!(boxed.select(open::articles::id).load::<i64>(connection).await.unwrap(), [1]);

    let joined = articles::visible_to(&admin).inner_join(authors::table).filter(authors::name.eq("Bob"));
    assert_eq!(joined.select(articles::title).load::<String>(connection).await.unwrap(), ["article 1"]);
    let (key, id) = (open::articles::printed_at, open::articles::id);
    let boxed = open::articles::table.into_boxed().check_acl_by(id, open_index(), &admin).check_acl_page(
        (key, id),
        open_index(),
        &admin,
        Page::after(0_i64, 0_i64, 9, Direction::Ascending),
    );
    assert_eq!(boxed.select(id).load::<i64>(connection).await.unwrap(), [2, 1]);
    magazine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_subject_sees_is_updated_and_deleted() {
    let Some(mut magazine) = three_articles().await else { return };
    let connection = &mut magazine.connection;
    let nobody = Subject::anonymous();
    let seen = open::articles::table.check_acl(open::articles::grants, &nobody);
    assert_eq!(diesel::update(seen).set(open::articles::title.eq("new")).execute(connection).await.unwrap(), 1);
    let update = articles::update_visible_to(&nobody).set(articles::title.eq("newer")).returning(articles::id);
    assert_eq!(update.load::<i64>(connection).await.unwrap(), [1]);
    let delete = articles::delete_visible_to(&nobody).filter(articles::id.ge(1)).returning(articles::title);
    assert_eq!(delete.load::<String>(connection).await.unwrap(), ["newer"]);
    let left = open::articles::table.order(open::articles::id).select(open::articles::title);
    assert_eq!(left.load::<String>(connection).await.unwrap(), ["article 2", "article 3"]);
    magazine.close().await;
}

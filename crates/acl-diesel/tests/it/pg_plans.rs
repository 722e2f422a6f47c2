//! The plans of the filters on PostgreSQL, and how much they read.

use diesel::prelude::{ExpressionMethods as _, PgArrayExpressionMethods as _, QueryDsl as _};
use storage_hub_acl_diesel::{CheckAcl as _, Direction, Page};
use storage_hub_core::acl::Subject;

use crate::magazine::{articles, holder_of, open};
use crate::pg::Magazine;

/// `most` sees all articles, `half` every second, `few` one of 250, `last` and `first` one each.
///
/// Nothing is vacuumed. VACUUM marks a page as visible to everyone only when its insertion is on disk, which depends
/// on the WAL writer with `synchronous_commit = off`. So it would be up to chance whether an index-only scan also
/// reads the table.
async fn fill(magazine: &mut Magazine, size: u32) {
    magazine
        .run(&format!(
            "INSERT INTO articles SELECT n, 1, 'article', n, ARRAY['most'] || CASE WHEN n % 2 = 0 THEN ARRAY['half'] \
             ELSE '{{}}' END || CASE WHEN n % 250 = 0 THEN ARRAY['few'] ELSE '{{}}' END || CASE n WHEN 1 THEN \
             ARRAY['first'] WHEN {size} THEN ARRAY['last'] ELSE '{{}}' END FROM generate_series(1, {size}) n; \
             INSERT INTO article_grants SELECT id, unnest(grants), printed_at FROM articles; \
             ANALYZE articles, article_grants"
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_on_an_array_is_that_of_the_bare_operator() {
    let Some(mut magazine) = Magazine::open().await else { return };
    magazine.run("SET max_parallel_workers_per_gather = 0").await;
    fill(&mut magazine, 20_000).await;
    for word in ["first", "few", "half", "most"] {
        use open::articles::{grants, id, table};
        let subject = holder_of(word, 0);
        let bare = || table.filter(grants.overlaps_with(vec![word, "public"]));

        let ordered = magazine.plan(table.check_acl(grants, &subject).order(id).limit(20).select(id)).await;
        assert_eq!(ordered.nodes(), magazine.plan(bare().order(id).limit(20).select(id)).await.nodes(), "{word}");
        let whole = magazine.plan(table.check_acl(grants, &subject).select(id)).await;
        assert_eq!(whole.nodes(), magazine.plan(bare().select(id)).await.nodes(), "{word}");
        if word == "first" {
            assert!(whole.nodes().contains(&"Bitmap Index Scan articles_grants".to_owned()), "{whole:#?}");
        }
    }
    magazine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_by_the_join_table_costs_the_same_at_any_size_and_selectivity() {
    let mut rows = Vec::new();
    for size in [10_000, 200_000] {
        let Some(mut magazine) = Magazine::open().await else { return };
        fill(&mut magazine, size).await;
        let mut of_size = Vec::new();
        for word in ["nobody", "last", "first", "few", "half", "most"] {
            for direction in [Direction::Ascending, Direction::Descending] {
                let middle = i64::from(size / 2);
                for page in [Page::first(10, direction), Page::after(middle, middle, 10, direction)] {
                    let subject = holder_of(word, 0);
                    let query = articles::page_visible_to(&subject, page).select((articles::id, articles::title));
                    let plan = magazine.plan(query).await;
                    let nodes = plan.nodes();
                    assert!(nodes.iter().any(|node| node.ends_with("Scan article_grants_page")), "{plan:#?}");
                    assert!(nodes.contains(&"Index Scan articles_pkey".to_owned()), "{plan:#?}");
                    assert!(!nodes.iter().any(|node| node.starts_with("Seq Scan")), "{plan:#?}");
                    // Two grants with at most ten rows each, and the rows themselves.
                    assert!(plan.rows() <= 30.0, "{size} {word} {direction:?}: {} rows\n{plan:#?}", plan.rows());
                    // In addition the depth of the indexes, and one block of each table per row.
                    assert!(plan.blocks() <= 80, "{size} {word} {direction:?}: {} blocks\n{plan:#?}", plan.blocks());
                    of_size.push(plan.rows());
                }
            }
        }
        rows.push(of_size);
        magazine.close().await;
    }
    assert_eq!(rows[0], rows[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_article_by_the_join_table_is_read_by_its_key() {
    let Some(mut magazine) = Magazine::open().await else { return };
    fill(&mut magazine, 10_000).await;
    for subject in [Subject::anonymous(), holder_of("most", 0), holder_of("most", 1_000)] {
        let query = articles::visible_to(&subject).filter(articles::id.eq(5_000)).select(articles::title);
        let plan = magazine.plan(query).await;
        assert!(plan.nodes().contains(&"Index Scan articles_pkey".to_owned()), "{plan:#?}");
        assert!(plan.blocks() <= 40, "{} blocks\n{plan:#?}", plan.blocks());
    }
    magazine.close().await;
}

//! The plans of the filters on SQLite, and how much they read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::{QueryDsl as _, RunQueryDsl as _, SqliteConnection};
use storage_hub_acl_diesel::{CheckAclBy as _, Direction, GrantIndex, Page};

use crate::magazine::{articles, holder_of, open};
use crate::sqlite::{magazine, plan};

diesel::table! {
    counted_grants (article_id, grant) { article_id -> BigInt, grant -> Text, printed_at -> BigInt, }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Counts the rows that it is asked about.
    fn is_read(article: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// `most` sees all articles, `half` every second, `few` one of 250, `last` and `first` one each.
fn filled(size: u32) -> SqliteConnection {
    let mut connection = magazine();
    connection
        .batch_execute(&format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {size}) \
             INSERT INTO articles SELECT n, 1, 'article', n FROM numbers; \
             INSERT INTO article_grants SELECT id, 'most', printed_at FROM articles; \
             INSERT INTO article_grants SELECT id, 'half', printed_at FROM articles WHERE id % 2 = 0; \
             INSERT INTO article_grants SELECT id, 'few', printed_at FROM articles WHERE id % 250 = 0; \
             INSERT INTO article_grants VALUES (1, 'first', 1), ({size}, 'last', {size}); \
             CREATE VIEW counted_grants AS SELECT * FROM article_grants WHERE is_read(article_id); ANALYZE"
        ))
        .unwrap();
    connection
}

#[test]
fn a_page_reads_the_index_and_nothing_else() {
    let connection = &mut filled(10_000);
    for page in [Page::first(20, Direction::Descending), Page::after(500_i64, 500_i64, 20, Direction::Descending)] {
        let steps = plan(connection, articles::page_visible_to(&holder_of("half", 0), page).select(articles::title));
        let scans: Vec<_> = steps.iter().filter(|step| step.starts_with("SCAN")).collect();
        assert!(
            scans
                .iter()
                .all(|step| step.contains("acl_held") || step.contains("acl_merge") || step.contains("CONSTANT")),
            "{steps:#?}"
        );
        assert!(steps.iter().any(|step| step.starts_with("SEARCH articles USING INTEGER PRIMARY KEY")), "{steps:#?}");
        let index = "SEARCH acl_list USING COVERING INDEX article_grants_page (grant=?";
        assert_eq!(steps.iter().filter(|step| step.starts_with(index)).count(), 2, "{steps:#?}");
        // Evaluated only as far as rows are requested.
        assert!(steps.contains(&"CO-ROUTINE acl_merge".to_owned()), "{steps:#?}");
        // Only the page itself is sorted.
        assert_eq!(steps.iter().filter(|step| step.contains("TEMP B-TREE FOR ORDER BY")).count(), 1, "{steps:#?}");
    }
}

#[test]
fn a_page_reads_as_many_rows_at_any_size_and_selectivity() {
    let read = Arc::new(AtomicUsize::new(0));
    let mut counts = Vec::new();
    for size in [10_000, 200_000] {
        let connection = &mut filled(size);
        let counter = read.clone();
        is_read_utils::register_nondeterministic_impl(connection, move |_: i64| {
            counter.fetch_add(1, Ordering::Relaxed);
            true
        })
        .unwrap();
        let mut of_size = Vec::new();
        for word in ["nobody", "last", "first", "few", "half", "most"] {
            for direction in [Direction::Ascending, Direction::Descending] {
                let middle = i64::from(size / 2);
                for page in [Page::first(10, direction), Page::after(middle, middle, 10, direction)] {
                    let index =
                        GrantIndex::new(counted_grants::article_id, counted_grants::grant, counted_grants::printed_at);
                    let order = (open::articles::printed_at, open::articles::id);
                    let subject = holder_of(word, 0);
                    read.store(0, Ordering::Relaxed);
                    let query = open::articles::table.check_acl_page(order, index, &subject, page);
                    let found: Vec<i64> = query.select(open::articles::id).load(connection).unwrap();
                    let read = read.load(Ordering::Relaxed);
                    // Both columns of the key of each row are looked up, and the row is read.
                    assert!(read <= 3 * found.len() + 3, "{size} {word} {direction:?}: {read} rows read");
                    of_size.push(read);
                }
            }
        }
        counts.push(of_size);
    }
    assert_eq!(counts[0], counts[1]);
}

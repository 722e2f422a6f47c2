/// Declares a table that is read through the ACL only: its columns are public, the table itself is not.
///
/// What is left of it is the way in: `visible_to(&subject)` is a query of the rows that the subject may see, to be
/// filtered, joined, ordered, loaded, and to be updated or deleted; `insert()` adds rows. `table` is there as a type, for
/// what derives name, and not as a value that a query could begin with.
///
/// With the grants in a `text[]` column (PostgreSQL):
///
/// ```
/// # #[cfg(feature = "postgres")] {
/// use diesel::prelude::*;
/// use storage_hub_core::acl::Subject;
///
/// storage_hub_acl_diesel::guarded_table! {
///     /// What the magazine prints.
///     pub mod articles, grants in grants {
///         diesel::table! {
///             articles (id) { id -> BigInt, title -> Text, grants -> Array<Text>, }
///         }
///     }
/// }
///
/// let of_everyone = articles::visible_to(&Subject::anonymous()).filter(articles::title.like("S%")).limit(10);
/// # let sql = diesel::debug_query::<diesel::pg::Pg, _>(&of_everyone).to_string();
/// # assert!(sql.contains(r#""articles"."grants" && $1"#), "{sql}");
/// # }
/// ```
///
/// With the grants in a join table: its columns (resource, grant, order key), and the table's own (order key, id).
/// `page_visible_to` reads one page in order, as
#[cfg_attr(
    any(feature = "postgres", feature = "sqlite"),
    doc = "[`check_acl_page`](crate::CheckAclBy::check_acl_page) does."
)]
///
/// ```
/// # #[cfg(feature = "sqlite")] {
/// use diesel::prelude::*;
/// use storage_hub_acl_diesel::{Direction, Page};
/// use storage_hub_core::acl::Subject;
///
/// storage_hub_acl_diesel::guarded_table! {
///     /// What the magazine prints.
///     pub mod articles, grants in article_grants (article_id, grant, printed_at), by (printed_at, id) {
///         diesel::table! {
///             articles (id) { id -> BigInt, title -> Text, printed_at -> BigInt, }
///         }
///         diesel::table! {
///             article_grants (article_id, grant) { article_id -> BigInt, grant -> Text, printed_at -> BigInt, }
///         }
///     }
/// }
///
/// let newest = Page::<i64, i64>::first(20, Direction::Descending);
/// let of_everyone = articles::page_visible_to(&Subject::anonymous(), newest).select(articles::title);
/// let one = articles::visible_to(&Subject::anonymous()).filter(articles::id.eq(7));
/// # let sql = diesel::debug_query::<diesel::sqlite::Sqlite, _>(&of_everyone).to_string();
/// # assert!(sql.contains("acl_merge"), "{sql}");
/// # let sql = diesel::debug_query::<diesel::sqlite::Sqlite, _>(&one).to_string();
/// # assert!(sql.contains("EXISTS"), "{sql}");
/// # }
/// ```
///
/// A query that forgets the check does not compile:
///
/// ```compile_fail,E0423
/// # use diesel::prelude::*;
/// # storage_hub_acl_diesel::guarded_table! {
/// #     /// What the magazine prints.
/// #     pub mod articles, grants in article_grants (article_id, grant, printed_at), by (printed_at, id) {
/// #         diesel::table! {
/// #             articles (id) { id -> BigInt, title -> Text, printed_at -> BigInt, }
/// #         }
/// #         diesel::table! {
/// #             article_grants (article_id, grant) { article_id -> BigInt, grant -> Text, printed_at -> BigInt, }
/// #         }
/// #     }
/// # }
/// let all = articles::table.select(articles::title);
/// ```
///
/// `diesel::joinable!` and `diesel::allow_tables_to_appear_in_same_query!` stand beside the table, inside the braces.
#[macro_export]
macro_rules! guarded_table {
    (
        $(#[$meta:meta])*
        $visibility:vis mod $name:ident, grants in $grants:ident { $($items:tt)* }
    ) => {
        $(#[$meta])*
        $visibility mod $name {
            $crate::guarded_table!(@table $name { $($items)* });

            /// The rows that a subject may see.
            pub type Visible = $crate::macro_support::diesel::dsl::Filter<
                raw::$name::table,
                $crate::Meets<raw::$name::$grants>,
            >;

            /// The rows that the subject may see: those that carry a grant which it holds.
            #[must_use]
            pub fn visible_to(subject: &$crate::macro_support::Subject) -> Visible {
                $crate::CheckAcl::check_acl(raw::$name::table, raw::$name::$grants, subject)
            }
        }
    };
    (
        $(#[$meta:meta])*
        $visibility:vis mod $name:ident,
        grants in $join:ident ($resource:ident, $grant:ident, $order:ident), by ($key:ident, $id:ident)
        { $($items:tt)* }
    ) => {
        $(#[$meta])*
        $visibility mod $name {
            $crate::guarded_table!(@table $name { $($items)* });
            pub use self::raw::$join;

            /// The rows that a subject may see.
            pub type Visible = $crate::macro_support::diesel::dsl::Filter<
                raw::$name::table,
                $crate::MeetsBy<raw::$name::$id, $join::$resource, $join::$grant, $join::$order>,
            >;

            /// One page of the rows that a subject may see.
            pub type VisiblePage<Key, Id> = $crate::macro_support::diesel::dsl::Order<
                $crate::macro_support::diesel::dsl::Filter<
                    raw::$name::table,
                    $crate::InPage<raw::$name::$id, $join::$resource, $join::$grant, $join::$order, Key, Id>,
                >,
                $crate::PageOrder<raw::$name::$key, raw::$name::$id>,
            >;

            /// The rows that the subject may see: those with a row in the join table whose grant it holds.
            #[must_use]
            pub fn visible_to(subject: &$crate::macro_support::Subject) -> Visible {
                $crate::CheckAclBy::check_acl_by(raw::$name::table, raw::$name::$id, index(), subject)
            }

            /// One page of the rows that the subject may see, in order, each read from the index of the join table.
            #[must_use]
            pub fn page_visible_to<Key, Id>(
                subject: &$crate::macro_support::Subject,
                page: $crate::Page<Key, Id>,
            ) -> VisiblePage<Key, Id> {
                let order = (raw::$name::$key, raw::$name::$id);
                $crate::CheckAclBy::check_acl_page(raw::$name::table, order, index(), subject, page)
            }

            fn index() -> $crate::GrantIndex<$join::$resource, $join::$grant, $join::$order> {
                $crate::GrantIndex::new($join::$resource, $join::$grant, $join::$order)
            }
        }
    };
    (@table $name:ident { $($items:tt)* }) => {
        mod raw { $($items)* }
        pub use self::raw::$name::columns::*;

        /// The table as a type, for what derives name. It is no value, so that no query begins with it.
        #[allow(non_camel_case_types, reason = "it stands where derives look for the table")]
        pub type table = raw::$name::table;

        /// Adds rows. What they carry is stamped by core's options first.
        pub fn insert() -> $crate::macro_support::diesel::query_builder::IncompleteInsertStatement<table> {
            $crate::macro_support::diesel::insert_into(raw::$name::table)
        }
    };
}

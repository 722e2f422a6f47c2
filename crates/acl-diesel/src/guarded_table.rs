//! [`guarded_table!`](crate::guarded_table): the functions that give access to a guarded table. `declaration` declares
//! the table itself.

mod declaration;
#[cfg(doctest)]
mod escapes;

/// Declares a table that can only be used through the ACL: its columns are public, the table itself is not.
///
/// `visible_to(&subject)` is a query of the rows that the subject may see, `update_visible_to(&subject)` and
/// `delete_visible_to(&subject)` change and delete only these, and `insert()` adds rows. All are
/// [`Checked`](crate::Checked) statements. `table` exists as a type only, for `#[derive(Insertable)]`, `AsChangeset`,
/// `Queryable` and `Selectable`.
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
/// # What is promised
///
/// A statement that forgets the check does not compile, and a check cannot be removed. There is no value of
/// `articles::table` (also not by `default()`, by `HasTable`, or by the `Table` of a column or of a statement). There
/// is no `or_filter`, no `diesel::update` or `diesel::delete` of the result of `visible_to`, and no `on_conflict`,
/// whose update would reach rows that the subject may not see. Each of these is a `compile_fail` test of this crate.
///
/// Not covered are SQL written by hand (`diesel::sql_query`, a subquery in `sql`), another declaration of the same
/// table, and the join table of grants, which is an ordinary one. A raw predicate in `filter` is put in parentheses.
///
/// # Differences from `diesel::table!`
///
/// The table must be the first item inside the braces. Its columns may have any type of `diesel::sql_types`; table and
/// columns have the names that they have in the database, in the default schema. The table cannot be aliased, its
/// columns have no arithmetic operators, and [`Checked::contains`](crate::Checked::contains) takes the place of a
/// subquery. `diesel::joinable!` and `diesel::allow_tables_to_appear_in_same_query!` follow it inside the braces.
#[macro_export]
macro_rules! guarded_table {
    (
        $(#[$meta:meta])*
        $visibility:vis mod $name:ident, grants in $grants:ident { $($items:tt)* }
    ) => {
        $(#[$meta])*
        $visibility mod $name {
            $crate::guarded_table!(@table $name { $($items)* });

            type Meets = $crate::Meets<raw::$name::$grants>;

            /// The rows that a subject may see.
            pub type Visible = $crate::Checked<$crate::macro_support::diesel::dsl::Filter<raw::$name::table, Meets>>;

            /// The rows that the subject may see: those that carry a grant which it holds.
            pub fn visible_to(subject: &$crate::macro_support::Subject) -> Visible {
                $crate::Checked::new($crate::CheckAcl::check_acl(raw::$name::table, raw::$name::$grants, subject))
            }

            $crate::guarded_table!(@change |statement, subject| {
                $crate::CheckAcl::check_acl(statement, raw::$name::$grants, subject)
            });
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

            type Meets = $crate::MeetsBy<raw::$name::$id, $join::$resource, $join::$grant, $join::$order>;

            /// The rows that a subject may see.
            pub type Visible = $crate::Checked<$crate::macro_support::diesel::dsl::Filter<raw::$name::table, Meets>>;

            /// One page of the rows that a subject may see.
            pub type VisiblePage<Key, Id> = $crate::Checked<
                $crate::macro_support::diesel::dsl::Order<
                    $crate::macro_support::diesel::dsl::Filter<
                        raw::$name::table,
                        $crate::InPage<raw::$name::$id, $join::$resource, $join::$grant, $join::$order, Key, Id>,
                    >,
                    $crate::PageOrder<raw::$name::$key, raw::$name::$id>,
                >,
            >;

            /// The rows that the subject may see: those with a row in the join table whose grant it holds.
            pub fn visible_to(subject: &$crate::macro_support::Subject) -> Visible {
                let table = raw::$name::table;
                $crate::Checked::new($crate::CheckAclBy::check_acl_by(table, raw::$name::$id, index(), subject))
            }

            /// One page of the rows that the subject may see, in order, each read from the index of the join table.
            pub fn page_visible_to<Key, Id>(
                subject: &$crate::macro_support::Subject,
                page: $crate::Page<Key, Id>,
            ) -> VisiblePage<Key, Id> {
                let order = (raw::$name::$key, raw::$name::$id);
                let table = raw::$name::table;
                $crate::Checked::new($crate::CheckAclBy::check_acl_page(table, order, index(), subject, page))
            }

            $crate::guarded_table!(@change |statement, subject| {
                $crate::CheckAclBy::check_acl_by(statement, raw::$name::$id, index(), subject)
            });

            fn index() -> $crate::GrantIndex<$join::$resource, $join::$grant, $join::$order> {
                $crate::GrantIndex::new($join::$resource, $join::$grant, $join::$order)
            }
        }
    };
    // The table itself, and adding rows to it.
    (@table $name:ident { diesel::table! { $($table:tt)* } $($items:tt)* }) => {
        mod raw {
            $crate::declare_guarded!(@table $($table)*);
            $($items)*
        }
        pub use self::raw::$name::columns::*;

        /// The table as a type, for derives. Outside this module it has no value, and no trait that returns one, so no
        /// query can begin with it.
        #[allow(non_camel_case_types, reason = "derives look for the table under this name")]
        pub type table = raw::$name::table;

        /// Adds rows. Stamp their grants by core's options first.
        pub fn insert() -> $crate::Checked<$crate::macro_support::diesel::dsl::insert_into<table>> {
            $crate::Checked::new($crate::macro_support::diesel::insert_into(raw::$name::table))
        }

        // The target of updates and deletions. It is private, because its traits return the bare table.
        struct Whole;

        impl $crate::macro_support::diesel::associations::HasTable for Whole {
            type Table = table;

            fn table() -> table {
                raw::$name::table
            }
        }

        impl $crate::macro_support::diesel::query_builder::IntoUpdateTarget for Whole {
            type WhereClause = $crate::macro_support::NoWhereClause;

            fn into_update_target(
                self,
            ) -> $crate::macro_support::diesel::query_builder::UpdateTarget<table, Self::WhereClause> {
                $crate::macro_support::diesel::query_builder::UpdateTarget {
                    table: raw::$name::table,
                    where_clause: $crate::macro_support::no_where_clause(),
                }
            }
        }
    };
    // Updates and deletions, with the check added.
    (@change |$statement:ident, $subject:ident| $checked:block) => {
        /// An update of the rows that a subject may see.
        pub type VisibleUpdate = $crate::Checked<
            $crate::macro_support::diesel::dsl::Filter<
                $crate::macro_support::diesel::query_builder::UpdateStatement<
                    table,
                    $crate::macro_support::NoWhereClause,
                >,
                Meets,
            >,
        >;

        /// A deletion of the rows that a subject may see.
        pub type VisibleDelete = $crate::Checked<
            $crate::macro_support::diesel::dsl::Filter<
                $crate::macro_support::diesel::query_builder::DeleteStatement<
                    table,
                    $crate::macro_support::NoWhereClause,
                >,
                Meets,
            >,
        >;

        /// Changes the rows that the subject may see.
        pub fn update_visible_to($subject: &$crate::macro_support::Subject) -> VisibleUpdate {
            let $statement = $crate::macro_support::diesel::update(Whole);
            $crate::Checked::new($checked)
        }

        /// Deletes the rows that the subject may see.
        pub fn delete_visible_to($subject: &$crate::macro_support::Subject) -> VisibleDelete {
            let $statement = $crate::macro_support::diesel::delete(Whole);
            $crate::Checked::new($checked)
        }
    };
}

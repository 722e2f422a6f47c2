//! The declaration of a guarded table: what `diesel::table!` declares, except for everything that returns a value of
//! the table (`HasTable`, `Default`, `IntoUpdateTarget`, aliases).
//!
//! `diesel::table!` cannot leave `HasTable` out, so this names items of `diesel::internal`, as the expansion of
//! `diesel::table!` does. A version of Diesel that changes them fails to compile with this crate's tests.

#[doc(hidden)]
#[macro_export]
macro_rules! declare_guarded {
    (@table
        $(#[$table_meta:meta])*
        $table:ident ($($key:ident),+ $(,)?) { $($(#[$column_meta:meta])* $column:ident -> $sql_type:ty),+ $(,)? }
    ) => {
        $(#[$table_meta])*
        pub mod $table {
            use $crate::macro_support::diesel;
            #[allow(unused_imports, reason = "which types there are depends on the columns")]
            use diesel::sql_types::*;

            pub use self::columns::*;

            /// The SQL type of a whole row.
            pub type SqlType = ($($sql_type,)+);

            /// The table.
            #[allow(non_camel_case_types, reason = "diesel::table! names it so")]
            #[derive(Clone, Copy, Debug)]
            pub struct table {
                _private: (),
            }

            #[allow(non_upper_case_globals, reason = "the value stands where that of a unit struct would")]
            pub(in super::super) const table: table = table { _private: () };

            impl diesel::query_builder::QueryId for table {
                type QueryId = Self;
                const HAS_STATIC_QUERY_ID: bool = true;
            }

            impl diesel::QuerySource for table {
                type FromClause = $crate::macro_support::Name;
                type DefaultSelection = <Self as diesel::Table>::AllColumns;

                fn from_clause(&self) -> Self::FromClause {
                    $crate::macro_support::Name(stringify!($table))
                }

                fn default_selection(&self) -> Self::DefaultSelection {
                    <Self as diesel::Table>::all_columns()
                }
            }

            impl diesel::query_builder::AsQuery for table {
                type SqlType = SqlType;
                type Query = $crate::macro_support::Select<Self>;

                fn as_query(self) -> Self::Query {
                    $crate::macro_support::select(self)
                }
            }

            impl diesel::Table for table {
                type PrimaryKey = $crate::declare_guarded!(@key $($key),+);
                type AllColumns = ($($column,)+);

                fn primary_key(&self) -> Self::PrimaryKey {
                    $crate::declare_guarded!(@key $($key),+)
                }

                fn all_columns() -> Self::AllColumns {
                    ($($column,)+)
                }
            }

            impl diesel::query_source::AppearsInFromClause<table> for table {
                type Count = diesel::query_source::Once;
            }

            impl diesel::query_source::AppearsInFromClause<table> for $crate::macro_support::NoFromClause {
                type Count = diesel::query_source::Never;
            }

            $crate::only_with_postgres! {
                impl diesel::query_source::AppearsInFromClause<table> for diesel::query_builder::Only<table> {
                    type Count = diesel::query_source::Once;
                }

                impl<M> diesel::query_source::AppearsInFromClause<table> for diesel::query_builder::Tablesample<table, M>
                where
                    M: $crate::macro_support::TablesampleMethod,
                {
                    type Count = diesel::query_source::Once;
                }
            }

            impl<L, R, K> diesel::JoinTo<$crate::macro_support::Join<L, R, K>> for table
            where
                L: diesel::QuerySource,
                R: diesel::QuerySource,
                $crate::macro_support::Join<L, R, K>: diesel::JoinTo<table>,
            {
                type FromClause = $crate::macro_support::Join<L, R, K>;
                type OnClause = <$crate::macro_support::Join<L, R, K> as diesel::JoinTo<table>>::OnClause;

                fn join_target(rhs: $crate::macro_support::Join<L, R, K>) -> (Self::FromClause, Self::OnClause) {
                    let (_, on) = <$crate::macro_support::Join<L, R, K> as diesel::JoinTo<table>>::join_target(table);
                    (rhs, on)
                }
            }

            impl<J, On> diesel::JoinTo<$crate::macro_support::JoinOn<J, On>> for table
            where
                $crate::macro_support::JoinOn<J, On>: diesel::JoinTo<table>,
            {
                type FromClause = $crate::macro_support::JoinOn<J, On>;
                type OnClause = <$crate::macro_support::JoinOn<J, On> as diesel::JoinTo<table>>::OnClause;

                fn join_target(rhs: $crate::macro_support::JoinOn<J, On>) -> (Self::FromClause, Self::OnClause) {
                    let (_, on) = <$crate::macro_support::JoinOn<J, On> as diesel::JoinTo<table>>::join_target(table);
                    (rhs, on)
                }
            }

            /// The columns of the table.
            pub mod columns {
                use $crate::macro_support::diesel;
                #[allow(unused_imports, reason = "which types there are depends on the columns")]
                use diesel::sql_types::*;

                $($crate::declare_guarded!(@column $table, $(#[$column_meta])* $column, $sql_type);)+
            }
        }
    };
    (@key $key:ident) => { $key };
    (@key $($key:ident),+) => { ($($key,)+) };
    (@column $table:ident, $(#[$meta:meta])* $column:ident, $sql_type:ty) => {
        $(#[$meta])*
        #[allow(missing_docs, non_camel_case_types, reason = "diesel::table! names it so")]
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $column;

        impl diesel::query_builder::QueryId for $column {
            type QueryId = Self;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl diesel::Expression for $column {
            type SqlType = $sql_type;
        }

        impl diesel::query_source::Column for $column {
            type Table = super::table;
            const NAME: &'static str = stringify!($column);
        }

        impl<DB: diesel::backend::Backend> diesel::query_builder::QueryFragment<DB> for $column {
            fn walk_ast<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, DB>,
            ) -> diesel::QueryResult<()> {
                if !out.should_skip_from() {
                    out.push_identifier(stringify!($table))?;
                    out.push_sql(".");
                }
                out.push_identifier(stringify!($column))
            }
        }

        impl diesel::expression::ValidGrouping<()> for $column {
            type IsAggregate = diesel::expression::is_aggregate::No;
        }

        impl<GB> diesel::expression::ValidGrouping<GB> for $column
        where
            GB: diesel::expression::IsContainedInGroupBy<
                    $column,
                    Output = diesel::expression::is_contained_in_group_by::Yes,
                >,
        {
            type IsAggregate = diesel::expression::is_aggregate::Yes;
        }

        impl diesel::expression::IsContainedInGroupBy<$column> for $column {
            type Output = diesel::expression::is_contained_in_group_by::Yes;
        }

        impl diesel::SelectableExpression<super::table> for $column {}

        impl<QS> diesel::AppearsOnTable<QS> for $column where
            QS: diesel::query_source::AppearsInFromClause<super::table, Count = diesel::query_source::Once>
        {
        }

        $crate::only_with_postgres! {
            impl diesel::SelectableExpression<diesel::query_builder::Only<super::table>> for $column {}

            impl<M> diesel::SelectableExpression<diesel::query_builder::Tablesample<super::table, M>> for $column where
                M: $crate::macro_support::TablesampleMethod
            {
            }
        }

        // On the right of a left join only `Nullable` of the column can be selected.
        impl<L, R> diesel::SelectableExpression<
            $crate::macro_support::Join<L, R, $crate::macro_support::LeftOuter>,
        > for $column
        where
            $column: diesel::AppearsOnTable<$crate::macro_support::Join<L, R, $crate::macro_support::LeftOuter>>
                + diesel::SelectableExpression<L>,
            L: diesel::QuerySource,
            R: diesel::QuerySource
                + diesel::query_source::AppearsInFromClause<super::table, Count = diesel::query_source::Never>,
        {
        }

        impl<L, R> diesel::SelectableExpression<
            $crate::macro_support::Join<L, R, $crate::macro_support::Inner>,
        > for $column
        where
            $column: diesel::AppearsOnTable<$crate::macro_support::Join<L, R, $crate::macro_support::Inner>>,
            L: diesel::QuerySource + diesel::query_source::AppearsInFromClause<super::table>,
            R: diesel::QuerySource + diesel::query_source::AppearsInFromClause<super::table>,
            (L::Count, R::Count): $crate::macro_support::Pick<L, R>,
            $column: diesel::SelectableExpression<
                <(L::Count, R::Count) as $crate::macro_support::Pick<L, R>>::Selection,
            >,
        {
        }

        impl<J, On> diesel::SelectableExpression<$crate::macro_support::JoinOn<J, On>> for $column where
            $column: diesel::SelectableExpression<J> + diesel::AppearsOnTable<$crate::macro_support::JoinOn<J, On>>
        {
        }

        impl<F> diesel::SelectableExpression<$crate::macro_support::Select<F>> for $column
        where
            F: diesel::QuerySource,
            $column: diesel::SelectableExpression<F> + diesel::AppearsOnTable<$crate::macro_support::Select<F>>,
        {
        }
    };
}

/// Keeps what `diesel::allow_tables_to_appear_in_same_query!` needs of a table where Diesel is built for PostgreSQL.
#[cfg(feature = "postgres")]
#[doc(hidden)]
#[macro_export]
macro_rules! only_with_postgres {
    ($($items:item)*) => { $($items)* };
}

/// Drops what exists only where Diesel is built for PostgreSQL.
#[cfg(not(feature = "postgres"))]
#[doc(hidden)]
#[macro_export]
macro_rules! only_with_postgres {
    ($($items:item)*) => {};
}

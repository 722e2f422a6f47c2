//! What the expansion of [`guarded_table!`](crate::guarded_table) names: no promise of this crate.

pub use diesel;
use diesel::QuerySource;
use diesel::backend::Backend;
#[cfg(feature = "postgres")]
pub use diesel::internal::table_macro::TablesampleMethod;
use diesel::internal::table_macro::{FromClause, SelectStatement};
pub use diesel::internal::table_macro::{Inner, Join, JoinOn, LeftOuter, NoFromClause, Pick};
use diesel::query_builder::{AstPass, IntoUpdateTarget, QueryFragment};
use diesel::result::QueryResult;
pub use storage_hub_core::acl::Subject;

/// A query of a whole table.
pub type Select<T> = SelectStatement<FromClause<T>>;

/// Diesel's type of a statement without `WHERE`, which has no public name.
pub type NoWhereClause = <any::table as IntoUpdateTarget>::WhereClause;

diesel::table! {
    any (id) { id -> Integer, }
}

#[must_use]
pub fn no_where_clause() -> NoWhereClause {
    any::table.into_update_target().where_clause
}

pub fn select<T>(table: T) -> Select<T>
where
    T: QuerySource,
{
    SelectStatement::simple(table)
}

/// The name of a table in a statement.
#[derive(Clone, Copy, Debug)]
pub struct Name(pub &'static str);

impl<DB: Backend> QueryFragment<DB> for Name {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_identifier(self.0)
    }
}

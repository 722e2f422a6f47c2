//! The filter for grants in a `text[]` column.

use diesel::dsl::{Filter, OverlapsWith};
use diesel::expression::Expression;
use diesel::expression_methods::PgArrayExpressionMethods as _;
use diesel::query_dsl::methods::FilterDsl;
use diesel::sql_types::{Array, Text};
use storage_hub_core::acl::{Grant, Subject};

/// `grants && $1`: the row carries a grant of the subject.
pub type Meets<Grants> = OverlapsWith<Grants, Vec<String>>;

/// The ACL's filter for tables whose rows carry their grants in a `text[]` column.
pub trait CheckAcl: Sized {
    /// Keeps the rows that the subject may see: those that carry a grant which it holds.
    ///
    /// The subject's grants are bound as one array, regardless of their number, so the statement is prepared once. Its
    /// plan is that of the bare `&&`: with `CREATE INDEX … USING gin (grants)` a bitmap scan of that index. Nobody
    /// sees a row without grants. Works on any query that accepts a filter: joined, boxed, ordered, and as target of
    /// an update or deletion.
    fn check_acl<Grants>(self, grants: Grants, subject: &Subject) -> Filter<Self, Meets<Grants>>
    where
        Grants: Expression<SqlType = Array<Text>>,
        Self: FilterDsl<Meets<Grants>>,
    {
        self.filter(
            grants.overlaps_with(subject.grants().iter().map(Grant::as_str).map(str::to_owned).collect::<Vec<_>>()),
        )
    }
}

impl<Query> CheckAcl for Query {}

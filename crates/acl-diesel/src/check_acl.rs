use diesel::dsl::{Filter, OverlapsWith};
use diesel::expression::Expression;
use diesel::expression_methods::PgArrayExpressionMethods as _;
use diesel::query_dsl::methods::FilterDsl;
use diesel::sql_types::{Array, Text};
use storage_hub_core::acl::{Grant, Subject};

/// `grants && $1`: the row's grants and the subject's meet.
pub type Meets<Grants> = OverlapsWith<Grants, Vec<String>>;

/// The ACL's filter for a table whose rows carry their grants in a `text[]` column.
pub trait CheckAcl: Sized {
    /// Leaves the rows that the subject may see: those that carry a grant which it holds.
    ///
    /// The subject's grants are one bound array, however many they are, so the statement is prepared once and its plan
    /// is that of the bare `&&`: with `CREATE INDEX … USING gin (grants)` a bitmap scan of that index. A row without
    /// grants is seen by nobody. Works on any query that takes a filter: joined, boxed, ordered, to update or delete.
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

//! [`Checked`]: a statement on a guarded table, which cannot lose the check again.

use diesel::backend::Backend;
use diesel::dsl::{
    CountStar, Distinct, Filter, GroupBy, InnerJoin, IntoBoxed, LeftJoin, Limit, Offset, Order, Returning, Select,
    ThenOrderBy, count_star,
};
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::internal::table_macro::{Inner, LeftOuter};
use diesel::query_builder::{
    AsChangeset, AsQuery, AstPass, DeleteStatement, IncompleteInsertStatement, InsertStatement, Query, QueryFragment,
    QueryId, UpdateStatement,
};
use diesel::query_dsl::methods::{
    BoxedDsl, DistinctDsl, FilterDsl, GroupByDsl, LimitDsl, OffsetDsl, OrderDsl, SelectDsl, ThenOrderDsl,
};
use diesel::query_dsl::{JoinWithImplicitOnClause, QueryDsl};
use diesel::result::QueryResult;
use diesel::sql_types::Bool;
use diesel::{Insertable, QuerySource, RunQueryDsl, Table};

/// A query, update or deletion of the rows that a subject may see, or an insertion, on a guarded table.
///
/// Its methods are those of Diesel's statements that leave rows out, order, join or shape them, under the same names.
/// There is no `or_filter`, because `WHERE acl OR …` would match every row, and no upsert, because it would change a row
/// that the subject may not see. `diesel::update` and `diesel::delete` do not take it, because they would ask it for the
/// bare table.
#[derive(Clone, Copy, Debug, QueryId)]
#[must_use = "a statement does nothing until it runs"]
pub struct Checked<S>(S);

/// A predicate in parentheses, so that raw SQL with an `OR` in it stays below the `AND` before it.
#[derive(Clone, Copy, Debug, QueryId)]
pub struct Parenthesized<P>(P);

impl<S> Checked<S> {
    #[doc(hidden)]
    pub const fn new(statement: S) -> Self {
        Self(statement)
    }

    /// Leaves the rows for which the predicate holds too.
    pub fn filter<P>(self, predicate: P) -> Checked<Filter<S, Parenthesized<P>>>
    where
        S: FilterDsl<Parenthesized<P>>,
    {
        Checked(self.0.filter(Parenthesized(predicate)))
    }

    /// Sets the order, instead of any earlier one.
    pub fn order<E>(self, order: E) -> Checked<Order<S, E>>
    where
        S: OrderDsl<E>,
        E: Expression,
    {
        Checked(self.0.order(order))
    }

    /// Adds an order among rows that the earlier one leaves equal.
    pub fn then_order_by<E>(self, order: E) -> Checked<ThenOrderBy<S, E>>
    where
        S: ThenOrderDsl<E>,
    {
        Checked(self.0.then_order_by(order))
    }

    /// Sets the maximum number of rows.
    pub fn limit(self, rows: i64) -> Checked<Limit<S>>
    where
        S: LimitDsl,
    {
        Checked(self.0.limit(rows))
    }

    /// Skips rows.
    pub fn offset(self, rows: i64) -> Checked<Offset<S>>
    where
        S: OffsetDsl,
    {
        Checked(self.0.offset(rows))
    }

    /// Sets what is read of each row.
    pub fn select<E>(self, selection: E) -> Checked<Select<S, E>>
    where
        S: SelectDsl<E>,
        E: Expression,
    {
        Checked(self.0.select(selection))
    }

    /// Counts the rows.
    pub fn count(self) -> Checked<Select<S, CountStar>>
    where
        S: SelectDsl<CountStar>,
    {
        self.select(count_star())
    }

    /// Leaves one of equal results.
    pub fn distinct(self) -> Checked<Distinct<S>>
    where
        S: DistinctDsl,
    {
        Checked(self.0.distinct())
    }

    /// Groups the rows by an expression.
    pub fn group_by<E>(self, group: E) -> Checked<GroupBy<S, E>>
    where
        S: GroupByDsl<E>,
        E: Expression,
    {
        Checked(self.0.group_by(group))
    }

    /// Joins another table, and leaves the rows that have a match in it.
    pub fn inner_join<Rhs>(self, rhs: Rhs) -> Checked<InnerJoin<S, Rhs>>
    where
        S: QueryDsl + JoinWithImplicitOnClause<Rhs, Inner>,
    {
        Checked(self.0.inner_join(rhs))
    }

    /// Joins another table, with nulls where a row has no match in it.
    pub fn left_join<Rhs>(self, rhs: Rhs) -> Checked<LeftJoin<S, Rhs>>
    where
        S: QueryDsl + JoinWithImplicitOnClause<Rhs, LeftOuter>,
    {
        Checked(self.0.left_join(rhs))
    }

    /// Hides the type of the parts, so that filters can be added conditionally.
    pub fn into_boxed<'a, DB>(self) -> Checked<IntoBoxed<'a, S, DB>>
    where
        DB: Backend,
        S: BoxedDsl<'a, DB>,
    {
        Checked(self.0.internal_into_boxed())
    }
}

impl<S: Query> Checked<S> {
    /// Whether the expression is among the results: `expression IN (SELECT …)`, in other queries.
    pub fn contains<E>(self, expression: E) -> IsAmong<E, S>
    where
        E: Expression<SqlType = S::SqlType>,
    {
        IsAmong { expression, query: self.0 }
    }
}

impl<T: QuerySource, W> Checked<UpdateStatement<T, W>> {
    /// Sets what the rows are changed to.
    pub fn set<C>(self, changes: C) -> Checked<UpdateStatement<T, W, C::Changeset>>
    where
        T: Table,
        C: AsChangeset<Target = T>,
        UpdateStatement<T, W, C::Changeset>: AsQuery,
    {
        Checked(self.0.set(changes))
    }
}

impl<T: QuerySource, W, C> Checked<UpdateStatement<T, W, C>> {
    /// Sets what is read of each changed row.
    pub fn returning<E>(self, selection: E) -> Checked<Returning<UpdateStatement<T, W, C>, E>>
    where
        T: Table,
        Returning<UpdateStatement<T, W, C>, E>: Query,
    {
        Checked(self.0.returning(selection))
    }
}

impl<T: QuerySource, W> Checked<DeleteStatement<T, W>> {
    /// Sets what is read of each deleted row.
    pub fn returning<E>(self, selection: E) -> Checked<Returning<DeleteStatement<T, W>, E>>
    where
        E: SelectableExpression<T>,
        Returning<DeleteStatement<T, W>, E>: Query,
    {
        Checked(self.0.returning(selection))
    }
}

impl<T: QuerySource> Checked<IncompleteInsertStatement<T>> {
    /// Sets the rows that are added.
    pub fn values<R>(self, rows: R) -> Checked<InsertStatement<T, R::Values>>
    where
        R: Insertable<T>,
    {
        Checked(self.0.values(rows))
    }
}

impl<T: QuerySource, V> Checked<InsertStatement<T, V>> {
    /// Sets what is read of each added row.
    pub fn returning<E>(self, selection: E) -> Checked<Returning<InsertStatement<T, V>, E>>
    where
        Returning<InsertStatement<T, V>, E>: Query,
    {
        Checked(self.0.returning(selection))
    }
}

impl<S: LimitDsl> LimitDsl for Checked<S> {
    type Output = Checked<Limit<S>>;

    fn limit(self, rows: i64) -> Self::Output {
        Checked(self.0.limit(rows))
    }
}

impl<S: Query> Query for Checked<S> {
    type SqlType = S::SqlType;
}

impl<DB: Backend, S: QueryFragment<DB>> QueryFragment<DB> for Checked<S> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl<S, Conn> RunQueryDsl<Conn> for Checked<S> {}

impl<P: Expression> Expression for Parenthesized<P> {
    type SqlType = P::SqlType;
}

impl<QS, P: AppearsOnTable<QS>> AppearsOnTable<QS> for Parenthesized<P> {}

impl<GB, P: ValidGrouping<GB>> ValidGrouping<GB> for Parenthesized<P> {
    type IsAggregate = P::IsAggregate;
}

impl<DB: Backend, P: QueryFragment<DB>> QueryFragment<DB> for Parenthesized<P> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// Whether an expression is among the results of a query: [`Checked::contains`].
#[derive(Clone, Copy, Debug, QueryId)]
pub struct IsAmong<E, S> {
    expression: E,
    query: S,
}

impl<E, S> Expression for IsAmong<E, S> {
    type SqlType = Bool;
}

impl<QS, E: AppearsOnTable<QS>, S> AppearsOnTable<QS> for IsAmong<E, S> {}

impl<QS, E: SelectableExpression<QS>, S> SelectableExpression<QS> for IsAmong<E, S> {}

impl<GB, E: ValidGrouping<GB>, S> ValidGrouping<GB> for IsAmong<E, S> {
    type IsAggregate = E::IsAggregate;
}

impl<DB: Backend, E: QueryFragment<DB>, S: QueryFragment<DB>> QueryFragment<DB> for IsAmong<E, S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.expression.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

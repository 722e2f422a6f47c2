//! The filters for grants in a join table: of any query, and of one ordered page.

use diesel::backend::Backend;
use diesel::dsl::{Filter, Order};
use diesel::expression::expression_types::NotSelectable;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::query_dsl::methods::{FilterDsl, OrderDsl};
use diesel::query_source::Column;
use diesel::result::QueryResult;
use diesel::sql_types::Bool;
use storage_hub_core::acl::Subject;

use crate::held::Held;
use crate::{Direction, GrantIndex, Page};

/// The ACL's filter for tables whose rows have their grants in a join table.
pub trait CheckAclBy: Sized {
    /// Keeps the rows that the subject may see: those with a row in the join table whose grant it holds.
    ///
    /// `id` is the expression that the resource column of the join table refers to. Composes with any other filter,
    /// order, limit and join. Use it for one row, or where another filter leaves few rows; for an ordered list of a
    /// large table use [`check_acl_page`](Self::check_acl_page).
    fn check_acl_by<Id, R, G, O>(
        self,
        id: Id,
        index: GrantIndex<R, G, O>,
        subject: &Subject,
    ) -> Filter<Self, MeetsBy<Id, R, G, O>>
    where
        R: Column,
        Id: Expression<SqlType = R::SqlType>,
        Self: FilterDsl<MeetsBy<Id, R, G, O>>,
    {
        self.filter(MeetsBy { id, index, held: Held::by(subject) })
    }

    /// Keeps one ordered page of the rows that the subject may see: at most `page` rows, each read from the index.
    ///
    /// For each grant of the subject, reads the next rows of that grant from the index `(grant, order key, resource)`,
    /// and merges these lists. So the cost of a page does not depend on the size of the table or on the share of rows
    /// that the subject may see. `key` and `id` are the row's own order key and id, which the join table copies. A
    /// filter that is added to the result removes rows from the page and does not fill it up again.
    #[expect(clippy::type_complexity, reason = "a query is its type, and an alias would not be simpler")]
    fn check_acl_page<Key, Id, R, G, O, K, I>(
        self,
        (key, id): (Key, Id),
        index: GrantIndex<R, G, O>,
        subject: &Subject,
        page: Page<K, I>,
    ) -> Order<Filter<Self, InPage<Id, R, G, O, K, I>>, PageOrder<Key, Id>>
    where
        R: Column,
        O: Column,
        Id: Expression<SqlType = R::SqlType> + Clone,
        Key: Expression<SqlType = O::SqlType>,
        Self: FilterDsl<InPage<Id, R, G, O, K, I>>,
        Filter<Self, InPage<Id, R, G, O, K, I>>: OrderDsl<PageOrder<Key, Id>>,
    {
        let order = PageOrder { key, id: id.clone(), direction: page.direction };
        self.filter(InPage { id, index, page, held: Held::by(subject) }).order(order)
    }
}

impl<Query> CheckAclBy for Query {}

/// The condition of [`CheckAclBy::check_acl_by`]: the join table has a row with a held grant.
pub struct MeetsBy<Id, R: Column, G, O> {
    pub(crate) id: Id,
    pub(crate) index: GrantIndex<R, G, O>,
    pub(crate) held: Held,
}

/// The condition of [`CheckAclBy::check_acl_page`]: the row is on the page.
pub struct InPage<Id, R: Column, G, O, K, I> {
    pub(crate) id: Id,
    pub(crate) index: GrantIndex<R, G, O>,
    pub(crate) page: Page<K, I>,
    pub(crate) held: Held,
}

/// The order of a page: by order key, then by id.
#[derive(Clone, Copy, Debug)]
pub struct PageOrder<Key, Id> {
    key: Key,
    id: Id,
    direction: Direction,
}

impl<DB, Key, Id> QueryFragment<DB> for PageOrder<Key, Id>
where
    DB: Backend,
    Key: QueryFragment<DB>,
    Id: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.key.walk_ast(out.reborrow())?;
        out.push_sql(self.direction.word());
        out.push_sql(", ");
        self.id.walk_ast(out.reborrow())?;
        out.push_sql(self.direction.word());
        Ok(())
    }
}

macro_rules! expression {
    ($name:ident<$($parameter:ident),+> where $column:ident: $bound:ident is $sql_type:ty; appears by $($by:ident),+) => {
        impl<$($parameter),+> Expression for $name<$($parameter),+> where $column: $bound {
            type SqlType = $sql_type;
        }
        impl<QS, $($parameter),+> AppearsOnTable<QS> for $name<$($parameter),+>
        where $column: $bound, $($by: AppearsOnTable<QS>),+ {}
        impl<QS, $($parameter),+> SelectableExpression<QS> for $name<$($parameter),+>
        where $column: $bound, $($by: SelectableExpression<QS>),+ {}
        impl<GB, $($parameter),+> ValidGrouping<GB> for $name<$($parameter),+> where $column: $bound {
            type IsAggregate = is_aggregate::No;
        }
        // The text depends on values: the presence of a cursor, the direction, and the number of rows.
        impl<$($parameter),+> QueryId for $name<$($parameter),+> where $column: $bound {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}

expression!(MeetsBy<Id, R, G, O> where R: Column is Bool; appears by Id);
expression!(InPage<Id, R, G, O, K, I> where R: Column is Bool; appears by Id);
expression!(PageOrder<Key, Id> where Id: Expression is NotSelectable; appears by Key, Id);

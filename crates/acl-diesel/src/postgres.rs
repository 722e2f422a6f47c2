//! The join table's filter in PostgreSQL's SQL.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::query_source::Column;
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, HasSqlType, Text};

use crate::{InPage, MeetsBy};

impl<Id, R, G, O> QueryFragment<Pg> for MeetsBy<Id, R, G, O>
where
    Id: QueryFragment<Pg>,
    R: Column,
    R::Table: QueryFragment<Pg>,
    G: Column,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("EXISTS (SELECT 1 FROM ");
        self.index.table.walk_ast(out.reborrow())?;
        out.push_sql(" AS acl_grants WHERE acl_grants.");
        out.push_identifier(R::NAME)?;
        out.push_sql(" = ");
        self.id.walk_ast(out.reborrow())?;
        out.push_sql(" AND acl_grants.");
        out.push_identifier(G::NAME)?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<Text>, _>(&self.held.words)?;
        out.push_sql("))");
        Ok(())
    }
}

/// Reads the next rows of each grant from the index, then the first rows of all of these.
///
/// `= ANY(ARRAY(…))` rather than `IN` makes PostgreSQL compute the page first, regardless of its estimated size, and
/// then find the rows by their key.
impl<Id, R, G, O, K, I> QueryFragment<Pg> for InPage<Id, R, G, O, K, I>
where
    Id: QueryFragment<Pg>,
    R: Column,
    R::Table: QueryFragment<Pg>,
    G: Column,
    O: Column,
    K: ToSql<O::SqlType, Pg>,
    I: ToSql<R::SqlType, Pg>,
    Pg: HasSqlType<O::SqlType> + HasSqlType<R::SqlType>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let direction = self.page.direction;
        // A literal, because the planner would not know a bound number.
        let limit = format!(" LIMIT {}", self.page.rows);
        self.id.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(ARRAY(SELECT acl_page.id FROM (SELECT DISTINCT acl_next.key, acl_next.id FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.held.words)?;
        out.push_sql(") AS acl_held (word) CROSS JOIN LATERAL (SELECT acl_grants.");
        out.push_identifier(O::NAME)?;
        out.push_sql(" AS key, acl_grants.");
        out.push_identifier(R::NAME)?;
        out.push_sql(" AS id FROM ");
        self.index.table.walk_ast(out.reborrow())?;
        out.push_sql(" AS acl_grants WHERE acl_grants.");
        out.push_identifier(G::NAME)?;
        out.push_sql(" = acl_held.word");
        if let Some((key, id)) = &self.page.after {
            out.push_sql(" AND (acl_grants.");
            out.push_identifier(O::NAME)?;
            out.push_sql(", acl_grants.");
            out.push_identifier(R::NAME)?;
            out.push_sql(")");
            out.push_sql(direction.beyond());
            out.push_sql("(");
            out.push_bind_param::<O::SqlType, K>(key)?;
            out.push_sql(", ");
            out.push_bind_param::<R::SqlType, I>(id)?;
            out.push_sql(")");
        }
        out.push_sql(" ORDER BY acl_grants.");
        out.push_identifier(O::NAME)?;
        out.push_sql(direction.word());
        out.push_sql(", acl_grants.");
        out.push_identifier(R::NAME)?;
        out.push_sql(direction.word());
        out.push_sql(&limit);
        out.push_sql(") AS acl_next ORDER BY acl_next.key");
        out.push_sql(direction.word());
        out.push_sql(", acl_next.id");
        out.push_sql(direction.word());
        out.push_sql(&limit);
        out.push_sql(") AS acl_page))");
        Ok(())
    }
}

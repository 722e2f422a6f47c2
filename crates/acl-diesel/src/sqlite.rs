//! The join table's filter in SQLite's SQL.

use diesel::query_builder::{AstPass, QueryFragment};
use diesel::query_source::Column;
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Text};
use diesel::sqlite::Sqlite;

use crate::{InPage, MeetsBy};

impl<Id, R, G, O> QueryFragment<Sqlite> for MeetsBy<Id, R, G, O>
where
    Id: QueryFragment<Sqlite>,
    R: Column,
    R::Table: QueryFragment<Sqlite>,
    G: Column,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("EXISTS (SELECT 1 FROM ");
        self.index.table.walk_ast(out.reborrow())?;
        out.push_sql(" AS acl_grants WHERE acl_grants.");
        out.push_identifier(R::NAME)?;
        out.push_sql(" = ");
        self.id.walk_ast(out.reborrow())?;
        out.push_sql(" AND acl_grants.");
        out.push_identifier(G::NAME)?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.held.json)?;
        out.push_sql(")))");
        Ok(())
    }
}

/// Merges the ordered lists of the grants by a recursive query. Its ordered queue holds the next row of each grant; a
/// row that leaves the queue adds the row after it. So no more rows are read than leave the queue.
impl<Id, R, G, O, K, I> QueryFragment<Sqlite> for InPage<Id, R, G, O, K, I>
where
    Id: QueryFragment<Sqlite>,
    R: Column,
    R::Table: QueryFragment<Sqlite>,
    G: Column,
    O: Column,
    K: ToSql<O::SqlType, Sqlite>,
    I: ToSql<R::SqlType, Sqlite>,
    Sqlite: HasSqlType<O::SqlType> + HasSqlType<R::SqlType>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let direction = self.page.direction.word();
        self.id.walk_ast(out.reborrow())?;
        out.push_sql(" IN (WITH RECURSIVE acl_merge (word, key, id) AS NOT MATERIALIZED (");
        self.next_row("acl_held.value", out.reborrow())?;
        out.push_sql(" FROM json_each(");
        out.push_bind_param::<Text, _>(&self.held.json)?;
        out.push_sql(") AS acl_held");
        self.found_row("acl_held.value", out.reborrow())?;
        if let Some((key, id)) = &self.page.after {
            self.beyond(out.reborrow())?;
            out.push_bind_param::<O::SqlType, K>(key)?;
            out.push_sql(", ");
            out.push_bind_param::<R::SqlType, I>(id)?;
            out.push_sql(")");
        }
        self.nearest(out.reborrow())?;
        // Not UNION ALL: in a table whose key is not unique, a duplicate would add each row after it twice.
        out.push_sql(" UNION ");
        self.next_row("acl_merge.word", out.reborrow())?;
        out.push_sql(" FROM acl_merge");
        self.found_row("acl_merge.word", out.reborrow())?;
        self.beyond(out.reborrow())?;
        out.push_sql("acl_merge.key, acl_merge.id)");
        self.nearest(out.reborrow())?;
        out.push_sql(&format!(
            " ORDER BY 2{direction}, 3{direction}) SELECT DISTINCT id FROM acl_merge LIMIT {})",
            self.page.rows
        ));
        Ok(())
    }
}

impl<Id, R: Column, G: Column, O: Column, K, I> InPage<Id, R, G, O, K, I> {
    fn next_row(&self, word: &str, mut out: AstPass<'_, '_, Sqlite>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        out.push_sql(word);
        out.push_sql(", acl_grants.");
        out.push_identifier(O::NAME)?;
        out.push_sql(", acl_grants.");
        out.push_identifier(R::NAME)
    }

    /// The row of the grant's list that a subquery, left open here, selects.
    fn found_row<'b>(&'b self, word: &str, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()>
    where
        R::Table: QueryFragment<Sqlite>,
    {
        out.push_sql(" CROSS JOIN ");
        self.index.table.walk_ast(out.reborrow())?;
        out.push_sql(" AS acl_grants WHERE acl_grants.");
        out.push_identifier(G::NAME)?;
        out.push_sql(" = ");
        out.push_sql(word);
        out.push_sql(" AND (acl_grants.");
        out.push_identifier(O::NAME)?;
        out.push_sql(", acl_grants.");
        out.push_identifier(R::NAME)?;
        out.push_sql(") = (SELECT acl_list.");
        out.push_identifier(O::NAME)?;
        out.push_sql(", acl_list.");
        out.push_identifier(R::NAME)?;
        out.push_sql(" FROM ");
        self.index.table.walk_ast(out.reborrow())?;
        out.push_sql(" AS acl_list WHERE acl_list.");
        out.push_identifier(G::NAME)?;
        out.push_sql(" = ");
        out.push_sql(word);
        Ok(())
    }

    fn beyond(&self, mut out: AstPass<'_, '_, Sqlite>) -> QueryResult<()> {
        out.push_sql(" AND (acl_list.");
        out.push_identifier(O::NAME)?;
        out.push_sql(", acl_list.");
        out.push_identifier(R::NAME)?;
        out.push_sql(")");
        out.push_sql(self.page.direction.beyond());
        out.push_sql("(");
        Ok(())
    }

    fn nearest(&self, mut out: AstPass<'_, '_, Sqlite>) -> QueryResult<()> {
        let direction = self.page.direction.word();
        out.push_sql(" ORDER BY acl_list.");
        out.push_identifier(O::NAME)?;
        out.push_sql(direction);
        out.push_sql(", acl_list.");
        out.push_identifier(R::NAME)?;
        out.push_sql(direction);
        out.push_sql(" LIMIT 1)");
        Ok(())
    }
}

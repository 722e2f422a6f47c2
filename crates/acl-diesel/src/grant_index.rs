use diesel::associations::HasTable;
use diesel::query_source::Column;
use diesel::sql_types::{SqlType, Text, is_nullable};

/// A join table of grants, by its columns: the resource, the grant, and a copy of the order key of lists.
///
/// It has one row per grant of a resource. `(resource, grant)` is its primary key, and pages are read from `CREATE
/// INDEX … (grant, order key, resource)`. No column may be nullable.
pub struct GrantIndex<Resource, Grant, Order>
where
    Resource: Column,
{
    pub(crate) table: Resource::Table,
    _columns: (Resource, Grant, Order),
}

impl<Resource, Grant, Order> Copy for GrantIndex<Resource, Grant, Order>
where
    Resource: Column + Copy,
    Resource::Table: Copy,
    Grant: Copy,
    Order: Copy,
{
}

impl<Resource, Grant, Order> Clone for GrantIndex<Resource, Grant, Order>
where
    Self: Copy,
    Resource: Column,
{
    fn clone(&self) -> Self {
        *self
    }
}

impl<Resource, Grant, Order> GrantIndex<Resource, Grant, Order>
where
    Resource: Column,
    Resource::Table: HasTable<Table = Resource::Table>,
    Resource::SqlType: SqlType<IsNull = is_nullable::NotNull>,
    Grant: Column<Table = Resource::Table, SqlType = Text>,
    Order: Column<Table = Resource::Table>,
    Order::SqlType: SqlType<IsNull = is_nullable::NotNull>,
{
    /// Names the columns, which must be of one table.
    pub fn new(resource: Resource, grant: Grant, order: Order) -> Self {
        Self { table: Resource::Table::table(), _columns: (resource, grant, order) }
    }
}

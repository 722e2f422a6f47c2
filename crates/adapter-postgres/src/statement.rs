//! Statements of fixed text with typed binds and columns, and what can be run on a connection.

use diesel::QueryResult;
use diesel_async::methods::{ExecuteDsl, LoadQuery};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures::FutureExt as _;
use futures::future::BoxFuture;

/// A statement that returns rows. It can be sent while the connection still waits for answers to others.
pub(crate) trait Rows<R>: Clone + Send + Sync + 'static {
    fn load_on<'c>(&self, connection: &'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<Vec<R>>>;
}

impl<S, R: Send + 'static> Rows<R> for S
where
    S: Clone + Send + Sync + for<'c> LoadQuery<'static, &'c AsyncPgConnection, R> + 'static,
{
    fn load_on<'c>(&self, mut connection: &'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<Vec<R>>> {
        let statement = self.clone();
        async move { statement.load(&mut connection).await }.boxed()
    }
}

/// A statement that changes rows and returns their number.
pub(crate) trait Changes: Clone + Send + Sync + 'static {
    fn execute_on<'c>(&self, connection: &'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<usize>>;
}

impl<S> Changes for S
where
    S: Clone + Send + Sync + for<'c> ExecuteDsl<&'c AsyncPgConnection> + 'static,
{
    fn execute_on<'c>(&self, mut connection: &'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<usize>> {
        let statement = self.clone();
        async move { statement.execute(&mut connection).await }.boxed()
    }
}

/// Work on a connection that may be repeated on another one when the first was gone.
pub(crate) trait Work<T>:
    for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync
{
}

impl<T, F: for<'c> Fn(&'c AsyncPgConnection) -> BoxFuture<'c, QueryResult<T>> + Send + Sync> Work<T> for F {}

/// Declares statements of fixed text with typed binds and columns. `?` stands for each bind in turn.
///
/// Each connection prepares a statement once. (Diesel's own `sql_query` prepares for every call.)
macro_rules! statements {
    ($($(#[$attribute:meta])* $name:ident { $($bind:ident: $rust:ty as $sql:ty),* $(,)? } -> $columns:ty = $text:expr;)+) => {
        $(
            $(#[$attribute])*
            #[derive(Clone)]
            pub(crate) struct $name {
                $(pub(crate) $bind: $rust,)*
            }

            impl diesel::query_builder::QueryFragment<diesel::pg::Pg> for $name {
                fn walk_ast<'b>(
                    &'b self,
                    mut out: diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>,
                ) -> diesel::QueryResult<()> {
                    let mut pieces = $text.split('?');
                    out.push_sql(pieces.next().unwrap_or_default());
                    $(
                        out.push_bind_param::<$sql, _>(&self.$bind)?;
                        out.push_sql(pieces.next().unwrap_or_default());
                    )*
                    debug_assert!(pieces.next().is_none(), concat!(stringify!($name), " has a bind too few"));
                    Ok(())
                }
            }

            impl diesel::query_builder::QueryId for $name {
                type QueryId = Self;
                const HAS_STATIC_QUERY_ID: bool = true;
            }

            impl diesel::query_builder::Query for $name {
                type SqlType = $columns;
            }
        )+
    };
}

pub(crate) use statements;

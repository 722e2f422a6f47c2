/// Declares statements of fixed text with typed binds and columns; each `?` stands for one bind, in order.
///
/// A connection prepares each of them once. (What Diesel builds of `sql_query`, `sql` or lists is prepared for every
/// call.)
///
/// ```
/// storage_hub_sqlite_pool::statements! {
///     /// The names of the buckets of an owner.
///     NamesOf { owner: i64 as diesel::sql_types::BigInt } -> diesel::sql_types::Text
///         = "SELECT name FROM buckets WHERE owner = ?";
/// }
/// ```
#[macro_export]
macro_rules! statements {
    ($($(#[$attribute:meta])* $name:ident { $($bind:ident: $rust:ty as $sql:ty),* $(,)? } -> $columns:ty = $text:expr;)+) => {
        $(
            $(#[$attribute])*
            pub(crate) struct $name {
                $(pub(crate) $bind: $rust,)*
            }

            impl ::diesel::query_builder::QueryFragment<::diesel::sqlite::Sqlite> for $name {
                fn walk_ast<'b>(
                    &'b self,
                    mut out: ::diesel::query_builder::AstPass<'_, 'b, ::diesel::sqlite::Sqlite>,
                ) -> ::diesel::QueryResult<()> {
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

            impl ::diesel::query_builder::QueryId for $name {
                type QueryId = Self;
                const HAS_STATIC_QUERY_ID: bool = true;
            }

            impl ::diesel::query_builder::Query for $name {
                type SqlType = $columns;
            }

            impl ::diesel::RunQueryDsl<::diesel::SqliteConnection> for $name {}
        )+
    };
}

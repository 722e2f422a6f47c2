use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::buckets;
use utoipa::ToSchema;

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, InputError, errors, read_errors, session_errors};
use crate::page_query::PageQuery;
use crate::responses::{Bucket, ok};
use crate::schemas;

/// The caller's buckets
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListBucketsAnswer {
    /// Ordered by name
    data: Vec<Bucket>,
    /// Absent if no `limit` was given and there are no more buckets
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schemas::next_cursor, required = false)]
    next_cursor: Option<Option<String>>,
}

errors!(Errors: session_errors(), [InputError::Repeated("limit")], read_errors());

/// List the caller's buckets
///
/// Ordered by name, in pages: `nextCursor` is the `cursor` of the next page, or null on the last one. Without `limit` a
/// page has at most 10,000 buckets, and `nextCursor` only if there are more.
#[utoipa::path(
    get,
    path = "/api/buckets",
    tag = "buckets",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "The buckets", body = ListBucketsAnswer), Errors)
)]
pub(crate) async fn list_buckets(
    state: web::Data<AppState>,
    caller: Authenticated,
    query: PageQuery,
) -> Result<HttpResponse, ApiError> {
    let page = state.read(buckets::list_buckets(state.ports(), &caller.0.into(), &query.0)).await?;
    let data = page.items.iter().map(Bucket::from).collect();
    let next = page.next.map(|next| next.to_string());
    let next_cursor = (query.0.limit.is_some() || next.is_some()).then_some(next);
    Ok(ok(ListBucketsAnswer { data, next_cursor }))
}

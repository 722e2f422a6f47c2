use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::buckets;
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::answers::BucketData;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, InputError, documented, no_session, reading};
use crate::page_query::PageQuery;
use crate::schemas::{self, Yes};

/// The buckets of who asks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListBucketsResponse {
    #[schema(inline)]
    success: Yes,
    /// In the order of their names.
    data: Vec<BucketData>,
    /// Where the next page begins, null on the last page; there only when a `limit` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schemas::next_cursor, required = false)]
    next_cursor: Option<Option<String>>,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let own = [InputError::Repeated("limit").into()];
        documented(no_session().into_iter().chain(own).chain(reading()))
    }
}

/// Lists the buckets of who asks, in the order of their names: all of them, or page by page.
#[utoipa::path(
    get,
    path = "/api/buckets",
    tag = "buckets",
    security(("bearer" = [])),
    params(PageQuery),
    responses((status = 200, description = "The buckets", body = ListBucketsResponse), Errors)
)]
pub(crate) async fn list_buckets(
    state: web::Data<AppState>,
    caller: Authenticated,
    query: PageQuery,
) -> Result<HttpResponse, ApiError> {
    let page = state.read(buckets::list_buckets(state.ports(), &caller.0.into(), &query.0)).await?;
    let data = page.items.iter().map(BucketData::from).collect();
    let next_cursor = query.0.limit.map(|_| page.next.map(|next| next.to_string()));
    Ok(HttpResponse::Ok().json(ListBucketsResponse { success: Yes, data, next_cursor }))
}

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::buckets::{self, BucketError};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::answers::BucketData;
use crate::authenticated::Authenticated;
use crate::bucket_path::BucketPath;
use crate::error::{ApiError, bad_name, documented, no_session, reading};
use crate::schemas::Yes;

/// A bucket.
#[derive(Serialize, ToSchema)]
pub(crate) struct GetBucketResponse {
    #[schema(inline)]
    success: Yes,
    data: BucketData,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let own = [BucketError::NotFound.into()];
        documented(bad_name().into_iter().chain(no_session()).chain(own).chain(reading()))
    }
}

/// A bucket that who asks may read.
#[utoipa::path(
    get,
    path = "/api/buckets/{name}",
    tag = "buckets",
    security(("bearer" = [])),
    params(BucketPath),
    responses((status = 200, description = "The bucket", body = GetBucketResponse), Errors)
)]
pub(crate) async fn get_bucket(
    state: web::Data<AppState>,
    caller: Authenticated,
    path: BucketPath,
) -> Result<HttpResponse, ApiError> {
    let bucket = state.read(buckets::get_bucket(state.ports(), &caller.0.into(), &path.0)).await?;
    Ok(HttpResponse::Ok().json(GetBucketResponse { success: Yes, data: (&bucket).into() }))
}

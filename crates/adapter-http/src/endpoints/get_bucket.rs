use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::buckets::{self, BucketError};
use utoipa::ToSchema;

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::bucket_path::BucketPath;
use crate::error::{ApiError, errors, path_errors, read_errors, session_errors};
use crate::responses::{Bucket, ok};

/// A bucket
#[derive(Serialize, ToSchema)]
pub(crate) struct GetBucketAnswer {
    data: Bucket,
}

errors!(Errors: path_errors(), session_errors(), [BucketError::NotFound], read_errors());

/// Get a bucket
///
/// A bucket that the caller may not read is answered like one that does not exist.
#[utoipa::path(
    get,
    path = "/api/buckets/{name}",
    tag = "buckets",
    security(("bearer" = [])),
    params(BucketPath),
    responses((status = 200, description = "The bucket", body = GetBucketAnswer), Errors)
)]
pub(crate) async fn get_bucket(
    state: web::Data<AppState>,
    caller: Authenticated,
    path: BucketPath,
) -> Result<HttpResponse, ApiError> {
    let bucket = state.read(buckets::get_bucket(state.ports(), &caller.0.into(), &path.0)).await?;
    Ok(ok(GetBucketAnswer { data: (&bucket).into() }))
}

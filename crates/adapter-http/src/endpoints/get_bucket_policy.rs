use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use storage_hub_core::use_cases::buckets::{self, BucketError};
use utoipa::ToSchema;

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::bucket_path::BucketPath;
use crate::error::{ApiError, errors, path_errors, read_errors, session_errors};
use crate::responses::ok;
use crate::schemas;

/// The policy of a bucket
#[derive(Serialize, ToSchema)]
pub(crate) struct GetBucketPolicyAnswer<'a> {
    #[schema(example = "my-bucket")]
    bucket: &'a str,
    #[schema(schema_with = schemas::policy)]
    policy: &'a Value,
}

errors!(Errors: path_errors(), session_errors(), [BucketError::Forbidden, BucketError::NotFound], read_errors());

/// Get the policy of a bucket
///
/// Only the owner and administrators can read it. The policy is derived from the access entries of the bucket.
#[utoipa::path(
    get,
    path = "/api/buckets/{name}/policy",
    tag = "buckets",
    security(("bearer" = [])),
    params(BucketPath),
    responses((status = 200, description = "The policy", body = GetBucketPolicyAnswer<'_>), Errors)
)]
pub(crate) async fn get_bucket_policy(
    state: web::Data<AppState>,
    caller: Authenticated,
    path: BucketPath,
) -> Result<HttpResponse, ApiError> {
    let policy = state.read(buckets::get_bucket_policy(state.ports(), &caller.0.into(), &path.0)).await?;
    Ok(ok(GetBucketPolicyAnswer { bucket: path.0.as_str(), policy: policy.json() }))
}

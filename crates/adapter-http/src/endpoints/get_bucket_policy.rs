use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use storage_hub_core::use_cases::buckets::{self, BucketError};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::bucket_path::BucketPath;
use crate::error::{ApiError, bad_name, documented, no_session, reading};
use crate::schemas::Yes;

/// A bucket's policy.
#[derive(Serialize, ToSchema)]
pub(crate) struct GetBucketPolicyResponse<'a> {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "my-bucket")]
    bucket: &'a str,
    /// In the grammar of IAM.
    #[schema(value_type = Object)]
    policy: &'a Value,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let own = [BucketError::Forbidden.into(), BucketError::NotFound.into()];
        documented(bad_name().into_iter().chain(no_session()).chain(own).chain(reading()))
    }
}

/// The policy of a bucket, for its owner and the admins.
#[utoipa::path(
    get,
    path = "/api/buckets/{name}/policy",
    tag = "buckets",
    security(("bearer" = [])),
    params(BucketPath),
    responses((status = 200, description = "The policy", body = GetBucketPolicyResponse<'_>), Errors)
)]
pub(crate) async fn get_bucket_policy(
    state: web::Data<AppState>,
    caller: Authenticated,
    path: BucketPath,
) -> Result<HttpResponse, ApiError> {
    let policy = state.read(buckets::get_bucket_policy(state.ports(), &caller.0.into(), &path.0)).await?;
    let body = GetBucketPolicyResponse { success: Yes, bucket: path.0.as_str(), policy: policy.json() };
    Ok(HttpResponse::Ok().json(body))
}
